"""A SOURCE, as users write it, to records."""

import re
from collections.abc import Iterator
from pathlib import Path

from scixtag.corpus.fields import ANY_FIELDS, Fields
from scixtag.corpus.readers.paths import read_files, read_path, usable_files
from scixtag.corpus.record import Record
from scixtag.corpus.sample import PAPERS, check_part, is_sample, read_sample
from scixtag.errors import InputError

_DATASET = re.compile(r"hf:(?P<name>[\w.-]+/[\w.-]+)(?:@(?P<revision>[^:@\s]+))?(?::(?P<split>[\w.-]+))?")


def read_records(source: str | Path, fields: Fields = ANY_FIELDS) -> Iterator[Record]:
    """Stream the papers of a source, in its order.

    Args:
        source: `sample`, `sample:train` or `sample:test` for the embedded corpus; `hf:OWNER/NAME[@REVISION][:SPLIT]`
            for a dataset on the Hugging Face hub; else a file or a folder (`./sample` for one of that name).
        fields: Columns with unusual names.

    Raises:
        InputError: The source does not exist, cannot be read, or lacks a column; or, while it is read, a row is bad.
        RemoteError: The hub did not answer, and the dataset is not in its cache.
    """
    text = str(source)
    if is_sample(text):
        _check_columns_of_sample(text, fields)
        return read_sample(_part(text))
    if text.startswith("hf:"):
        return read_files(_dataset_files(text), fields)
    return read_path(Path(source), fields)


def files_of(source: str, fields: Fields = ANY_FIELDS) -> list[Path]:
    """The files of a source, in order; a part of the embedded corpus is one file with the other part.

    Raises:
        InputError: The source does not exist, or is of no known kind.
        RemoteError: As `read_records`.
    """
    if is_sample(source):
        _check_columns_of_sample(source, fields)
        check_part(_part(source))
        return [PAPERS]
    return _dataset_files(source) if source.startswith("hf:") else usable_files(Path(source))


def _part(source: str) -> str | None:
    return source.partition(":")[2] or None


def _check_columns_of_sample(source: str, fields: Fields) -> None:
    if fields != ANY_FIELDS:
        raise InputError(f"{source}: the embedded corpus has its own columns; leave the --…-field options out")


def _dataset_files(source: str) -> list[Path]:
    from scixtag.corpus.hub import dataset_files

    match = _DATASET.fullmatch(source)
    if match is None:
        raise InputError(f"{source}: write hf:OWNER/NAME, hf:OWNER/NAME:SPLIT or hf:OWNER/NAME@REVISION:SPLIT")
    return dataset_files(match["name"], match["revision"], match["split"])
