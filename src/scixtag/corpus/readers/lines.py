"""Lines of text, from plain and gzipped files."""

import codecs
import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO, cast

from scixtag.corpus.readers.piece import EXCERPT, Head, Piece, Place, Rejected, excerpt
from scixtag.errors import InputError

LONGEST = 1 << 24
"""A line of more bytes is rejected, and never held in memory."""
HEAVIEST = 1 << 25
"""A piece takes no more lines once it has so many bytes, whatever number was asked for."""

_SKIPPED_AT_ONCE = 1 << 20


class Cut(bytes):
    """The beginning of a line that is longer than `LONGEST`."""


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """The bytes of a file, unpacked if it is gzipped.

    Raises:
        InputError: The file cannot be read, or is cut short.
    """
    opener = gzip.open if path.name.lower().endswith(".gz") else open
    try:
        with cast("IO[bytes]", opener(path, "rb")) as stream:
            yield stream
    except EOFError as error:
        raise InputError(f"{path}: the file is cut short; copy or download it again") from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise InputError(f"{path}: not a readable gzip file ({error}); copy it again or drop the .gz") from error
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error})") from error


def lines_of(stream: IO[bytes], offset: int = 0) -> Iterator[tuple[bytes, int]]:
    """The lines from an offset on, with their ends, without a byte order mark; and how many bytes each takes.

    Of a line longer than `LONGEST`, its beginning comes as a `Cut`.
    """
    if offset:
        stream.seek(offset)
    while line := stream.readline(LONGEST + 1):
        size = len(line)
        if size > LONGEST:
            line = Cut(line[: 4 * EXCERPT])
            ended = False
            while not ended and (rest := stream.readline(_SKIPPED_AT_ONCE)):
                size += len(rest)
                ended = rest.endswith(b"\n")
        elif offset == 0:
            line = line.removeprefix(codecs.BOM_UTF8)
        yield line, size
        offset += size


def decoded(line: bytes) -> str:
    """The text of a line.

    Raises:
        ValueError: It is too long, or not UTF-8 text.
    """
    if type(line) is Cut:
        raise ValueError(f"the line is longer than {LONGEST >> 20} MiB; is a line break missing?")
    if b"\0" in line:
        raise ValueError("binary data where text was expected; is it another kind of file?")
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(
            f"not UTF-8 text (byte 0x{line[error.start]:02x}); save it as UTF-8, or give it the extension of what it is"
        ) from error


def cut_lines(head: Head, size: int, start: Place) -> Iterator[Piece]:
    """Pieces of `size` lines, each a row, blank ones included.

    Raises:
        InputError: As `opened`.
    """
    with opened(head.path) as stream:
        content: list[bytes | Rejected] = []
        place = start
        weight = 0
        for line, bytes_of_line in lines_of(stream, start.offset):
            place = Place(place.offset + bytes_of_line, place.row + 1, place.line + 1)
            content.append(_or_rejected(line, place.row - 1))
            weight += len(line)
            if len(content) == size or weight >= HEAVIEST:
                yield Piece(head, start, place, tuple(content))
                start, content, weight = place, [], 0
        if content:
            yield Piece(head, start, place, tuple(content))


def rows_of(piece: Piece) -> Iterator[tuple[int, str] | Rejected]:
    """The lines of a piece that `cut_lines` made, with their numbers, as text; without blank ones."""
    for row, line in enumerate(piece.content, piece.start.row):
        if isinstance(line, bytes):
            try:
                text = decoded(line)
            except ValueError as error:
                yield Rejected(row, str(error), excerpt(line))
                continue
            if text.strip():
                yield row, text
        elif isinstance(line, Rejected):
            yield replace(line, row=row)


def _or_rejected(line: bytes, row: int) -> bytes | Rejected:
    """What is too long is told at once: a piece holds bytes that no longer know that they were cut."""
    if isinstance(line, Cut):
        try:
            decoded(line)
        except ValueError as error:
            return Rejected(row, str(error), excerpt(line))
    return line
