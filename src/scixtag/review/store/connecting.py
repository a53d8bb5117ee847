"""Engines for both kinds of database: when a transaction begins, and what it takes to be durable."""

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import QueuePool

from scixtag.review.store.address import Address
from scixtag.review.store.trouble import gone

WRITING = "scixtag_writing"
"""The execution option of connections that will write."""

_POOL = {"pool_size": 5, "max_overflow": 40}


def engine_of(address: Address, patience: float, *, frozen: bool = False) -> Engine:
    """An engine that connects when it is first used.

    Args:
        address: Where to.
        patience: Seconds to wait for another program's lock, for a server, and for a connection of the pool.
        frozen: A file is read as it stands, without locks, for nobody writes to it; see `file.is_frozen`.
    """
    common: dict[str, Any] = {"hide_parameters": True, "pool_timeout": max(patience, 1.0), **_POOL}
    if address.path is not None:
        return _file_engine(address, address.path, patience, common, "mode=ro&immutable=1" if frozen else "mode=rw")
    return _server_engine(address, patience, common)


def _file_engine(address: Address, path: Path, patience: float, common: dict[str, Any], mode: str) -> Engine:
    def connect() -> sqlite3.Connection:
        # mode=rw: a file that somebody removed is an error, and no new empty one.
        return sqlite3.connect(
            f"{path.as_uri()}?{mode}", uri=True, timeout=patience, check_same_thread=False, isolation_level=None
        )

    engine = create_engine("sqlite://", creator=connect, poolclass=QueuePool, **common)

    @event.listens_for(engine, "connect")
    def _begin(connection: sqlite3.Connection, record: Any) -> None:
        # FULL: a commit returns when it is on the disk, also against a loss of power.
        for pragma in ("synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")
        record.info["file"] = _identity(path)

    @event.listens_for(engine, "checkout")
    def _still_there(_connection: sqlite3.Connection, record: Any, _proxy: Any) -> None:
        # SQLite would go on writing into a file that has no name any more, and say that all is well.
        found = _identity(path)
        if found is None:
            raise gone(address)
        if found != record.info["file"]:
            raise DisconnectionError

    @event.listens_for(engine, "begin")
    def _transaction(connection: Connection) -> None:
        # Two that begin by reading and then want to write would stop each other; who writes says so at once.
        writes = connection.get_execution_options().get(WRITING)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _server_engine(address: Address, patience: float, common: dict[str, Any]) -> Engine:
    if address.url is None:
        raise ValueError("an address is of a file or of a server")
    milliseconds = round(max(patience, 0.1) * 1000)
    engine = create_engine(
        address.url, pool_pre_ping=True, connect_args={"connect_timeout": max(2, round(patience))}, **common
    )

    @event.listens_for(engine, "connect")
    def _begin(connection: Any, _record: Any) -> None:
        # Whatever the server's own settings are: a commit returns when it is on the disk.
        with connection.cursor() as cursor:
            cursor.execute("SET synchronous_commit = on")
            cursor.execute(f"SET lock_timeout = {milliseconds}")
            cursor.execute("SET TIME ZONE 'UTC'")
        connection.commit()

    return engine
