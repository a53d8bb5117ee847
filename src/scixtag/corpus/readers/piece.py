"""Pieces of a file: rows that are cut off before anybody looks at what they say, so that it can be done elsewhere.

Reading has two steps. `cut` goes through a file once, in bulk, and gives pieces; `read` makes records of one piece, in
this process or another. A row that cannot be read becomes a `Rejected`, and its neighbours are read as ever.
"""

from dataclasses import dataclass, replace
from pathlib import Path

from scixtag.corpus.fields import Columns

EXCERPT = 200
"""So many characters of a row that cannot be read are shown."""

Cells = tuple[str | None, str | None, str | None, str | None]
"""Of one row of a table: id, title, abstract, labels."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a file a piece begins.

    Attributes:
        offset: Bytes of its text before it, as they are after unpacking; of a Parquet file, rows.
        row: The number of the first row, from 1.
        line: The number of its first line, from 1.
    """

    offset: int = 0
    row: int = 1
    line: int = 1


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that cannot be read.

    Attributes:
        row: Its number, from 1.
        reason: What is wrong with it, and what to do.
        excerpt: How it begins.
        line: The number of its first line, where that is not the row.
    """

    row: int
    reason: str
    excerpt: str = ""
    line: int | None = None

    @property
    def place(self) -> str:
        """For messages."""
        return f"row {self.row}" + (f" (line {self.line})" if self.line is not None else "")


@dataclass(frozen=True, slots=True)
class Head:
    """What a look at the beginning of a file told.

    Attributes:
        path: The file.
        columns: Which hold what; None for a file without rows, which is no error in JSON Lines.
        header: The names over a table, in order; empty where there are none.
        start: Where the rows begin.
    """

    path: Path
    columns: Columns | None
    header: tuple[str, ...] = ()
    start: Place = Place()

    def names(self) -> tuple[str | None, ...]:
        """The columns of id, title, abstract and labels."""
        return (None, None, None, None) if self.columns is None else self.columns.names()

    def without_labels(self) -> "Head":
        """For whom labels are of no interest, so that none can be wrong."""
        return self if self.columns is None else replace(self, columns=replace(self.columns, labels=None))


@dataclass(frozen=True, slots=True)
class Piece:
    """Rows of a file, one after the other; can be pickled.

    Attributes:
        head: Of the file.
        start: Where the rows begin.
        end: Where the next piece begins.
        content: One item a row: a line as it is, or the cells of a row, or why there is none. Of a Parquet file, a
            table in Arrow's format for streams.
    """

    head: Head
    start: Place
    end: Place
    content: tuple[bytes | Cells | Rejected, ...] | bytes


def excerpt(text: str | bytes) -> str:
    """How a row begins."""
    if isinstance(text, bytes):
        text = text[: 4 * EXCERPT].decode("utf-8", errors="replace")
    return text[:EXCERPT].strip()
