"""A file or a folder to records, by extension."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from scixtag import progress
from scixtag.corpus.fields import ANY_FIELDS, Fields
from scixtag.corpus.readers import delimited, jsonl, parquet
from scixtag.corpus.readers.piece import Head, Piece, Place, Rejected
from scixtag.corpus.record import Record
from scixtag.errors import InputError, nearest

_PIECE = 1024


@dataclass(frozen=True)
class Reader:
    """How files of one kind are read.

    Attributes:
        look: Finds the columns.
        cut: Goes through the file from a place on, in pieces of so many rows.
        read: Makes records of a piece, each with the number of its row.
    """

    look: Callable[[Path, Fields], Head]
    cut: Callable[[Head, int, Place], Iterator[Piece]]
    read: Callable[[Piece], Iterator[tuple[int, Record | Rejected]]]


_JSONL = Reader(jsonl.look, jsonl.cut, jsonl.read)
_TEXT = {
    ".jsonl": _JSONL,
    ".ndjson": _JSONL,
    ".csv": Reader(delimited.look_csv, delimited.cut, delimited.read),
    ".tsv": Reader(delimited.look_tsv, delimited.cut, delimited.read),
}
READERS: dict[str, Reader] = {
    ".parquet": Reader(parquet.look, parquet.cut, parquet.read),
    **_TEXT,
    **{f"{end}.gz": _TEXT[end] for end in _TEXT},
}
"""What reads files with each extension."""


def reader_of(name: str) -> Reader | None:
    """What reads a file of this name, or None."""
    return next((reader for end, reader in READERS.items() if name.lower().endswith(end)), None)


def known_reader(path: Path) -> Reader:
    """What reads a file.

    Raises:
        InputError: Nothing does.
    """
    reader = reader_of(path.name)
    if reader is None:
        raise InputError(f"{path}: the extension does not say how to read it; known: {', '.join(READERS)}")
    return reader


def read_piece(piece: Piece) -> Iterator[tuple[int, Record | Rejected]]:
    """The records of a piece, and the rows that cannot be read, in their order, with the numbers of their rows."""
    return known_reader(piece.head.path).read(piece)


def read_path(path: Path, wanted: Fields = ANY_FIELDS) -> Iterator[Record]:
    """Stream a file, or the files of a folder in the order of their names.

    What can be checked without reading is checked at once, not at the first record.

    Raises:
        InputError: There is no such file, its kind is unknown, or the folder has no file of a known kind.
    """
    return read_files(usable_files(path), wanted)


def read_files(paths: list[Path], wanted: Fields = ANY_FIELDS) -> Iterator[Record]:
    """Stream files of known kinds, one after the other; the first row that cannot be read is an error."""
    for path in paths:
        reader = known_reader(path)
        head = reader.look(path, wanted)
        if head.columns is None:
            continue
        for piece in reader.cut(head, _PIECE, head.start):
            for _, record in reader.read(piece):
                if isinstance(record, Rejected):
                    raise InputError(f"{path} {record.place}: {record.reason}")
                yield record


def usable_files(path: Path) -> list[Path]:
    """As `files_at`, and says how many files of a folder are of no use."""
    files = files_at(path)
    if path.is_dir():
        others = sum(not item.name.startswith(".") for item in path.iterdir()) - len(files)
        if others:
            progress.note(f"{path}: {others} files or folders of other kinds are ignored")
    return files


def files_at(path: Path) -> list[Path]:
    """The file, or those of the folder that can be read."""
    if path.is_dir():
        return _files_in(path)
    if not path.exists():
        raise InputError(f"{path}: no such file or folder{_similar(path)}")
    if not path.is_file():
        raise InputError(f"{path}: a pipe or a device, which cannot be read twice; write it to a file first")
    known_reader(path)
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
