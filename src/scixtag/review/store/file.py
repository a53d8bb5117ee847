"""A SQLite file before it is opened: made for its owner alone, made to write ahead, or left as it is."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from scixtag.errors import InputError, OutputError
from scixtag.review.errors import UnavailableError
from scixtag.review.store.address import Address
from scixtag.review.store.trouble import explained, gone


def is_frozen(path: Path) -> bool:
    """Whether a file is there that we may not write, or not in its folder, and nobody else has it open.

    SQLite would leave files of ours beside it, which its owner cannot write then; or it could not make them, and refuse
    to read. Such a file is read as it stands, without locks.
    """
    try:
        if not path.is_file() or _ahead_of(path).exists():
            return False
    except PermissionError:
        return False  # who opens it will be told
    return not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK))


@contextmanager
def unchanged(path: Path, name: str) -> Iterator[None]:
    """See that a file is the same at the end, and that nobody has begun to write.

    Raises:
        UnavailableError: It is not.
    """
    before = path.stat()
    yield
    after = path.stat()
    if (before.st_ino, before.st_mtime_ns) != (after.st_ino, after.st_mtime_ns) or _ahead_of(path).exists():
        raise UnavailableError(f"{name}: somebody wrote to the database while it was read; try again")


def _ahead_of(path: Path) -> Path:
    """What SQLite keeps beside a file for as long as somebody has it open."""
    return path.with_name(f"{path.name}-wal")


def prepare_file(address: Address, path: Path, *, create: bool, patience: float) -> None:
    """See that a SQLite file is there, and that it writes ahead: then readers and a writer do not wait for each other.

    Raises:
        ScixtagError: As `Database.open`.
    """
    try:
        _see_that_it_is_there(address, path, create=create)
    except PermissionError as error:
        raise gone(address) from error
    try:
        connection = sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True, timeout=patience)
        try:
            if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal" and not _is_foreign(connection):
                connection.execute("PRAGMA journal_mode=WAL")
        finally:
            connection.close()
    except sqlite3.Error as error:
        told = explained(DBAPIError(None, None, error), address)
        if told is None:
            raise
        raise told from error


def _see_that_it_is_there(address: Address, path: Path, *, create: bool) -> None:
    if path.is_dir():
        raise InputError(f"{address.name}: a folder; name a file in it")
    if path.exists():
        return
    if not create:
        raise InputError(f"{address.name}: no such database; fill one with `scixtag review import SOURCE`")
    if not path.parent.is_dir():
        raise OutputError(f"{address.name}: the folder {path.parent.name} does not exist; make it first")
    try:
        # For its owner alone: it will hold what tokens are checked by. SQLite gives the same mode to what lies beside.
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise OutputError(
            f"{address.name}: the database cannot be made in the folder {path.parent.name} ({error.strerror}); "
            "change the folder's permissions, or name another one"
        ) from error


def _is_foreign(connection: sqlite3.Connection) -> bool:
    """Whether somebody's tables stand there already; a file of another program is left as it is."""
    return bool(connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])
