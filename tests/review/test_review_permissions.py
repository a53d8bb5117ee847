"""Databases that may only be read, and folders that may not be written: told, or read without leaving a trace."""

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from review_cases import put

from scixtag.review.errors import UnavailableError
from scixtag.review.store import database as database_module
from scixtag.review.store.database import Database

NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.getuid() == 0 else []
WRITES = "with database.writing() as c: c.exec_driver_sql('DELETE FROM tokens')"
READS = "print([paper.id for paper in all_papers(database)])"


@pytest.fixture
def public():
    """A folder with a database that holds one paper; not in pytest's own folder, which other users may not enter."""
    if os.getuid() == 0 and shutil.which("setpriv") is None:
        pytest.skip("root may write anything")
    with tempfile.TemporaryDirectory(prefix="scixtag-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with Database.open(str(folder / "r.sqlite")) as database:
            put(database, "a")
        yield folder
        folder.chmod(0o755)


def by_nobody(path, does, **how):
    """Open a database as somebody who may write nothing of ours; what that prints, or the error's kind and message."""
    code = (
        "import sys\n"
        "from scixtag.errors import ScixtagError\n"
        "from scixtag.review.desk import all_papers\n"
        "from scixtag.review.store.database import Database\n"
        f"try:\n    database = Database.open(sys.argv[1], **{how})\n    {does}\n"
        "except ScixtagError as told: print(type(told).__name__, told)\n"
    )
    done = subprocess.run([*NOBODY, sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=False)
    if "Error" in done.stderr and path.name not in done.stderr:
        pytest.skip("the other user may not read the code")
    assert not done.stderr
    return done.stdout


@pytest.mark.parametrize(("file", "folder"), [(0o444, 0o555), (0o444, 0o777), (0o666, 0o555)])
def test_a_database_that_may_only_be_read_is_read_and_left_as_it_is(public, file, folder):
    (public / "r.sqlite").chmod(file)
    public.chmod(folder)
    assert by_nobody(public / "r.sqlite", READS, writes=False) == "['a']\n"
    assert [path.name for path in public.iterdir()] == ["r.sqlite"]
    assert by_nobody(public / "r.sqlite", WRITES).startswith("OutputError")


def test_a_database_that_may_only_be_read_is_read_while_its_owner_writes(public):
    with Database.open(str(public / "r.sqlite")) as database:
        put(database, "b")
        for path in public.iterdir():
            path.chmod(0o644)
        assert by_nobody(public / "r.sqlite", READS, writes=False) == "['a', 'b']\n"


def test_a_write_while_a_database_is_read_without_locks_is_told(public, monkeypatch):
    path = public / "r.sqlite"
    monkeypatch.setattr(database_module, "is_frozen", lambda _: True)
    with (
        Database.open(str(path), writes=False) as frozen,
        pytest.raises(UnavailableError, match="somebody wrote to the database while it was read"),
        frozen.reading(),
    ):
        with sqlite3.connect(path) as other:
            other.execute("DELETE FROM claims")
            other.execute("INSERT INTO claims VALUES (1, 'ann', '')")
        other.close()


def test_a_folder_that_may_not_be_written_is_told(public):
    public.chmod(0o555)
    told = by_nobody(public / "new.sqlite", "")
    assert told.startswith(f"OutputError {public / 'new.sqlite'}: the database cannot be made in the folder")
    assert "Permission denied" in told
    assert not (public / "new.sqlite").exists()
    (public / "r.sqlite").chmod(0o666)
    assert "SQLite cannot write beside the database" in by_nobody(public / "r.sqlite", WRITES)


def test_a_folder_that_may_not_be_entered_is_told(public):
    public.chmod(0o600)
    assert "may have no permission" in by_nobody(public / "r.sqlite", READS, writes=False)


def test_a_new_database_is_for_its_owner_alone(tmp_path):
    path = tmp_path / "r.sqlite"
    with Database.open(str(path)) as database:
        put(database, "a")
        assert {file.name: stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()} == {
            "r.sqlite": 0o600,
            "r.sqlite-wal": 0o600,
            "r.sqlite-shm": 0o600,
        }
    path.chmod(0o640)
    Database.open(str(path)).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
