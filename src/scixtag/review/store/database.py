"""One database, opened: transactions that read, and transactions that write."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from scixtag.errors import InputError, OutputError
from scixtag.review.errors import UnavailableError
from scixtag.review.store.address import Address, address_of
from scixtag.review.store.connecting import WRITING, engine_of
from scixtag.review.store.file import is_frozen, prepare_file, remove_unused, unchanged
from scixtag.review.store.migrating import apply_steps, revision_of
from scixtag.review.store.schema import HEAD
from scixtag.review.store.trouble import explained

Transaction = Connection
"""What `Database.reading` and `Database.writing` yield."""


class CollidedError(Exception):
    """Somebody wrote the same thing at the same moment; doing it again will find what they wrote."""


class Database:
    """Papers, what was suggested, what was decided, and who may decide; safe to use from several threads.

    A process that forks opens it afterwards. Who leaves it with an error, as the block of a `with`, leaves no file that
    was made for it and that nothing was put into.

    Attributes:
        name: For messages; never holds a password.
        created: There were no tables before it was opened, and there are now.
    """

    def __init__(self, engine: Engine, address: Address, *, frozen: bool = False, made: bool = False) -> None:
        self._engine = engine
        self._address = address
        self._frozen = frozen
        self._made = made
        self.name = address.name
        self.created = False

    @classmethod
    def open(
        cls, url: str | None = None, *, create: bool = True, writes: bool = True, patience: float = 5.0
    ) -> "Database":
        """Open a database, and bring its tables to those of this scixtag.

        Args:
            url: A path, `sqlite:///PATH`, or `postgresql://USER:PASSWORD@HOST:PORT/NAME`; by default
                `scixtag-review.sqlite` in the current folder.
            create: Make the file and the tables if there are none.
            writes: False for who only looks: nothing is created, and a file will do that may only be read.
            patience: Seconds to wait for another program's lock, and for a server.

        Raises:
            ConfigError: The address cannot be read, a package is missing, or the server does not let the user in.
            InputError: What stands there is no database, of another program, of a newer scixtag, or damaged; or
                nothing stands there, and `create` is false.
            OutputError: It may not be written.
            UnavailableError: It is locked, or the server does not answer.
        """
        address = address_of(url)
        create = create and writes
        frozen = not writes and address.path is not None and is_frozen(address.path)
        made = False
        if address.path is not None and not frozen:
            made = prepare_file(address, address.path, create=create, patience=patience)
        database = cls(engine_of(address, patience, frozen=frozen), address, frozen=frozen, made=made)
        try:
            database._bring_up_to_date(create=create)
        except BaseException:
            database._leave_in_vain()
            raise
        return database

    def _bring_up_to_date(self, *, create: bool) -> None:
        with self.reading() as connection:
            found = revision_of(connection, self.name)
        if found == HEAD:
            return
        if found is None and not create:
            raise InputError(f"{self.name}: holds no papers yet; fill it with `scixtag review import SOURCE`")
        if self._frozen:
            raise OutputError(
                f"{self.name}: the tables are of an earlier scixtag, and cannot be brought up to date where nothing "
                "may be written; copy the database to a folder of your own"
            )
        with self.writing() as connection:
            apply_steps(connection, self.name)
        self.created = found is None

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """A transaction that sees one moment.

        Raises:
            ScixtagError: As `open`.
        """
        with self._told(), self._calm(), self._engine.connect() as connection:
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

    def _leave_in_vain(self) -> None:
        self.close()
        if self._made and self._address.path is not None and remove_unused(self._address.path):
            self.created = False

    def __enter__(self) -> "Database":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self.close()
        else:
            self._leave_in_vain()

    @contextmanager
    def _calm(self) -> Iterator[None]:
        """See that a file that is read without locks stays as it is meanwhile."""
        if not self._frozen or self._address.path is None:
            yield
            return
        with unchanged(self._address.path, self.name):
            yield

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
