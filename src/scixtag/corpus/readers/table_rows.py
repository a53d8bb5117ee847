"""Rows of delimited text, which goes on after a row that cannot be read."""

import csv
from collections.abc import Iterator
from typing import IO

from scixtag.corpus.readers.lines import LONGEST, decoded, lines_of
from scixtag.corpus.readers.piece import Rejected, excerpt

_CARRIAGE_RETURN = "new-line character seen"
_UNCLOSED = ("unexpected end of data", "field larger than field limit")
"""What the csv module says of a quote that swallows whatever follows."""


class LineFeed:
    """Lines for the csv module, which asks for as many as a row needs.

    Attributes:
        offset: Bytes of the text before the next line.
        line: The number of the next line.
        flaw: What is wrong with a line of the row at hand; empty if nothing.
    """

    def __init__(self, stream: IO[bytes], offset: int, line: int) -> None:
        self._lines = lines_of(stream, offset)
        self._held: list[tuple[bytes, int]] = []
        self._waiting: list[tuple[bytes, int]] = []
        self.offset, self.line, self.flaw = offset, line, ""

    def __iter__(self) -> "LineFeed":
        return self

    def __next__(self) -> str:
        line, size = self._waiting.pop() if self._waiting else next(self._lines)
        self._held.append((line, size))
        self.offset += size
        self.line += 1
        try:
            return decoded(line)
        except ValueError as error:
            self.flaw = self.flaw or str(error)
            # Quotes keep their meaning, so that the rows below are read as they are meant.
            return line.decode("utf-8", errors="replace")

    def begin_row(self) -> None:
        """The lines so far will not be asked for again."""
        self._held, self.flaw = [], ""

    def excerpt(self) -> str:
        """How the row at hand begins."""
        return excerpt(self._held[0][0]) if self._held else ""

    def reread(self) -> None:
        """Give all lines of the row at hand once more, but its first."""
        again = self._held[1:]
        self._waiting += reversed(again)
        self.offset -= sum(size for _, size in again)
        self.line -= len(again)


def table_rows(feed: LineFeed, delimiter: str, first: int) -> Iterator[tuple[int, int, list[str] | Rejected]]:
    """The rows: number, number of the first line, and cells or why there are none. Empty rows do not count.

    A quote that is not closed would silently swallow the rest of the file, so quotes are taken strictly: the row in
    which it is opened is rejected, and the next line is read as a new row.

    Args:
        feed: The lines.
        delimiter: What separates cells.
        first: The number of the first row.
    """
    # The module refuses cells over 128 kB unless told otherwise, for the whole process.
    csv.field_size_limit(LONGEST)
    reader = csv.reader(feed, delimiter=delimiter, strict=True)
    row = first
    while True:
        feed.begin_row()
        line = feed.line
        try:
            cells: list[str] | Rejected = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            reason = (
                f"a quote is opened and not closed as it should be ({error}); "
                "put quotes around a cell that holds quotes, and double those"
            )
            if str(error).startswith(_CARRIAGE_RETURN):
                reason = (
                    "a carriage return that no line feed follows; save the file with line feeds at the ends of lines"
                )
            cells = Rejected(row, feed.flaw or reason, feed.excerpt(), line)
            if str(error).startswith(_UNCLOSED):
                feed.reread()
        if feed.flaw and not isinstance(cells, Rejected):
            cells = Rejected(row, feed.flaw, feed.excerpt(), line)
        if isinstance(cells, Rejected) or any(cell.strip() for cell in cells):
            yield row, line, cells
            row += 1
