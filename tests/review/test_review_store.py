"""The database itself: opened by many, locked, gone, foreign."""

import shutil
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from review_cases import put
from sqlalchemy import text

from scixtag.errors import ConfigError, InputError, OutputError, ScixtagError
from scixtag.review.desk import Desk
from scixtag.review.errors import UnavailableError
from scixtag.review.store.address import address_of
from scixtag.review.store.database import Database


def test_many_open_an_empty_database_at_once(url):
    with ThreadPoolExecutor(6) as pool:
        opened = list(pool.map(lambda _: Database.open(url, patience=30), range(6)))
    for database in opened:
        database.check()
        database.close()


def test_several_processes_open_an_empty_database_at_once(url):
    opening = "Database.open(sys.argv[1], patience=30).check()"
    code = f"import sys; from scixtag.review.store.database import Database; {opening}"
    running = [subprocess.Popen([sys.executable, "-c", code, url], stderr=subprocess.PIPE, text=True) for _ in range(2)]
    for process in running:
        _, said = process.communicate()
        assert process.returncode == 0, said


def test_what_fails_half_way_leaves_nothing(database):
    with pytest.raises(ZeroDivisionError), database.writing() as connection:
        connection.execute(text("INSERT INTO claims (paper, who, until) SELECT number, 'ann', '' FROM papers"))
        put_number = connection.scalar(text("SELECT count(*) FROM papers"))
        connection.execute(
            text("INSERT INTO tokens (name, role, hash, created_at) VALUES ('ann', 'reader', 'x', '2026')")
        )
        _ = 1 / put_number
    with database.reading() as connection:
        assert connection.scalar(text("SELECT count(*) FROM tokens")) == 0


def test_a_commit_is_on_the_disk(tmp_path):
    with Database.open(str(tmp_path / "r.sqlite")) as database, database.reading() as connection:
        pragmas = [
            connection.scalar(text(f"PRAGMA {name}")) for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    assert pragmas == ["wal", 2, 1]


def test_a_commit_is_on_the_servers_disk_whatever_its_settings(postgres):
    url = postgres.fresh()
    with Database.open(url) as database, database.writing() as connection:
        connection.execute(text(f"ALTER DATABASE {url.rpartition('/')[2]} SET synchronous_commit = off"))
    with Database.open(url) as database, database.reading() as connection:
        assert connection.scalar(text("SHOW synchronous_commit")) == "on"


# What users write


def test_addresses(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert address_of(None).path == tmp_path / "scixtag-review.sqlite"
    assert address_of("a b.db").path == tmp_path / "a b.db"
    assert address_of("sqlite:///a.db").path == tmp_path / "a.db"
    assert address_of("sqlite:////tmp/a.db").path == Path("/tmp/a.db")
    assert address_of("~/a.db").path == Path.home() / "a.db"


@pytest.mark.parametrize(
    "address", ["mysql://u:secret@h/d", "sqlite://", "sqlite://host/a.db", ":memory:", "sqlite:///:memory:", "://x"]
)
def test_other_addresses_are_refused(address):
    with pytest.raises(ConfigError, match="--database") as told:
        address_of(address)
    assert "secret" not in str(told.value)


def test_a_file_with_an_odd_name(tmp_path):
    for name in ("50% of ä?mode=ro#x.sqlite", "a;b"):
        path = tmp_path / name
        Database.open(str(path)).close()
        assert path.stat().st_size > 0
    assert {p.name for p in tmp_path.iterdir()} == {"50% of ä?mode=ro#x.sqlite", "a;b"}


def test_passwords_are_never_told(postgres):
    port = postgres.port
    for url in (
        f"postgresql://curator:hunter2@127.0.0.1:{port}/absent",
        f"postgresql://127.0.0.1:{port}/absent?password=hunter2&user=curator",
        "postgresql://curator:hunter2@127.0.0.1:1/d",
        f"postgresql://nobody:hunter2@127.0.0.1:{port}/postgres",
        "postgresql://curator:hunter2@127.0.0.1:x/d",
        f"postgresql://curator:hunter2@127.0.0.1:{port}/absent?odd=hunter2",
    ):
        with pytest.raises(ScixtagError) as told:
            Database.open(url, patience=1)
        assert "hunter2" not in str(told.value), url


def test_a_server_that_is_not_there():
    pytest.importorskip("psycopg")
    with pytest.raises(UnavailableError, match=r"postgresql://ann@127[.]0[.]0[.]1:1/d: the server does not answer"):
        Database.open("postgresql://ann:pw@127.0.0.1:1/d", patience=1)


def test_a_database_that_the_server_does_not_hold(postgres):
    with pytest.raises(InputError, match="does not exist; create it on the server"):
        Database.open(postgres.url("absent"))


# What can stand where the database should


def test_a_file_that_is_none(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("no database\n" * 100)
    with pytest.raises(InputError, match="is no SQLite database"):
        Database.open(str(path))
    assert path.read_text() == "no database\n" * 100


def test_a_database_of_another_program(tmp_path):
    path = tmp_path / "other.sqlite"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE photos (id)")
    other.close()
    before = path.read_bytes()
    with pytest.raises(InputError, match=r"tables of another program \(photos\)"):
        Database.open(str(path))
    assert path.read_bytes() == before


def test_a_server_with_other_tables_beside_ours(postgres):
    import psycopg

    beside, clash = postgres.fresh(), postgres.fresh()
    for url, table in ((beside, "photos"), (clash, "papers")):
        with psycopg.connect(url) as connection:
            connection.execute(f"CREATE TABLE {table} (id int)")
    Database.open(beside).close()
    with pytest.raises(InputError, match="another program"):
        Database.open(clash)


def test_a_folder_a_missing_folder_and_a_missing_file(tmp_path):
    with pytest.raises(InputError, match="a folder"):
        Database.open(str(tmp_path))
    with pytest.raises(OutputError, match="does not exist"):
        Database.open(str(tmp_path / "absent" / "r.sqlite"))
    with pytest.raises(InputError, match="no such database"):
        Database.open(str(tmp_path / "r.sqlite"), create=False)
    assert not list(tmp_path.iterdir())


def test_an_empty_server_is_not_filled_by_who_only_looks(postgres):
    with pytest.raises(InputError, match="holds no papers yet"):
        Database.open(postgres.fresh(), create=False)


def test_a_locked_database_is_told_and_comes_back(tmp_path):
    path = tmp_path / "r.sqlite"
    with Database.open(str(path), patience=0.05) as database:
        put(database, "a")
        holder = sqlite3.connect(path, isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(UnavailableError, match="another program holds the database"):
            Desk(database).record("a", 0, "done", who="ann")
        assert Desk(database).paper("a").state.seq == 0  # who reads does not wait
        holder.execute("ROLLBACK")
        holder.close()
        assert Desk(database).record("a", 0, "done", who="ann").seq == 1


def test_a_lock_on_the_server_is_told(postgres):
    import psycopg

    url = postgres.fresh()
    with Database.open(url, patience=0.1) as database, psycopg.connect(url) as holder:
        put(database, "a")
        holder.execute("LOCK TABLE papers")
        with pytest.raises(UnavailableError, match="lock timeout"):
            Desk(database).record("a", 0, "done", who="ann")


def test_a_full_disk_is_told_and_costs_nothing_that_was_saved(tmp_path):
    path = tmp_path / "r.sqlite"
    with Database.open(str(path)) as database:
        put(database, "a")
    code = (
        "import resource, signal, sys\n"
        "from scixtag.review.desk import Desk\n"
        "from scixtag.review.errors import UnavailableError\n"
        "from scixtag.review.store.database import Database\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "desk = Desk(Database.open(sys.argv[1]))\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 19, 1 << 19))\n"
        "seq = 0\n"
        "try:\n"
        "    while seq < 1000: seq = desk.record('a', seq, 'note', text='x' * 5000, who='ann').seq\n"
        "except UnavailableError as told: print(seq, told)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=False)
    saved, _, told = done.stdout.partition(" ")
    assert "nothing was written. Make room" in told, done.stderr
    with Database.open(str(path)) as database:
        assert len(Desk(database).events("a")) == int(saved) > 0


@pytest.mark.parametrize("other", ["nobody", "open", "paper"])
def test_a_new_file_that_is_left_with_an_error_goes_unless_somebody_uses_it(tmp_path, other):
    path = tmp_path / "r.sqlite"
    with ExitStack() as stack, pytest.raises(ZeroDivisionError), Database.open(str(path)) as database:
        if other == "open":
            stack.enter_context(Database.open(str(path))).check()
        if other == "paper":
            put(database, "a")
        _ = 1 / 0
    assert [file.name for file in tmp_path.iterdir()] == ["r.sqlite"] * (other != "nobody")
    assert database.created is (other != "nobody")


def test_a_database_that_is_removed_under_us_takes_no_decision(tmp_path):
    path = tmp_path / "r.sqlite"
    with Database.open(str(path)) as database:
        put(database, "a")
        moved = tmp_path / "moved"
        moved.mkdir()
        for file in tmp_path.glob("r.sqlite*"):
            shutil.move(file, moved)
        with pytest.raises(UnavailableError, match="the database is gone"):
            Desk(database).record("a", 0, "done", who="ann")
        assert not path.exists()
        for file in moved.iterdir():
            shutil.move(file, tmp_path)
        assert Desk(database).record("a", 0, "done", who="ann").seq == 1


def test_a_database_that_is_replaced_under_us(tmp_path):
    path = tmp_path / "r.sqlite"
    with Database.open(str(path)) as database:
        put(database, "a")
        other = tmp_path / "other.sqlite"
        with sqlite3.connect(other) as connection:
            connection.execute("CREATE TABLE photos (id)")
        connection.close()
        for file in tmp_path.glob("r.sqlite*"):
            file.unlink()
        other.rename(path)
        with pytest.raises(InputError, match="replaced by another one"):
            Desk(database).record("a", 0, "done", who="ann")


def test_a_server_that_was_away_is_found_again():
    pytest.importorskip("psycopg")
    from postgres_server import PostgresServer, programs

    if programs() is None:
        pytest.skip("PostgreSQL's programs (initdb, pg_ctl) are not installed")
    server = PostgresServer()
    try:
        with Database.open(server.fresh(), patience=2) as database:
            put(database, "a")
            server.stop()
            with pytest.raises(UnavailableError, match="nothing was written"):
                Desk(database).record("a", 0, "done", who="ann")
            server.start()
            assert Desk(database).record("a", 0, "done", who="ann").seq == 1
    finally:
        server.remove()
