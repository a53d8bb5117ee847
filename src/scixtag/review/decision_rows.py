"""Tables of decisions as files: which file is one, and its rows."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from scixtag.corpus.fields import USUAL_NAMES
from scixtag.corpus.readers.lines import lines_of, opened
from scixtag.corpus.readers.piece import Rejected
from scixtag.corpus.readers.table_rows import LineFeed, table_rows
from scixtag.errors import InputError
from scixtag.review.texts import unseen_in

COLUMNS = ("bibcode", "name", "id", "override")

_OTHERS = (",", ";")
_REMOVED = f"remove it, the columns are {', '.join(COLUMNS)}"
_OF_PAPERS = {*USUAL_NAMES["title"], *USUAL_NAMES["abstract"]}


class Row(NamedTuple):
    """A row of a table, and where it begins."""

    where: str
    line: int
    paper: str
    name: str
    id: str
    override: str


def is_decisions(first: str) -> bool:
    """Whether the first line is one of these tables: its header, or three cells of which the last is an id."""
    cells = _cells(first, "\t")
    return _has_header(cells) or _is_row(cells)


def is_nearly(first: str) -> bool:
    """Whether the first line was meant to be one of these tables; `read_rows` says what is wrong with it."""
    return any(_is_meant(_cells(first, delimiter)) for delimiter in ("\t", *_OTHERS))


def _cells(line: str, delimiter: str) -> list[str]:
    return [cell.strip() for cell in line.rstrip("\r\n").split(delimiter)]


def _has_header(cells: Sequence[str]) -> bool:
    names = {cell.casefold() for cell in cells}
    return {"bibcode", "id"} <= names and "title" not in names and names <= set(COLUMNS)


def _is_row(cells: Sequence[str]) -> bool:
    return len(cells) == 3 and _is_id(cells[2])


def _is_id(cell: str) -> bool:
    return cell.isdecimal() or cell.startswith(("http://", "https://"))


def _is_meant(cells: Sequence[str]) -> bool:
    """A header with a paper and a concept, and without what papers have; or a row, for which three cells need none."""
    if 2 < len(cells) <= 1 + len(COLUMNS) and _is_id(cells[2]):
        return True
    names = {cell.strip('"').casefold() for cell in cells}
    return "bibcode" in names and bool(names & set(COLUMNS[1:])) and not names & _OF_PAPERS


def read_rows(path: Path) -> Iterator[Row]:
    """The lines of a table, with or without a header.

    Raises:
        InputError: It is no table of this kind.
    """
    places = {"bibcode": 0, "name": 1, "id": 2}
    _check_delimiter(path)
    with opened(path) as stream:
        for number, line, row in table_rows(LineFeed(stream, 0, 1), "\t", 1):
            if isinstance(row, Rejected):
                raise InputError(f"{path} line {line}: {row.reason}")
            cells = [cell.strip() for cell in row]
            if number == 1 and not _is_row(cells):
                cells = _without_empty_end(cells)
                _check_header(cells, f"{path} line {line}")
                places = {cell.casefold(): place for place, cell in enumerate(cells)}
                continue
            yield _row(cells, places, path, line)


def _check_delimiter(path: Path) -> None:
    with opened(path) as stream:
        first = next(lines_of(stream), (b"", 0))[0].decode("utf-8", "replace")
    other = next((one for one in _OTHERS if _is_meant(_cells(first, one))), None)
    if other is not None:
        raise InputError(
            f"{path} line 1: '{other}' stands between the cells, and tabs are expected; save the table as TSV"
        )


def _without_empty_end(cells: Sequence[str]) -> list[str]:
    """Spreadsheets like to write columns that nobody has filled."""
    return list(cells[: max((place for place, cell in enumerate(cells, 1) if cell), default=0)])


def _check_header(cells: Sequence[str], where: str) -> None:
    if len(cells) > 3 and _is_id(cells[2]):
        raise InputError(
            f"{where}: no header; only three columns can do without, so write {', '.join(COLUMNS)} over it"
        )
    names = [cell.casefold() for cell in cells]
    if strange := [cell for cell, name in zip(cells, names, strict=True) if name not in COLUMNS]:
        raise InputError(f"{where}: no column '{strange[0]}' is known here; {_REMOVED}")
    if double := [name for name in COLUMNS if names.count(name) > 1]:
        raise InputError(f"{where}: two columns are called {double[0]}; {_REMOVED}")
    if lacking := [name for name in ("bibcode", "id") if name not in names]:
        raise InputError(f"{where}: no column '{lacking[0]}'; add it, the columns are {', '.join(COLUMNS)}")


def _row(cells: Sequence[str], places: Mapping[str, int], path: Path, line: int) -> Row:
    where = f"{path} line {line}"
    if any(cells[len(places) :]):
        raise InputError(f"{where}: {len(cells)} cells; the columns are {', '.join(places)}")
    bibcode, name, identifier, override = (_cell(cells, places.get(column)) for column in COLUMNS)
    if not bibcode or not (identifier or name):
        raise InputError(f"{where}: a paper or a concept is missing; a row is bibcode, name, id and override")
    if told := unseen_in(bibcode):
        raise InputError(f"{where}: the bibcode {told}")
    if len(cells) <= places["id"]:
        raise InputError(
            f"{where}: ends before the id, which counts; add it, or leave its cell empty if the name is to count"
        )
    return Row(where, line, bibcode, name, identifier, override)


def _cell(cells: Sequence[str], place: int | None) -> str:
    return cells[place] if place is not None and place < len(cells) else ""
