"""Rows on their way into the queue: those that cannot go there are told one by one, the others come."""

import json

import pytest

from scixtag.cli.main import call
from scixtag.review.desk import all_papers
from scixtag.review.store.database import Database

GOOD = '{"id": "a", "title": "On a", "abstract": "We look at it."}\n'
LAST = '{"id": "z", "title": "On z", "abstract": NaN}\n'
LONG = "x" * 600

ROWS = {
    "not json": "not JSON",
    "[1]": "a JSON object was expected",
    f'{{"id": "{LONG}", "title": "t"}}': "the id: 600 characters; at most 200 are kept",
    r'{"id": "a\tb", "title": "t"}': "the id: holds the character U+0009",
    r'{"id": "a\u200b", "title": "t"}': "the id: holds the character U+200B, which nobody sees",
    r'{"id": "\ufeffa", "title": "t"}': "the id: holds the character U+FEFF",
    r'{"id": "a\u00adb", "title": "t"}': "the id: holds the character U+00AD",
    r'{"id": "a\u200fb", "title": "t"}': "the id: holds the character U+200F",
    r'{"id": "a\u2066b", "title": "t"}': "the id: holds the character U+2066",
    r'{"id": "a\u3164", "title": "t"}': "the id: holds the character U+3164",
    r'{"id": "a\ufe0f", "title": "t"}': "the id: holds the character U+FE0F",
    '{"id": NaN, "title": "t"}': "no id, and decisions need to know whose they are",
    '{"id": "", "title": "t"}': "no id, and decisions need to know whose they are",
    '{"title": "t"}': "no id, and decisions need to know whose they are",
    '{"id": "old.csv:3", "title": "t"}': "the id old.csv:3 is a place in a file",
    '{"id": {}, "title": "t"}': "the id is an object",
    '{"id": "b", "title": ["t", {}]}': "the title is an object",
    '{"id": "a", "title": "On another"}': "the id a is that of papers.jsonl row 1, with another text; that one counts",
}


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def queued():
    with Database.open() as database:
        return {paper.id: paper.title for paper in all_papers(database)}


@pytest.mark.parametrize("row", ROWS)
def test_one_bad_row_is_told_and_its_neighbours_are_imported(here, capsys, row):
    (here / "papers.jsonl").write_text(GOOD + row + "\n" + LAST)
    assert call(["review", "import", "papers.jsonl"]) == 0
    out, err = capsys.readouterr()
    assert out == "scixtag-review.sqlite: 2 papers added\nrows that could not be imported: 1\n"
    assert f"not imported, papers.jsonl row 2: {ROWS[row]}" in err
    assert queued() == {"a": "On a", "z": "On z"}


def test_rejects_go_to_a_file_as_those_of_tag(here, capsys):
    (here / "papers.jsonl").write_text(GOOD + "".join(row + "\n" for row in ROWS) + LAST)
    for told in ("2 papers added", "0 papers added"):
        assert call(["review", "import", "papers.jsonl", "--rejects", "r.jsonl"]) == 0
        out, err = capsys.readouterr()
        assert told in out
        assert f"rows that could not be imported: {len(ROWS)}; r.jsonl says why\n" in out
        assert "not imported" not in err
        rejects = [json.loads(line) for line in (here / "r.jsonl").read_text().splitlines()]
        assert [(one["file"], one["row"]) for one in rejects] == [("papers.jsonl", row + 2) for row in range(len(ROWS))]
        assert all(reason in one["reason"] for reason, one in zip(ROWS.values(), rejects, strict=True))


def test_many_rejects_are_counted(here, capsys):
    (here / "papers.jsonl").write_text(GOOD + "x\n" * 30)
    assert call(["review", "import", "papers.jsonl"]) == 0
    out, err = capsys.readouterr()
    assert err.count("not imported, ") == 10
    assert "rows that could not be imported: 30; --rejects FILE keeps all\n" in out


def test_nothing_but_rejects_is_an_error(here, capsys):
    (here / "papers.jsonl").write_text('{"id": "", "title": "t"}\n' * 2)
    assert call(["review", "import", "papers.jsonl", "--rejects", "r.jsonl"]) == 2
    err = capsys.readouterr().err
    assert "papers.jsonl: no paper can be imported (2 rejected); the first, papers.jsonl row 1: no id" in err
    assert not (here / "r.jsonl").exists()


def test_of_a_repeated_id_the_first_row_counts_and_the_repetition_is_told(here, capsys):
    header, first, other = "id\ttitle\tabstract\n", "a\tThe first\tx\n", "a\tThe last\tx\n"
    (here / "papers.tsv").write_text(header + first + "b\tOn b\t\n" + first + other)
    for added in (2, 0):
        assert call(["review", "import", "papers.tsv"]) == 0
        out, err = capsys.readouterr()
        assert f": {added} papers added\n" in out
        assert "repeated in the source with the same text: 1\n" in out
        assert "papers.tsv row 4: the id a is that of papers.tsv row 1, with another text; that one counts" in err
    assert queued() == {"a": "The first", "b": "On b"}


@pytest.mark.parametrize(
    ("rejects", "told"),
    [
        ("papers/r.jsonl", "lies in papers, which is read"),
        ("r.txt", "name a file that ends in .jsonl"),
        ("kept.jsonl", "is not replaced by such"),
    ],
)
def test_a_file_for_rejects_replaces_nothing_else(here, capsys, rejects, told):
    (here / "papers").mkdir()
    for file in ("papers/papers.jsonl", "kept.jsonl"):
        (here / file).write_text(GOOD)
    assert call(["review", "import", "papers", "--rejects", rejects]) == 2
    assert told in capsys.readouterr().err
    assert not (here / "scixtag-review.sqlite").exists()
    assert (here / "kept.jsonl").read_text() == GOOD


def test_decisions_are_imported_as_a_whole(here, capsys):
    (here / "table.tsv").write_text("a\tQuasars\t1319\n")
    assert call(["review", "import", "table.tsv", "--rejects", "r.jsonl"]) == 2
    assert "--rejects: table.tsv holds decisions" in capsys.readouterr().err
