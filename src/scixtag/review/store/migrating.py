"""Brings a database to the tables of this scixtag, whoever else does so at the same time."""

from collections.abc import Callable
from pathlib import Path
from threading import Lock

from sqlalchemy import Connection, inspect, text

from scixtag.errors import InputError
from scixtag.review.store.schema import HEAD, VERSION_TABLE, metadata

_LOCK = 0x7363_6978  # of PostgreSQL, for as long as a transaction; any number that nobody else takes

_ONE = Lock()
"""Alembic keeps what it is at in a module, so that threads take turns."""


def revision_of(connection: Connection, name: str) -> str | None:
    """The revision of the tables; None if there are none.

    Raises:
        InputError: The database is of a newer scixtag, or of another program.
    """
    tables = set(inspect(connection).get_table_names())
    if VERSION_TABLE not in tables:
        _refuse_foreign(tables, connection, name)
        return None
    found = connection.scalar(text(f"SELECT version_num FROM {VERSION_TABLE}"))
    if found is None or not str(found).isdecimal():
        raise InputError(f"{name}: the database says that its tables are of revision {found!r}; restore it from a copy")
    if int(found) > int(HEAD):
        raise InputError(
            f"{name}: the database is of a newer scixtag (tables {found}, and this one knows {HEAD}); "
            "update scixtag: pip install --upgrade scixtag"
        )
    return str(found)


def apply_steps(connection: Connection, name: str, to: str = HEAD) -> None:
    """Bring the tables to a revision, in the transaction of `connection`; nothing if somebody was quicker.

    Raises:
        InputError: As `revision_of`.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    if revision_of(connection, name) != to:
        _upgrade(connection, to)


def _refuse_foreign(tables: set[str], connection: Connection, name: str) -> None:
    # A file is for one thing; a server's database may well hold other programs' tables beside ours.
    ours = set(metadata.tables)
    strange = tables if connection.dialect.name == "sqlite" else tables & ours
    if strange:
        raise InputError(
            f"{name}: the database holds tables of another program ({', '.join(sorted(strange)[:3])}); name another one"
        )


def _upgrade(connection: Connection, to: str) -> None:
    from alembic import command
    from alembic.config import Config

    upgrade: Callable[[Config, str], None] = command.upgrade
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    with _ONE:
        upgrade(config, to)
