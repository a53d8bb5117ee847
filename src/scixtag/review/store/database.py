"""One database, opened: transactions that read, and transactions that write."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from scixtag.errors import InputError, OutputError
from scixtag.review.errors import UnavailableError
from scixtag.review.store.address import Address, address_of
from scixtag.review.store.connecting import WRITING, engine_of
from scixtag.review.store.migrating import apply_steps, needs_steps
from scixtag.review.store.trouble import explained

Transaction = Connection
"""What `Database.reading` and `Database.writing` yield."""


class CollidedError(Exception):
    """Somebody wrote the same thing at the same moment; doing it again will find what they wrote."""


class Database:
    """Papers, what was suggested, what was decided, and who may decide; safe to use from several threads.

    A process that forks opens it afterwards.

    Attributes:
        name: For messages; never holds a password.
    """

    def __init__(self, engine: Engine, address: Address) -> None:
        self._engine = engine
        self._address = address
        self.name = address.name

    @classmethod
    def open(cls, url: str | None = None, *, create: bool = True, patience: float = 5.0) -> "Database":
        """Open a database, and bring its tables to those of this scixtag.

        Args:
            url: A path, `sqlite:///PATH`, or `postgresql://USER:PASSWORD@HOST:PORT/NAME`; by default
                `scixtag-review.sqlite` in the current folder.
            create: Make the file and the tables if there are none.
            patience: Seconds to wait for another program's lock, and for a server.

        Raises:
            ConfigError: The address cannot be read, a package is missing, or the server does not let the user in.
            InputError: What stands there is no database, of another program, of a newer scixtag, or damaged; or
                nothing stands there, and `create` is false.
            OutputError: It may not be written.
            UnavailableError: It is locked, or the server does not answer.
        """
        address = address_of(url)
        if address.path is not None:
            _prepare_file(address, address.path, create=create, patience=patience)
        database = cls(engine_of(address, patience), address)
        try:
            database._bring_up_to_date(create=create)
        except BaseException:
            database.close()
            raise
        return database

    def _bring_up_to_date(self, *, create: bool) -> None:
        with self.reading() as connection:
            needed = needs_steps(connection, self.name)
        if needed and not create:
            raise InputError(f"{self.name}: holds no papers yet; fill it with `scixtag review import SOURCE`")
        if needed:
            with self.writing() as connection:
                apply_steps(connection, self.name)

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """A transaction that sees one moment.

        Raises:
            ScixtagError: As `open`.
        """
        with self._told(), self._engine.connect() as connection:
            if self._address.path is None:
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield connection

    @contextmanager
    def writing(self) -> Iterator[Transaction]:
        """A transaction that writes; what it wrote is on the disk when the block has ended well.

        Raises:
            ScixtagError: As `open`; nothing was written.
            CollidedError: Somebody else wrote what may be there only once.
        """
        with (
            self._told(),
            self._engine.connect().execution_options(**{WRITING: True}) as connection,
            connection.begin(),
        ):
            yield connection

    def check(self) -> None:
        """See that the database answers.

        Raises:
            ScixtagError: As `open`.
        """
        with self.reading() as connection:
            connection.execute(text("SELECT count(*) FROM tokens"))

    def close(self) -> None:
        """Let go of all connections."""
        self._engine.dispose()

    def __enter__(self) -> "Database":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except IntegrityError as error:
            raise CollidedError(str(error.orig)) from error
        except DBAPIError as error:
            told = explained(error, self._address)
            if told is None:
                raise
            raise told from error
        except PoolTimeoutError as error:
            raise UnavailableError(f"{self.name}: too many wait for the database; try again in a moment") from error


def _prepare_file(address: Address, path: Path, *, create: bool, patience: float) -> None:
    """See that a SQLite file is there, and that it writes ahead: then readers and a writer do not wait for each other.

    Raises:
        ScixtagError: As `Database.open`.
    """
    if path.is_dir():
        raise InputError(f"{address.name}: a folder; name a file in it")
    if not create and not path.exists():
        raise InputError(f"{address.name}: no such database; fill one with `scixtag review import SOURCE`")
    if not path.parent.is_dir():
        raise OutputError(f"{address.name}: the folder {path.parent.name} does not exist; make it first")
    try:
        connection = sqlite3.connect(f"{path.as_uri()}?mode=rwc", uri=True, timeout=patience)
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


def _is_foreign(connection: sqlite3.Connection) -> bool:
    """Whether somebody's tables stand there already; a file of another program is left as it is."""
    return bool(connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])
