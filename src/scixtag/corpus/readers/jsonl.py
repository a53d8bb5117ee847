"""JSON Lines."""

import json
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Any

from scixtag.corpus.fields import Fields, choose_columns
from scixtag.corpus.readers.cells import record_of
from scixtag.corpus.readers.lines import read_lines
from scixtag.corpus.record import Record
from scixtag.errors import InputError

_HEAD = 100


def read_jsonl(path: Path, wanted: Fields) -> Iterator[Record]:
    """Stream the objects of a file, one a line; blank lines are skipped, rows count lines.

    Objects may leave keys out, so the columns are those of the first 100 objects together: a title that none of them
    has is an error, a title that a single one lacks is an empty title.

    Raises:
        InputError: A line is not a JSON object, a column is missing, or the file is not text.
    """
    objects = _objects(path)
    head = list(islice(objects, _HEAD))
    if not head:
        return
    present = list(dict.fromkeys(key for _, item in head for key in item))
    names = choose_columns(present, wanted, str(path)).names()
    for row, item in chain(head, objects):
        identifier, title, abstract, labels = (None if name is None else item.get(name) for name in names)
        yield record_of(path.name, row, (identifier, title, abstract, labels))


def _objects(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    for row, line in enumerate(read_lines(path), 1):
        if not line.strip():
            continue
        try:
            item = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise InputError(f"{path} row {row}: not JSON ({error}); JSON Lines has one object a line") from error
        if not isinstance(item, dict):
            raise InputError(f"{path} row {row}: a JSON object was expected, not {line.strip()[:40]}")
        yield row, item
