"""Lines of UTF-8 text, from plain and gzipped files."""

import codecs
import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path

from scixtag.errors import InputError


def read_lines(path: Path) -> Iterator[str]:
    """Stream the lines of a file, with their ends, without a byte order mark.

    Raises:
        InputError: The file cannot be read, is cut short, or is not UTF-8 text.
    """
    opened = gzip.open if path.name.lower().endswith(".gz") else open
    try:
        with opened(path, "rb") as stream:
            for number, line in enumerate(stream, 1):
                yield _decoded(line, path, number)
    except EOFError as error:
        raise InputError(f"{path}: the file is cut short; copy or download it again") from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise InputError(f"{path}: not a readable gzip file ({error}); copy it again or drop the .gz") from error
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error})") from error


def _decoded(line: bytes, path: Path, number: int) -> str:
    if number == 1:
        line = line.removeprefix(codecs.BOM_UTF8)
    if b"\0" in line:
        raise InputError(f"{path} line {number}: binary data where text was expected; is it another kind of file?")
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path} line {number}: not UTF-8 text (byte 0x{line[error.start]:02x}); save it as UTF-8, "
            "or give it the extension of what it is"
        ) from error
