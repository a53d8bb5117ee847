"""Decisions out of one database and into another: nothing is lost, and twice is once."""

import json
import re
import shutil
from dataclasses import replace

import pytest
from review_cases import DUST, GALAXIES, LENSES, QUASARS, STARS, SUGGESTIONS, put

from scixtag.errors import InputError
from scixtag.review.decisions import Wish
from scixtag.review.desk import Desk, all_papers
from scixtag.review.exchange import kind_of
from scixtag.review.exchange_jsonl import lines, restore
from scixtag.review.exchange_tsv import final_table, record_table, table
from scixtag.review.queue import Queue
from scixtag.review.store.database import Database
from scixtag.vocabulary.concept import Concept, Vocabulary

VOCABULARY = Vocabulary(Concept(c.id, c.uri, c.label) for c in (GALAXIES, QUASARS, DUST, LENSES, STARS))


@pytest.fixture
def other(lite):
    return lite


@pytest.fixture
def one(tmp_path, sqlite_tables):
    """A second database beside `other`."""
    path = tmp_path / "one.sqlite"
    shutil.copy(sqlite_tables, path)
    with Database.open(str(path)) as opened:
        yield opened


@pytest.fixture
def decided(one):
    """Papers with every kind of decision; `e` is open, `f` done without a word."""
    return decide(one)


def decide(database):
    put(database, "a", "b", "c", "d", "e", "f")
    desk = Desk(database)
    desk.record_all("a", 0, [Wish("accept", DUST), Wish("reject", GALAXIES, text="why"), Wish("done")], "ann", "k")
    desk.record_all("b", 0, [Wish("swap", QUASARS, STARS), Wish("add", LENSES), Wish("done")], "bob")
    desk.record_all("c", 0, [Wish("reject", DUST), Wish("note", text="a\tb\n"), Wish("undo"), Wish("done")], "ann")
    desk.record_all("d", 0, [Wish("swap", QUASARS, STARS), Wish("reject", STARS), Wish("done")], "ann")
    desk.record("e", 0, "accept", concept=DUST, who="ann")
    desk.record("f", 0, "done", who="bob")
    return database


def labels(database):
    return {paper.id: {c.id for c in paper.state.labels} for paper in all_papers(database, "done")}


def written(path, parts):
    path.write_text("".join(parts), encoding="utf-8")
    return path


# JSON Lines


def test_everything_comes_back_between_both_kinds_of_database(one, postgres, tmp_path):
    first = written(tmp_path / "first.jsonl", lines(all_papers(decide(one))))
    with Database.open(postgres.fresh()) as other:
        restore(other, first)
        assert list(lines(all_papers(other))) == first.read_text().splitlines(keepends=True)


def test_everything_comes_back_from_json_lines(decided, other, tmp_path):
    file = written(tmp_path / "all.jsonl", lines(all_papers(decided)))
    assert kind_of(str(file)) == "review"
    came = restore(other, file)
    assert (came.added, came.known, came.events, came.conflicting) == (6, 0, 15, 0)
    assert list(lines(all_papers(other))) == list(lines(all_papers(decided)))
    assert Queue(other).counts() == Queue(decided).counts()
    again = restore(other, file)
    assert (again.added, again.known, again.events, again.conflicting) == (0, 6, 0, 0)


def test_a_longer_history_goes_on_and_a_shorter_one_changes_nothing(decided, other, tmp_path):
    old = written(tmp_path / "old.jsonl", lines(all_papers(decided)))
    Desk(decided).record("a", 3, "accept", concept=GALAXIES, who="bob")
    new = written(tmp_path / "new.jsonl", lines(all_papers(decided)))
    restore(other, old)
    assert restore(other, new).events == 1
    assert labels(other) == labels(decided)
    came = restore(other, old)
    assert (came.events, came.conflicting) == (0, 0)
    assert list(lines(all_papers(other))) == list(lines(all_papers(decided)))


def test_other_decisions_are_not_overwritten(decided, other, tmp_path):
    file = written(tmp_path / "all.jsonl", lines(all_papers(decided)))
    put(other, "a")
    Desk(other).record("a", 0, "reject", concept=DUST, who="eve")
    came = restore(other, file)
    assert (came.added, came.conflicting) == (5, 1)
    assert [event.who for event in Desk(other).events("a")] == ["eve"]


GOOD = {"seq": 1, "action": "done", "who": "ann", "at": "2026-01-01T00:00:00.000000Z"}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"version": 2}, "version 2"),
        ({"id": " a"}, "without blanks"),
        ({"title": 5}, "5 is no text"),
        ({"events": None}, "TypeError"),
        ({"events": [GOOD | {"seq": 2}]}, "event 2 comes after 0 others"),
        ({"events": [GOOD | {"action": "shout"}]}, "action 'shout'"),
        ({"events": [GOOD | {"action": "accept"}]}, "needs 'concept'"),
        ({"events": [GOOD | {"action": "undo", "undoes": 1}]}, "does not exist"),
        ({"events": [GOOD | {"at": "yesterday"}]}, "no moment"),
        ({"events": [GOOD | {"at": "2026-13-01T00:00:00.000000Z"}]}, "not a paper"),
        ({"events": [GOOD | {"who": ""}]}, "curator"),
        ({"suggestions": [{"id": 1}]}, "KeyError"),
        ({"suggestions": [{"id": 1, "uri": "u", "label": "l", "probability": "x", "selected": 1}]}, "ValueError"),
        ({"imported_at": "x"}, "no moment"),
    ],
)
def test_lines_that_are_none(other, tmp_path, change, told):
    put(other, "z")
    good = json.loads(next(lines(all_papers(other)))) | {"id": "a"}
    file = written(tmp_path / "x.jsonl", [json.dumps(good) + "\n", json.dumps(good | {"id": "b"} | change) + "\n"])
    with pytest.raises(InputError, match=told) as error:
        restore(other, file)
    assert f"{file} line 2" in str(error.value)
    assert [paper.id for paper in all_papers(other)] == ["z"]


def test_a_key_that_another_paper_has_is_told_with_its_line(other, tmp_path):
    put(other, "z")
    Desk(other).record("z", 0, "done", who="ann", key="k")
    line = next(lines(all_papers(other)))
    papers = [line.replace('"id": "z"', f'"id": "{name}"', 1) for name in ("a", "b")]
    file = written(tmp_path / "x.jsonl", [papers[0].replace('"key": "k"', '"key": "other"'), papers[1]])
    with pytest.raises(InputError, match="line 2: an event of b has the key of another paper's event"):
        restore(other, file)


# Tables


def test_labels_and_decisions_come_back_from_a_table(decided, other, tmp_path):
    file = written(tmp_path / "all.tsv", table(all_papers(decided, "done")))
    assert kind_of(str(file)) == "decisions"
    put(other, "a", "b", "c", "d", "e", "f")
    came = record_table(Desk(other), file, VOCABULARY, "import")
    assert (came.papers, came.absent) == (5, [])
    assert labels(other) == labels(decided)
    statuses = [
        {(p.id, u): s.status for p in all_papers(one, "done") for u, s in p.state.standings.items()}
        for one in (decided, other)
    ]
    # Nobody had objected to what was merely suggested; a row without an override says so.
    loose = [{k: s for k, s in found.items() if s != "suggested"} for found in statuses]
    assert {k: s for k, s in loose[1].items() if k in loose[0] and k != ("d", QUASARS.uri)} == {
        k: s for k, s in loose[0].items() if k != ("d", QUASARS.uri)
    }


def test_a_table_twice_is_once(decided, other, tmp_path):
    file = written(tmp_path / "all.tsv", table(all_papers(decided, "done")))
    put(other, "a", "b", "c", "d", "f")
    record_table(Desk(other), file, VOCABULARY, "import")
    before = list(lines(all_papers(other)))
    assert record_table(Desk(other), file, VOCABULARY, "import").events == 0
    assert list(lines(all_papers(other))) == before


def test_a_table_counts_again_when_somebody_has_decided_otherwise_since(other, tmp_path):
    put(other, "a")
    first = written(tmp_path / "first.tsv", ["a\tQuasars\t1319\n"])
    second = written(tmp_path / "second.tsv", ["a\tDust\t836\n"])
    for _ in range(2):
        for file, who, uri in ((first, "ann", QUASARS.uri), (second, "bob", DUST.uri)):
            assert record_table(Desk(other), file, VOCABULARY, who).events > 0
            assert {concept.uri for concept in Desk(other).paper("a").state.labels} == {uri}
            assert record_table(Desk(other), file, VOCABULARY, who).events == 0


def test_an_id_counts_beside_a_name_that_nothing_has_any_more(other, tmp_path):
    put(other, "a")
    file = written(tmp_path / "x.tsv", ["a\tQuasi-stellar radio sources\t1319\n"])
    record_table(Desk(other), file, VOCABULARY, "ann")
    assert {concept.uri for concept in Desk(other).paper("a").state.labels} == {QUASARS.uri}


def test_the_table_reads_as_scix_has_it(decided):
    assert list(table(all_papers(decided, "done")))[:8] == [
        "bibcode\tname\tid\toverride\n",
        "a\tGalaxy evolution\t594\treject\n",
        "a\tQuasars\t1319\t\n",
        "a\tDust\t836\taccept\n",
        "b\tGalaxy evolution\t594\t\n",
        "b\tQuasars\t1319\t1599\n",
        "b\tLenses\t670\tadd\n",
        "c\tGalaxy evolution\t594\t\n",
    ]


def test_the_final_table_has_labels_alone_and_comes_back(decided, other, tmp_path):
    file = written(tmp_path / "final.tsv", final_table(all_papers(decided, "done")))
    assert file.read_text().splitlines()[:2] == ["a\tQuasars\t1319", "a\tDust\t836"]
    assert kind_of(str(file)) == "decisions"
    put(other, "a", "b", "c", "d", "f")
    record_table(Desk(other), file, VOCABULARY, "scix")
    assert labels(other) == labels(decided)


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        ("", {1319}),
        ("keep", {1319}),
        ("reject", set()),
        ("-", set()),
        ("594", {594}),
        ("Galaxy evolution", {594}),
        ("http://astrothesaurus.org/uat/594", {594}),
        ("1319", {1319}),
    ],
)
def test_overrides(other, tmp_path, override, expected):
    put(other, "a")
    # The row of Galaxy evolution is gone, so that the concept is, too, unless it is swapped in.
    file = written(tmp_path / "x.tsv", ["bibcode\tname\tid\toverride\n", f"a\tQuasars\t1319\t{override}\n"])
    record_table(Desk(other), file, VOCABULARY, "scix")
    assert labels(other) == {"a": expected}
    assert Desk(other).paper("a").state.done_by == ("scix",)


def test_papers_that_are_absent_are_told(other, tmp_path):
    put(other, "a")
    file = written(tmp_path / "x.tsv", ["a\tQuasars\t1319\n", "z\tQuasars\t1319\n"])
    assert record_table(Desk(other), file, VOCABULARY, "scix").absent == ["z"]
    with pytest.raises(InputError, match="none of its 1 papers"):
        record_table(Desk(other), written(tmp_path / "y.tsv", ["z\tQuasars\t1319\n"]), VOCABULARY, "scix")


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("a\tQuasarrs\t99", "line 2: no concept '99' in the vocabulary"),
        ("a\tQuasars\t1319\tQuasar", "line 2: no concept 'Quasar' in the vocabulary; near: Quasars"),
        ("a\tDust\t1319\t", "line 2: 1319 is Quasars, and Dust is 836; keep what is meant"),
        ("\tQuasars\t1319\t", "line 2: a paper or a concept is missing"),
        ("a\tQuasars\t1319\t\tx", "5 cells"),
        ("a\tQuasars", "line 2: ends before the id, which counts"),
    ],
)
def test_rows_that_are_refused_record_nothing(other, tmp_path, row, told):
    put(other, "a")
    file = written(tmp_path / "x.tsv", ["bibcode\tname\tid\toverride\n", row + "\n"])
    with pytest.raises(InputError, match=told):
        record_table(Desk(other), file, VOCABULARY, "scix")
    assert Desk(other).events("a") == []


HEADER = "bibcode\tname\tid\toverride\n"


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("x.tsv", "bibcode\tname\tid\toverride\tcomment\n", "line 1: no column 'comment' is known here; remove it"),
        ("x.tsv", "bibcode\tname\n", "line 1: no column 'id'; add it"),
        ("x.tsv", "bibcode\tname\tid\tid\n", "line 1: two columns are called id"),
        ("x.tsv", "a\tQuasars\t1319\treject\n", "line 1: no header; only three columns can do without"),
        ("x.csv", "bibcode,name,id\na,Quasars,1319\n", "line 1: ',' stands between the cells, and tabs are expected"),
        ("x.tsv", '"bibcode";"name";"id";"override"\n', "line 1: ';' stands between the cells, and tabs are expected"),
        ("x.csv", "a,Quasars,1319\n", "line 1: ',' stands between the cells, and tabs are expected"),
        ("x.tsv", HEADER + '\na\t"Quasars\t1319\t\na\tDust\t836\t\n', "line 3: a quote is opened and not closed"),
        ("x.tsv", HEADER + 'a\t"Quasars\n"\t1319\t\na\tNone\t1\t\n', "line 4: no concept '1'"),
        ("x.tsv", HEADER + "a\tQuas\0ars\t1319\t\n", "line 2: binary data"),
        ("x.tsv", HEADER + "a\u200b\tQuasars\t1319\t\n", "line 2: the bibcode holds the character U+200B"),
    ],
)
def test_tables_that_are_nearly_right_are_told_what_is_wrong(other, tmp_path, name, content, told):
    put(other, "a")
    file = written(tmp_path / name, [content])
    assert kind_of(str(file)) == "decisions"
    with pytest.raises(InputError, match=re.escape(f"{name} {told}")):
        record_table(Desk(other), file, VOCABULARY, "scix")
    assert Desk(other).events("a") == []


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        ("Quasars\t1319\t", "Quasars\t1319\treject", "Quasars is rejected here and accepted in line 2"),
        ("Quasars\t1319\treject", "quasars\t\tkeep", "Quasars is accepted here and rejected in line 2"),
        (
            "Quasars\t1319\t594",
            "Quasars\t1319\t836",
            "Quasars is swapped for Dust here and swapped for Galaxy evolution",
        ),
        ("Quasars\t1319\t836", "Dust\t836\treject", "Dust is rejected here and accepted in line 2"),
    ],
)
def test_rows_that_contradict_each_other_record_nothing(other, tmp_path, first, second, told):
    put(other, "a", "b")
    file = written(tmp_path / "x.tsv", [HEADER, f"a\t{first}\n", "b\tQuasars\t1319\treject\n", f"a\t{second}\n"])
    with pytest.raises(InputError, match=f"x[.]tsv line 4: {told}"):
        record_table(Desk(other), file, VOCABULARY, "scix")
    assert Desk(other).events("a") == Desk(other).events("b") == []


def test_rows_that_say_the_same_twice_are_one(other, tmp_path):
    put(other, "a")
    rows = ["a\tQuasars\t1319\t\n", "a\tQuasars\t\tkeep\n", "a\tStars\t1599\t836\n", "a\tDust\t836\t\n"]
    record_table(Desk(other), written(tmp_path / "x.tsv", [HEADER, *rows]), VOCABULARY, "scix")
    assert labels(other) == {"a": {1319, 836}}


def test_empty_columns_of_a_spreadsheet_do_no_harm(other, tmp_path):
    put(other, "a")
    file = written(tmp_path / "x.tsv", ["bibcode\tname\tid\t\t\n", "a\tQuasars\t1319\t\t\n"])
    assert kind_of(str(file)) == "decisions"
    record_table(Desk(other), file, VOCABULARY, "scix")
    assert labels(other) == {"a": {1319}}


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.tsv", "bibcode\ttitle\tid\n", "papers"),
        ("a.tsv", "some text\t<http://x/1>\n", "papers"),
        ("a.tsv", "\ufeffBibcode\tName\tID\tOverride\r\n", "decisions"),
        ("a.tsv", "2020ApJ...1A\tQuasars\thttp://x/1\n", "decisions"),
        ("a.jsonl", '{"bibcode": "a", "title": "t"}\n', "papers"),
        ("a.jsonl", "not json\n", "papers"),
        ("a.csv", "bibcode,name,id\n", "decisions"),
        ("a.csv", "bibcode,id,headline\n", "papers"),
        ("a.csv", "bibcode,title,name\n", "papers"),
        ("a.txt", "2019ApJ...871L..17B\n", "bibcodes"),
    ],
)
def test_kinds_of_files(tmp_path, name, content, kind):
    assert kind_of(str(written(tmp_path / name, [content]))) == kind
    assert kind_of("sample:train") == "papers"
    if kind == "decisions":
        assert kind_of(str(tmp_path / name), titled=True) == "papers"


def test_what_is_deprecated_has_a_row_only_where_somebody_took_it(one, other, tmp_path):
    suggestions = [replace(each, deprecated=each.uri == GALAXIES.uri) for each in SUGGESTIONS]
    put(one, "left", "taken", listed=suggestions)
    desk = Desk(one)
    desk.record("left", 0, "done", who="ann")
    desk.record_all("taken", 0, [Wish("accept", GALAXIES), Wish("done")], "ann")
    for told in (final_table(all_papers(one, "done")), table(all_papers(one, "done"))):
        assert [line.split("\t")[0] for line in told if GALAXIES.label in line] == ["taken"]
    restore(other, written(tmp_path / "x.jsonl", lines(all_papers(one))))
    assert [paper.suggestions for paper in all_papers(other)] == [tuple(suggestions)] * 2
