"""Delimited text: CSV, TSV, and Annif's headerless TSV corpora."""

from collections.abc import Iterator
from pathlib import Path

from scixtag.corpus.fields import ANY_FIELDS, Columns, Fields, choose_columns
from scixtag.corpus.readers.cells import URI_LIST, record_of
from scixtag.corpus.readers.lines import HEAVIEST, cut_lines, decoded, lines_of, opened, rows_of
from scixtag.corpus.readers.piece import Cells, Head, Piece, Place, Rejected, excerpt
from scixtag.corpus.readers.table_rows import LineFeed, table_rows
from scixtag.corpus.record import Record
from scixtag.errors import InputError

_ANNIF = Columns(None, "text", None, "subjects")


def look_csv(path: Path, wanted: Fields) -> Head:
    """Find the columns of a comma-separated file with a header.

    Raises:
        InputError: No header, a column is missing, or the file cannot be read.
    """
    return _look(path, wanted, ",")


def look_tsv(path: Path, wanted: Fields) -> Head:
    """Find those of a tab-separated file, or see that it is an Annif corpus: `text<TAB><uri> <uri>`, no header.

    Raises:
        InputError: As `look_csv`.
    """
    with opened(path) as stream:
        first, _ = next(lines_of(stream), (b"", 0))
    try:
        annif = wanted == ANY_FIELDS and URI_LIST.fullmatch(decoded(first).partition("\t")[2])
    except ValueError as error:
        raise InputError(f"{path} line 1: {error}") from error
    return Head(path, _ANNIF) if annif else _look(path, wanted, "\t")


def cut(head: Head, size: int, start: Place) -> Iterator[Piece]:
    """Pieces of `size` rows; empty rows do not count, missing trailing cells are empty.

    A row with more cells than the header is rejected, and one with a quote that is not closed.

    Raises:
        InputError: The file cannot be read.
    """
    if not head.header:
        yield from cut_lines(head, size, start)
        return
    places = [None if name is None else head.header.index(name) for name in head.names()]
    with opened(head.path) as stream:
        feed = LineFeed(stream, start.offset, start.line)
        content: list[Cells | Rejected] = []
        for row, line, cells in table_rows(feed, _delimiter(head.path), start.row):
            content.append(_chosen(row, line, cells, places, len(head.header)))
            if len(content) == size or feed.offset - start.offset >= HEAVIEST:
                end = Place(feed.offset, row + 1, feed.line)
                yield Piece(head, start, end, tuple(content))
                start, content = end, []
        if content:
            end = Place(feed.offset, start.row + len(content), feed.line)
            yield Piece(head, start, end, tuple(content))


def read(piece: Piece) -> Iterator[tuple[int, Record | Rejected]]:
    """The records of a piece."""
    if not piece.head.header:
        yield from _read_annif(piece)
        return
    for row, cells in enumerate(piece.content, piece.start.row):
        if isinstance(cells, tuple):
            try:
                yield row, record_of(piece.head.path.name, row, cells)
            except ValueError as error:
                yield row, Rejected(row, str(error), excerpt(" ".join(filter(None, cells))))
        elif isinstance(cells, Rejected):
            yield row, cells


def _read_annif(piece: Piece) -> Iterator[tuple[int, Record | Rejected]]:
    """The text is the title, for Annif does not say where a title would end."""
    labelled = piece.head.columns is not None and piece.head.columns.labels is not None
    for found in rows_of(piece):
        if isinstance(found, Rejected):
            yield found.row, found
            continue
        text, _, uris = found[1].partition("\t")
        try:
            yield found[0], record_of(piece.head.path.name, found[0], (None, text, None, uris if labelled else None))
        except ValueError as error:
            yield found[0], Rejected(found[0], str(error), excerpt(found[1]))


def _look(path: Path, wanted: Fields, delimiter: str) -> Head:
    with opened(path) as stream:
        feed = LineFeed(stream, 0, 1)
        _, _, first = next(table_rows(feed, delimiter, 0), (0, 1, []))
        start = Place(feed.offset, 1, feed.line)
    if isinstance(first, Rejected):
        raise InputError(f"{path} line {first.line}: {first.reason}")
    header = [name.strip() for name in first]
    if not header:
        raise InputError(f"{path}: the file is empty; a header with the names of the columns was expected")
    return Head(path, choose_columns(header, wanted, str(path)), tuple(header), start)


def _chosen(
    row: int, line: int, cells: list[str] | Rejected, places: list[int | None], columns: int
) -> Cells | Rejected:
    if isinstance(cells, Rejected):
        return cells
    if any(cells[columns:]):
        reason = f"{len(cells)} cells under a header of {columns}; quote cells that hold the delimiter"
        return Rejected(row, reason, excerpt(" ".join(cells)), line)
    identifier, title, abstract, labels = (
        cells[place] if place is not None and place < len(cells) else None for place in places
    )
    return identifier, title, abstract, labels


def _delimiter(path: Path) -> str:
    return "\t" if path.name.lower().removesuffix(".gz").endswith(".tsv") else ","
