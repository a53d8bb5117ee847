"""`scixtag review`, `scixtag token` and `scixtag train --review`, as typed."""

import gzip
import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from scixtag.cli.main import command
from scixtag.cli.token import ROLES as OFFERED
from scixtag.corpus.record import Record
from scixtag.review.decisions import Wish
from scixtag.review.desk import Desk, all_papers
from scixtag.review.queue import Queue
from scixtag.review.store.database import Database
from scixtag.review.tokens import ROLES, Tokens


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def reviewed(here):
    """The default database, with one paper in it."""
    with Database.open() as database:
        Queue(database).import_papers([Record("a", "A title", None, None)], None, "tests")
    return here / "scixtag-review.sqlite"


@pytest.fixture(scope="module")
def centroid(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trained") / "centroid"
    done = CliRunner().invoke(
        command, ["train", "sample:train", "--model", "centroid", "--output", str(folder), "--quiet"]
    )
    assert done.exit_code == 0, done.output
    return folder


def test_from_papers_to_a_model_that_learned_from_decisions(here, centroid, scixtag):
    code, told, _ = scixtag("review", "import", "sample:test", "--model", centroid)
    assert (code, told) == (0, "scixtag-review.sqlite: 53 papers added\n")
    assert scixtag("review", "import", "sample:test", "--model", centroid)[1].endswith("there already: 53\n")
    with Database.open() as database:
        papers = list(all_papers(database))
        assert {paper.origin.model for paper in papers} == {"centroid"}
        for paper in papers[:10]:
            second = paper.state.labels[1:2]
            wishes = [*(Wish("reject", concept) for concept in second), Wish("done")]
            Desk(database).record_all(paper.id, 0, wishes, "ann")

    code, _, told = scixtag(
        *("train", "sample:train", "--model", "centroid", "--output", "after"),
        *("--review", "scixtag-review.sqlite"),
    )
    assert code == 0
    assert "decisions: 10 reviewed papers are learned from, 10 of them new" in told
    learned = json.loads((here / "after" / "manifest.json").read_text())["training"]["review"]
    assert (learned["papers"], learned["new"], len(learned["digest"])) == (10, 10, 16)

    code, out, _ = scixtag(
        "review", "report", "--model-before", centroid, "--model-after", "after", "--json", "--quiet"
    )
    report = json.loads(out)
    assert code == 0
    assert report["papers"] == {"open": 43, "skipped": 0, "done": 10}
    assert report["weeks"][0]["papers"] == report["effect"]["before"]["papers"] == 10
    assert (report["effect"]["learned_before"], report["effect"]["learned_after"]) == (0, 10)
    code, out, _ = scixtag("review", "report", "--model-before", centroid, "--model-after", "after", "--quiet")
    assert code == 0
    assert "papers learned from: 0 before, 10 after" in out

    for name in ("all.jsonl", "decided.tsv", "final.tsv"):
        final = ["--final"] if name == "final.tsv" else []
        assert scixtag("review", "export", "--output", name, *final)[:2] == (0, f"written: {name}\n")
    assert len((here / "all.jsonl").read_text().splitlines()) == 53
    assert (here / "decided.tsv").read_text().startswith("bibcode\tname\tid\toverride\n")
    code, told, _ = scixtag("review", "import", "all.jsonl", "--database", "copy.sqlite")
    assert (code, told.splitlines()[0].split(": ")[1][:14]) == (0, "53 papers and ")
    assert scixtag("review", "export", "--output", "again.jsonl", "--database", "copy.sqlite")[0] == 0
    assert (here / "again.jsonl").read_bytes() == (here / "all.jsonl").read_bytes()

    scixtag("review", "import", "sample:test", "--database", "table.sqlite", "--model", centroid, "--quiet")
    for _ in range(2):
        code, told, _ = scixtag("review", "import", "final.tsv", "--database", "table.sqlite", "--vocabulary", "sample")
        assert (code, told[: told.index(",")]) == (0, "table.sqlite: decisions on 10 papers")
    scixtag("review", "export", "--output", "final2.tsv", "--final", "--database", "table.sqlite")
    assert sorted((here / "final2.tsv").read_text().splitlines()) == sorted(
        (here / "final.tsv").read_text().splitlines()
    )


@pytest.mark.usefixtures("reviewed")
@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("x.tsv", "star\tmagnitude\n", "that no export of decisions wrote is not replaced"),
        ("x.jsonl", '{"id": "a", "title": "t"}\n', "that no export of decisions wrote is not replaced"),
        ("x.jsonl", "not json\n", "that no export of decisions wrote is not replaced"),
        ("x.tsv", "bibcode\tname\tid\toverride\na\tQuasars\t1319\treject\n", "pass --overwrite"),
        ("x.jsonl", '{"format": "scixtag-review", "version": 1}\n', "pass --overwrite"),
    ],
)
def test_an_export_replaces_what_an_export_wrote_and_only_if_told_to(here, scixtag, name, content, told):
    (here / name).write_text(content)
    code, _, said = scixtag("review", "export", "--output", name)
    assert (code, told in said) == (2, True), said
    code, _, said = scixtag("review", "export", "--output", name, "--overwrite", "--quiet")
    replaced = told == "pass --overwrite"
    assert (code, said) == (0, "") if replaced else code == 2
    assert ((here / name).read_text() == content) is not replaced


@pytest.mark.usefixtures("reviewed")
def test_an_export_fills_an_empty_file_and_is_quiet_if_told_to(here, scixtag):
    (here / "x.jsonl").touch()
    assert scixtag("review", "export", "--output", "x.jsonl", "--quiet") == (0, "", "")
    assert json.loads((here / "x.jsonl").read_text())["id"] == "a"


@pytest.mark.usefixtures("here")
def test_tokens(scixtag):
    code, secret, told = scixtag("token", "create", "ann", "--role", "curator", "--expires", 30)
    assert code == 0
    assert "ann is curator until 2" in told
    with Database.open() as database:
        assert Tokens(database).verify(secret.strip()).name == "ann"
    code, out, _ = scixtag("token", "list", "--json")
    (listed,) = json.loads(out)
    assert (listed["name"], listed["state"], secret.strip() in out) == ("ann", "valid", False)
    assert scixtag("token", "revoke", "ann")[:2] == (0, "revoked: ann\n")
    assert "revoked" in scixtag("token", "list")[1]
    code, _, told = scixtag("token", "revoke", "ann")
    assert (code, told) == (2, "error: token 'ann': there is none of this name; there are none\n")


def test_a_new_database_is_told(here, scixtag):
    (here / "papers.jsonl").write_text('{"id": "a", "title": "t"}\n')
    new = "there was no such database; a new one was made"
    assert (
        f"tokens.sqlite: {new}"
        in scixtag("token", "create", "ann", "--role", "reader", "--database", "tokens.sqlite")[2]
    )
    assert new not in scixtag("token", "create", "bob", "--role", "reader", "--database", "tokens.sqlite")[2]
    assert f"p.sqlite: {new}" in scixtag("review", "import", "papers.jsonl", "--database", "p.sqlite")[2]
    assert scixtag("review", "import", "papers.jsonl", "--database", "q.sqlite", "--quiet") == (0, "", "")


@pytest.mark.parametrize("source", ["first.jsonl", "cut.jsonl.gz", "codes.txt", "odd.jsonl", "bytes.jsonl"])
@pytest.mark.parametrize("there", [False, True])
def test_a_first_import_that_fails_leaves_no_database(here, scixtag, monkeypatch, source, there):
    for name in ("ADS_API_TOKEN", "ADS_DEV_KEY", "SCIX_API_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(here))
    (here / "first.jsonl").write_text('{"format": "scixtag-review", "version": 1, "id": "a"}\n')
    (here / "bytes.jsonl").write_bytes(b'{"format": "scixtag-review", "version": 1}\n\xff\x00\n')
    packed = gzip.compress("".join(f'{{"id": "{i}", "title": "On {i * i}"}}\n' for i in range(9)).encode())
    (here / "cut.jsonl.gz").write_bytes(packed[:-9])
    (here / "codes.txt").write_text("2024ApJ...123...45A\n")
    (here / "odd.jsonl").write_text('{"id": "a\\tb", "title": "t"}\n')
    if there:
        Database.open("r.sqlite").close()
    code, _, told = scixtag("review", "import", source, "--database", "r.sqlite")
    assert (code, "a new one was made" in told) == (2, False), told
    assert [path.name for path in here.glob("r.sqlite*")] == ["r.sqlite"] * there


def test_a_token_that_cannot_be_made_leaves_no_database(here, scixtag):
    assert scixtag("token", "create", " ", "--role", "reader")[0] == 2
    assert list(here.iterdir()) == []


def test_papers_that_came_before_an_import_failed_stay(here, scixtag):
    with Database.open() as database:
        Queue(database).import_papers([Record(f"p{i}", "A title", None, None) for i in range(201)], None, "tests")
    scixtag("review", "export", "--output", "all.jsonl")
    (here / "cut.jsonl").write_bytes((here / "all.jsonl").read_bytes()[:-9])
    code, _, told = scixtag("review", "import", "cut.jsonl", "--database", "cut.sqlite")
    assert (code, "cut.sqlite: there was no such database; a new one was made" in told) == (2, True)
    with Database.open("cut.sqlite", writes=False) as database:
        assert Queue(database).counts()["open"] == 200


@pytest.mark.parametrize("source", ["absent.jsonl", "absent.txt", "noids.csv", "empty.csv"])
def test_no_database_comes_into_being_for_papers_that_are_not_there(here, scixtag, source):
    (here / "noids.csv").write_text("title,abstract\nA title,An abstract\n")
    (here / "empty.csv").touch()
    assert scixtag("review", "import", source)[0] == 2
    assert scixtag("review", "import", "sample:test", "--model", "absent")[0] == 2
    assert not (here / "scixtag-review.sqlite").exists()


def test_roles_of_the_command_are_those_of_the_room():
    assert OFFERED == ROLES


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("review", "export", "--output", "x.tsv"), "scixtag-review.sqlite: no such database; fill one with"),
        (("review", "report"), "no such database"),
        (("token", "list"), "no such database"),
        (("token", "revoke", "ann"), "no such database"),
        (("review", "report", "--model-before", "m"), "--model-before and --model-after go together"),
        (("review", "export", "--output", "x.csv"), "should end in .tsv or .jsonl"),
        (("review", "export", "--output", "x.jsonl", "--final"), "--final: a JSONL holds everything"),
        (("review", "import", "absent.jsonl"), "absent.jsonl"),
        (("review", "import", "noids.csv"), "name the column of the ids with --id-field"),
        (("review", "import", "table.tsv", "--database", "new.sqlite"), "no such database"),
        (("review", "import", "sample", "--database", "mysql://a:b@c/d"), "'mysql' is no kind of database"),
        (("train", "sample", "--output", "m", "--review", "absent.sqlite"), "absent.sqlite: no such database"),
    ],
)
def test_what_is_refused(here, scixtag, arguments, told):
    (here / "noids.csv").write_text("title,abstract\nA title,An abstract\n")
    (here / "table.tsv").write_text("a\tQuasars\t1319\n")
    code, _, said = scixtag(*arguments)
    assert code == 2, said
    assert told in said
    assert not (here / "new.sqlite").exists()
    assert not (here / "m").exists()


@pytest.mark.usefixtures("here")
def test_a_table_needs_a_vocabulary(here, scixtag):
    scixtag("token", "create", "ann", "--role", "reader")
    (here / "table.tsv").write_text("a\tQuasars\t1319\n")
    code, _, said = scixtag("review", "import", "table.tsv")
    assert code == 2
    assert "pass --vocabulary" in said
    code, _, said = scixtag("review", "import", "table.tsv", "--vocabulary", "sample")
    assert code == 2
    assert "the database holds none of its 1 papers" in said


@pytest.mark.parametrize(("package", "extra"), [("sqlalchemy", "serve"), ("alembic", "serve"), ("psycopg", "postgres")])
def test_a_missing_extra_is_told(tmp_path, package, extra):
    code = (
        "import importlib.machinery, sys\n"
        "class Without(importlib.machinery.PathFinder):\n"
        "    @classmethod\n"
        "    def find_spec(cls, name, path=None, target=None):\n"
        f"        return None if name.split('.')[0] == '{package}' else super().find_spec(name, path, target)\n"
        "sys.meta_path[:] = [f for f in sys.meta_path if f is not importlib.machinery.PathFinder] + [Without]\n"
        "from scixtag.cli.main import call\n"
        "sys.exit(call(['token', 'list', '--database', 'postgresql://ann@127.0.0.1:1/d']))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2, done.stderr
    assert f"pip install 'scixtag[{extra}]'" in done.stderr
    assert "Traceback" not in done.stderr
