"""Cells to the parts of a record, whatever types a source uses for them."""

import ast
import math
import re
from typing import Any

from scixtag.corpus.record import Record
from scixtag.vocabulary.concept import ConceptId

URI_LIST = re.compile(r"\s*<[^<>\s]+>(?:\s+<[^<>\s]+>)*\s*")
_URI = re.compile(r"<([^<>\s]+)>")
_MADE_UP = re.compile(r".+\.(?:parquet|jsonl|ndjson|csv|tsv)(?:\.gz)?:\d+")


def record_of(source: str, row: int, cells: tuple[Any, Any, Any, Any]) -> Record:
    """Build a record from the cells of one row: id, title, abstract, labels; None for those that are missing.

    Raises:
        ValueError: A cell has a type that cannot be what its column promises.
    """
    identifier, title, abstract, labels = cells
    return Record(
        id=_identifier(identifier) or f"{source}:{row}",
        title=_text(title, "title"),
        abstract=_text(abstract, "abstract") or None,
        labels=_labels(labels),
    )


def is_made_up(identifier: str) -> bool:
    """Whether an id is the place of a paper in a file without ids: it says nothing about papers of other files."""
    return _MADE_UP.fullmatch(identifier) is not None


def _text(cell: Any, what: str) -> str:
    """A list, as the ADS returns titles, is joined by blanks."""
    if cell is None or _is_nan(cell):
        return ""
    if isinstance(cell, str):
        return cell if not cell.isspace() else ""
    if isinstance(cell, bytes):
        return cell.decode("utf-8")
    if isinstance(cell, list | tuple):
        return " ".join(part for part in (_text(item, what) for item in cell) if part)
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return str(_number(cell))
    raise ValueError(f"the {what} is {_kind(cell)}, not a text")


def _identifier(cell: Any) -> str:
    """The first of a list: DOIs and other identifiers come in lists."""
    if isinstance(cell, list | tuple):
        cell = next((item for item in cell if item is not None), None)
    return _text(cell, "id").strip()


def _labels(cell: Any) -> tuple[ConceptId, ...] | None:
    """None for nothing, which differs from an empty list."""
    if cell is None or _is_nan(cell):
        return None
    if isinstance(cell, bytes):
        cell = cell.decode("utf-8")
    if isinstance(cell, str):
        return _split(cell.strip()) if cell.strip() else None
    if isinstance(cell, list | tuple):
        labels = (_label(item) for item in cell)
        return tuple(label for label in labels if label is not None)
    label = _label(cell)
    return None if label is None else (label,)


def _split(text: str) -> tuple[ConceptId, ...]:
    """Labels that stand in one text; names may hold commas, so only numbers are separated by them."""
    if URI_LIST.fullmatch(text):
        return tuple(_URI.findall(text))
    if text[0] == "[" and text[-1] == "]":
        listed = _listed(text)
        if listed is not None:
            return _labels(listed) or ()
    parts = [part.strip() for part in re.split(r"[;|]", text)]
    if len(parts) == 1:
        numbers = [part.strip() for part in text.split(",")]
        parts = numbers if all(part.isdecimal() for part in numbers if part) else parts
    return tuple(part for part in parts if part)


def _listed(text: str) -> list[Any] | None:
    """A list that a spreadsheet or data frame wrote as text: "[594, 1319]"."""
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
    return value if isinstance(value, list) else None


def _label(cell: Any) -> ConceptId | None:
    if cell is None or _is_nan(cell):
        return None
    if isinstance(cell, bytes):
        cell = cell.decode("utf-8")
    if isinstance(cell, str):
        return cell.strip() or None
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return _number(cell)
    raise ValueError(f"a label is {_kind(cell)}, not a number or a text")


def _number(cell: float) -> int | str:
    """Data frames with gaps turn whole numbers into 594.0."""
    return int(cell) if isinstance(cell, int) or cell.is_integer() else str(cell)


def _is_nan(cell: Any) -> bool:
    return isinstance(cell, float) and math.isnan(cell)


def _kind(cell: Any) -> str:
    names = {dict: "an object", list: "a list", bool: "true or false"}
    return names.get(type(cell), f"a {type(cell).__name__}")
