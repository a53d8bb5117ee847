"""Delimited text: CSV, TSV, and Annif's headerless TSV corpora."""

import csv
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

from scixtag.corpus.fields import ANY_FIELDS, Fields, choose_columns
from scixtag.corpus.readers.cells import URI_LIST, record_of
from scixtag.corpus.readers.lines import read_lines
from scixtag.corpus.record import Record
from scixtag.errors import InputError

# The csv module refuses cells over 128 kB unless told otherwise, for the whole process.
_LONGEST_CELL = 2**31 - 1


def read_csv(path: Path, wanted: Fields) -> Iterator[Record]:
    """Stream a comma-separated file with a header.

    Raises:
        InputError: As `_read_table`.
    """
    yield from _read_table(path, wanted, read_lines(path), ",")


def read_tsv(path: Path, wanted: Fields) -> Iterator[Record]:
    """Stream a tab-separated file with a header, or an Annif corpus: `text<TAB><uri> <uri>` without one.

    Raises:
        InputError: As `_read_table`.
    """
    lines = read_lines(path)
    first = next(lines, "")
    whole = chain([first], lines) if first else lines
    if wanted == ANY_FIELDS and URI_LIST.fullmatch(first.partition("\t")[2]):
        yield from _read_annif(path, whole)
    else:
        yield from _read_table(path, wanted, whole, "\t")


def _read_annif(path: Path, lines: Iterable[str]) -> Iterator[Record]:
    """The text is the title, for Annif does not say where a title would end."""
    for row, line in enumerate(lines, 1):
        text, _, uris = line.partition("\t")
        if line.strip():
            yield record_of(path.name, row, (None, text, None, uris))


def _read_table(path: Path, wanted: Fields, lines: Iterable[str], delimiter: str) -> Iterator[Record]:
    """Stream the rows under a header, counted from 1; empty ones are skipped, missing trailing cells are empty.

    Raises:
        InputError: No header, a column is missing, a row has more cells than the header, or quotes do not match.
    """
    rows = _rows(path, lines, delimiter)
    header = [name.strip() for name in next(rows, (0, []))[1]]
    if not header:
        raise InputError(f"{path}: the file is empty; a header with the names of the columns was expected")
    columns = choose_columns(header, wanted, str(path))
    places = [None if name is None else header.index(name) for name in columns.names()]
    for row, (line, cells) in enumerate(rows, 1):
        if any(cells[len(header) :]):
            raise InputError(
                f"{path} row {row} (line {line}): {len(cells)} cells under a header of {len(header)}; "
                "quote cells that hold the delimiter"
            )
        identifier, title, abstract, labels = (
            cells[place] if place is not None and place < len(cells) else None for place in places
        )
        yield record_of(path.name, row, (identifier, title, abstract, labels))


def _rows(path: Path, lines: Iterable[str], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Strictly: a quote that is never closed would silently swallow the rest of the file."""
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    begin = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, cells
            begin = reader.line_num + 1
    except csv.Error as error:
        raise InputError(
            f"{path} line {begin}: a quote is opened and not closed as it should be ({error}); "
            "put quotes around a cell that holds quotes, and double those"
        ) from error
