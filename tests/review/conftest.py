import shutil

import pytest
from sqlalchemy import text

from scixtag.review.store import schema
from scixtag.review.store.database import Database


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    """The address of an empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'review.sqlite'}"
    return request.getfixturevalue("postgres").fresh()


@pytest.fixture(scope="session")
def sqlite_tables(tmp_path_factory):
    """A file with tables and nothing in them, to copy."""
    path = tmp_path_factory.mktemp("tables") / "tables.sqlite"
    Database.open(str(path)).close()
    return path


@pytest.fixture(scope="session")
def heavy(postgres):
    """An open PostgreSQL database; who uses it empties it."""
    with Database.open(postgres.fresh()) as opened:
        yield opened


@pytest.fixture
def lite(tmp_path, sqlite_tables):
    """An open SQLite database, for what does not depend on the kind."""
    path = tmp_path / "lite.sqlite"
    shutil.copy(sqlite_tables, path)
    with Database.open(str(path)) as opened:
        yield opened


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request):
    """An open database of each kind."""
    if request.param == "sqlite":
        yield request.getfixturevalue("lite")
        return
    opened = request.getfixturevalue("heavy")
    with opened.writing() as connection:
        # The role of a replica is the only one for which no trigger guards the events.
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        names = ", ".join(schema.metadata.tables)
        connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY"))
    yield opened
