"""A file or a folder to records, by extension."""

from collections.abc import Callable, Iterator
from pathlib import Path

from scixtag import progress
from scixtag.corpus.fields import ANY_FIELDS, Fields
from scixtag.corpus.readers.delimited import read_csv, read_tsv
from scixtag.corpus.readers.jsonl import read_jsonl
from scixtag.corpus.readers.parquet import read_parquet
from scixtag.corpus.record import Record
from scixtag.errors import InputError, nearest

Reader = Callable[[Path, Fields], Iterator[Record]]

_TEXT: dict[str, Reader] = {".jsonl": read_jsonl, ".ndjson": read_jsonl, ".csv": read_csv, ".tsv": read_tsv}
READERS: dict[str, Reader] = {".parquet": read_parquet, **_TEXT, **{f"{end}.gz": _TEXT[end] for end in _TEXT}}
"""What reads files with each extension."""


def reader_of(name: str) -> Reader | None:
    """What reads a file of this name, or None."""
    return next((reader for end, reader in READERS.items() if name.lower().endswith(end)), None)


def read_path(path: Path, wanted: Fields = ANY_FIELDS) -> Iterator[Record]:
    """Stream a file, or the files of a folder in the order of their names.

    What can be checked without reading is checked at once, not at the first record.

    Raises:
        InputError: There is no such file, its kind is unknown, or the folder has no file of a known kind.
    """
    files = files_at(path)
    if path.is_dir():
        others = sum(not item.name.startswith(".") for item in path.iterdir()) - len(files)
        if others:
            progress.note(f"{path}: {others} files or folders of other kinds are ignored")
    return read_files(files, wanted)


def read_files(paths: list[Path], wanted: Fields = ANY_FIELDS) -> Iterator[Record]:
    """Stream files of known kinds, one after the other."""
    for path in paths:
        reader = reader_of(path.name)
        if reader is not None:
            yield from reader(path, wanted)


def files_at(path: Path) -> list[Path]:
    """The file, or those of the folder that can be read."""
    if path.is_dir():
        return _files_in(path)
    if not path.exists():
        raise InputError(f"{path}: no such file or folder{_similar(path)}")
    if reader_of(path.name) is None:
        raise InputError(f"{path}: the extension does not say how to read it; known: {', '.join(READERS)}")
    return [path]


def _files_in(folder: Path) -> list[Path]:
    found = sorted((item for item in folder.iterdir() if not item.name.startswith(".")), key=lambda item: item.name)
    usable = [item for item in found if item.is_file() and reader_of(item.name)]
    if not usable:
        names = ", ".join(item.name for item in found[:10]) or "nothing"
        more = f" and {len(found) - 10} more" if len(found) > 10 else ""
        raise InputError(f"{folder}: no file that can be read ({', '.join(READERS)}); it holds {names}{more}")
    return usable


def _similar(path: Path) -> str:
    if not path.parent.is_dir():
        return f"; there is no folder {path.parent} either"
    names = [item.name for item in path.parent.iterdir() if item.is_dir() or reader_of(item.name)]
    return f"; {nearest(path.name, names)}" if 0 < len(names) <= 20 else "; is the path right?"
