"""A SQLite file before it is opened: made for its owner alone, made to write ahead, or left as it is."""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from scixtag.errors import InputError, OutputError
from scixtag.review.errors import UnavailableError
from scixtag.review.store.address import Address
from scixtag.review.store.schema import VERSION_TABLE
from scixtag.review.store.trouble import explained, gone

_PAUSE = 0.02
"""Seconds until what SQLite refused at once is tried again."""


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


def prepare_file(address: Address, path: Path, *, create: bool, patience: float) -> bool:
    """See that a SQLite file is there, and that it writes ahead: then readers and a writer do not wait for each other.

    Returns:
        Whether it was made.

    Raises:
        ScixtagError: As `Database.open`.
    """
    try:
        made = _made_if_absent(address, path, create=create)
    except PermissionError as error:
        raise gone(address) from error
    try:
        _write_ahead(address, path, patience)
    except BaseException:
        if made:
            remove_unused(path)
        raise
    return made


def _write_ahead(address: Address, path: Path, patience: float) -> None:
    until = time.monotonic() + patience
    while True:
        try:
            return _try_to_write_ahead(path, patience)
        except sqlite3.Error as error:
            # Of two that change this at once, SQLite lets one wait and refuses the other, whatever its patience.
            busy = getattr(error, "sqlite_errorname", "").startswith("SQLITE_BUSY")
            if busy and time.monotonic() < until:
                time.sleep(_PAUSE)
                continue
            told = explained(DBAPIError(None, None, error), address)
            if told is None:
                raise
            raise told from error


def _try_to_write_ahead(path: Path, patience: float) -> None:
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True, timeout=patience)) as connection:
        if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal" and not _is_foreign(connection):
            connection.execute("PRAGMA journal_mode=WAL")


def remove_unused(path: Path) -> bool:
    """Remove a database that nothing was put into and nobody else has open; whether it is gone."""
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True, timeout=0, isolation_level=None)) as one:
            if _holds_something(one):
                return False
            # Writing ahead ends only if nobody else has the file open; from then on nobody gets in.
            for statement in ("PRAGMA locking_mode=EXCLUSIVE", "PRAGMA journal_mode=DELETE", "BEGIN EXCLUSIVE"):
                one.execute(statement)
            if _holds_something(one):
                return False
            # Who waits at the door is to find no tables, and not to write into a file that has no name any more.
            os.truncate(path, 0)
            path.unlink()
    except (sqlite3.Error, OSError):
        return False
    return True


def _holds_something(connection: sqlite3.Connection) -> bool:
    tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name != ?", (VERSION_TABLE,))
    return any(connection.execute(f'SELECT EXISTS (SELECT 1 FROM "{name}")').fetchone()[0] for (name,) in list(tables))


def _made_if_absent(address: Address, path: Path, *, create: bool) -> bool:
    if path.is_dir():
        raise InputError(f"{address.name}: a folder; name a file in it")
    if path.exists():
        return False
    if not create:
        raise InputError(f"{address.name}: no such database; fill one with `scixtag review import SOURCE`")
    if not path.parent.is_dir():
        raise OutputError(f"{address.name}: the folder {path.parent.name} does not exist; make it first")
    try:
        # For its owner alone: it will hold what tokens are checked by. SQLite gives the same mode to what lies beside.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        return False  # somebody was quicker
    except OSError as error:
        raise OutputError(
            f"{address.name}: the database cannot be made in the folder {path.parent.name} ({error.strerror}); "
            "change the folder's permissions, or name another one"
        ) from error
    return True


def _is_foreign(connection: sqlite3.Connection) -> bool:
    """Whether somebody's tables stand there already; a file of another program is left as it is."""
    return bool(connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])
