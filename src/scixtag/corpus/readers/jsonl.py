"""JSON Lines."""

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from scixtag.corpus.fields import Fields, choose_columns
from scixtag.corpus.readers.cells import record_of
from scixtag.corpus.readers.lines import cut_lines, rows_of
from scixtag.corpus.readers.piece import Head, Piece, Place, Rejected, excerpt
from scixtag.corpus.record import Record
from scixtag.errors import InputError

_HEAD = 100

cut = cut_lines


def look(path: Path, wanted: Fields) -> Head:
    """Find the columns of a file.

    Objects may leave keys out, so the columns are those of the first 100 rows together: a title that none of them has
    is an error, a title that a single one lacks is an empty title.

    Raises:
        InputError: None of these is a JSON object, a column is missing, or the file cannot be read.
    """
    pieces = cut_lines(Head(path, None), _HEAD, Place())
    rows = list(islice((row for piece in pieces for row in _objects(piece)), _HEAD))
    if not rows:
        return Head(path, None)
    items = [row[2] for row in rows if not isinstance(row, Rejected)]
    if not items and isinstance(rows[0], Rejected):
        raise InputError(f"{path} {rows[0].place}: {rows[0].reason}")
    present = list(dict.fromkeys(key for item in items for key in item))
    return Head(path, choose_columns(present, wanted, str(path)))


def read(piece: Piece) -> Iterator[tuple[int, Record | Rejected]]:
    """The records of a piece, one a line; blank lines are skipped, rows count lines."""
    names = piece.head.names()
    for found in _objects(piece):
        if isinstance(found, Rejected):
            yield found.row, found
            continue
        row, line, item = found
        identifier, title, abstract, labels = (None if name is None else item.get(name) for name in names)
        try:
            yield row, record_of(piece.head.path.name, row, (identifier, title, abstract, labels))
        except ValueError as error:
            yield row, Rejected(row, str(error), excerpt(line))


def _objects(piece: Piece) -> Iterator[tuple[int, str, dict[str, Any]] | Rejected]:
    for found in rows_of(piece):
        if isinstance(found, Rejected):
            yield found
            continue
        row, line = found
        try:
            item = json.loads(line)
        except (ValueError, RecursionError) as error:
            yield Rejected(row, f"not JSON ({error}); JSON Lines has one object a line", excerpt(line))
            continue
        if isinstance(item, dict):
            yield row, line, item
        else:
            yield Rejected(row, f"a JSON object was expected, not {line.strip()[:40]}", excerpt(line))
