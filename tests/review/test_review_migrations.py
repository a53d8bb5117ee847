"""Tables of older and newer scixtags; and what no program may do to events, and to papers that have some."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from review_cases import GALAXIES, ORIGIN, QUASARS, SUGGESTIONS, put
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

import scixtag.review.store.migrations
from scixtag.cli.main import call
from scixtag.errors import InputError, OutputError
from scixtag.review.desk import Desk, all_papers
from scixtag.review.exchange_jsonl import lines
from scixtag.review.queue import Queue
from scixtag.review.store import database as database_module
from scixtag.review.store import papers, schema
from scixtag.review.store.address import address_of
from scixtag.review.store.connecting import engine_of
from scixtag.review.store.database import CollidedError, Database
from scixtag.review.store.file import prepare_file
from scixtag.review.store.migrating import apply_steps, revision_of
from scixtag.review.tokens import Tokens

MIGRATIONS = Path(scixtag.review.store.migrations.__file__).parent


def test_the_steps_make_the_tables_that_the_code_knows(database):
    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": schema.VERSION_TABLE})
        assert compare_metadata(context, schema.metadata) == []


def test_head_is_the_last_step():
    assert ScriptDirectory(MIGRATIONS).get_heads() == [schema.HEAD]


def test_a_database_of_a_newer_scixtag_is_refused(url):
    with Database.open(url) as database, database.writing() as connection:
        connection.execute(text(f"UPDATE {schema.VERSION_TABLE} SET version_num = '9999'"))
    with pytest.raises(InputError, match="of a newer scixtag"):
        Database.open(url)


REPLACES = "INSERT OR REPLACE INTO events SELECT number, paper, 1, 'note', NULL, NULL, '', NULL, 'eve', '', NULL, NULL"


@pytest.mark.parametrize(
    "statement",
    ["UPDATE events SET who = 'eve'", "DELETE FROM events", "TRUNCATE events", f"{REPLACES} FROM events"],
)
def test_events_cannot_be_changed(database, statement):
    if statement.startswith("INSERT" if database.name.startswith("postgresql") else "TRUNCATE"):
        pytest.skip("a statement of the other kind of database")
    put(database, "a")
    before = Desk(database).record("a", 0, "accept", concept=GALAXIES, who="ann")
    # A constraint's error in SQLite, a raised exception in PostgreSQL.
    with pytest.raises((CollidedError, DBAPIError), match="events are never changed"), database.writing() as connection:
        connection.execute(text(statement))
    assert Desk(database).paper("a").events == (before,)


def refused(database, statement, why):
    """A statement is refused where one of two papers has events, and changes nothing."""
    if statement.startswith("REPLACE" if database.name.startswith("postgresql") else "TRUNCATE"):
        pytest.skip("a statement of the other kind of database")
    put(database, "a", "b")
    Desk(database).record("a", 0, "accept", concept=GALAXIES, who="ann")
    before = list(lines(all_papers(database)))
    with pytest.raises((CollidedError, DBAPIError), match=why), database.writing() as connection:
        connection.execute(text(statement))
    assert list(lines(all_papers(database))) == before


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM papers",
        "DELETE FROM papers WHERE id = 'a'",
        "UPDATE papers SET id = 'c' WHERE id = 'a'",
        "UPDATE papers SET number = 7 WHERE id = 'a'",
        "DELETE FROM suggestions",
        "UPDATE suggestions SET listed = '[]'",
        "REPLACE INTO suggestions SELECT paper, origin, '[]' FROM suggestions",
    ],
)
def test_papers_with_events_stay_with_what_was_suggested(database, statement):
    refused(database, statement, "papers with events are never removed")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE papers SET title = 'x'",
        "UPDATE papers SET abstract = NULL WHERE id = 'a'",
        "UPDATE papers SET source = '', imported_at = ''",
        "UPDATE origins SET model = 'x'",
        "DELETE FROM origins",
        "REPLACE INTO origins SELECT number, 'x', digest, vocabulary, release, fingerprint FROM origins",
        "TRUNCATE suggestions",
    ],
)
def test_what_was_read_and_which_model_spoke_stays(database, statement):
    refused(database, statement, "what papers with events were is never changed")
    with database.writing() as connection:
        connection.execute(text("UPDATE papers SET title = 'x' WHERE id = 'b'"))


def test_no_replacement_removes_a_paper_with_events(lite):
    put(lite, "a")
    Desk(lite).record("a", 0, "accept", concept=GALAXIES, who="ann")
    before = list(lines(all_papers(lite)))
    with lite.writing() as connection:
        connection.execute(
            text("REPLACE INTO papers SELECT 9, id, 'x', '', '', '', 0, 0, 'open', 0, 0, '' FROM papers WHERE id = 'a'")
        )
    assert list(lines(all_papers(lite))) == before
    assert put(lite, "a", "b") == ["b"]


def test_papers_without_events_may_go(database):
    put(database, "a", listed=None)
    with database.writing() as connection:
        connection.execute(text("DELETE FROM papers"))
    assert list(all_papers(database)) == []


# Of an older scixtag


@pytest.fixture
def old(url):
    """The address of a database of the first scixtag that had one, with a paper that is done and a token."""
    address = address_of(url)
    if address.path is not None:
        prepare_file(address, address.path, create=True, patience=5)
    with Database(engine_of(address, 5), address) as database:
        with database.writing() as connection:
            apply_steps(connection, "old", "0001")
            put_into_first_tables(connection)
        Desk(database).record("a", 0, "reject", concept=GALAXIES, who="ann", key="k")
        Desk(database).record("a", 1, "done", who="ann")
        Tokens(database).create("ann", "curator")
        assert revision(database) == "0001"
    return url


def put_into_first_tables(connection):
    """Two papers, as the first scixtag put them in."""
    facts = {"abstract": "", "source": "cases", "imported_at": "2026-01-01T00:00:00.000000Z", "progress": "open"}
    facts |= {"uncertainty": 0.0, "expected_gain": 0.0, "seq": 0, "last_event": 0}
    titles = {"a": "On <i>a</i>", "b": "H<sub>2</sub>O"}
    connection.execute(schema.papers.insert(), [{"id": i, "title": title, **facts} for i, title in titles.items()])
    behind = papers.origin_number(connection, ORIGIN)
    listed = [suggestion.to_document() for suggestion in SUGGESTIONS]
    numbers = connection.scalars(select(schema.papers.c.number))
    told = [{"paper": number, "origin": behind, "listed": listed} for number in numbers]
    connection.execute(schema.suggestions.insert(), told)


def revision(database):
    with database.reading() as connection:
        return revision_of(connection, database.name)


@pytest.mark.parametrize("how", [{}, {"create": False}, {"writes": False}])
def test_an_older_database_is_brought_up_to_date_and_keeps_everything(old, how):
    with Database.open(old, **how) as database:
        assert (revision(database), database.created) == (schema.HEAD, False)
        assert [event.action for event in Desk(database).events("a")] == ["reject", "done"]
        assert [concept.id for concept in Desk(database).paper("a").state.labels] == [QUASARS.id]
        assert Queue(database).counts() == {"open": 1, "skipped": 0, "done": 1}
        assert [token.name for token in Tokens(database).list()] == ["ann"]
        assert [paper.id for paper in Queue(database).list("date", 9, part="h2o")] == ["b"]
        assert [paper.id for paper in Queue(database).list("date", 9, part="on a", progress=None)] == ["a"]
        assert Desk(database).record("b", 0, "done", who="ann").seq == 1
        with pytest.raises((CollidedError, DBAPIError), match="never removed"), database.writing() as connection:
            connection.execute(text("DELETE FROM papers WHERE id = 'a'"))


READING = [["review", "export", "--output", "x.jsonl"], ["review", "report"], ["token", "list"]]


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("arguments", READING)
def test_commands_that_read_take_an_older_database(old, tmp_path, monkeypatch, capsys, arguments):
    monkeypatch.chdir(tmp_path)
    assert call([*arguments, "--database", old]) == 0
    assert "error" not in capsys.readouterr().err


@pytest.mark.parametrize("arguments", READING)
def test_commands_that_read_refuse_a_newer_database(lite, tmp_path, monkeypatch, capsys, arguments):
    monkeypatch.chdir(tmp_path)
    with lite.writing() as connection:
        connection.execute(text(f"UPDATE {schema.VERSION_TABLE} SET version_num = '9999'"))
    assert call([*arguments, "--database", lite.name]) == 2
    assert "is of a newer scixtag (tables 9999" in capsys.readouterr().err
    assert not (tmp_path / "x.jsonl").exists()


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_an_older_database_that_may_only_be_read_is_told(old, monkeypatch):
    monkeypatch.setattr(database_module, "is_frozen", lambda _: True)
    with pytest.raises(OutputError, match="of an earlier scixtag, and cannot be brought up to date"):
        Database.open(old, writes=False)
