"""The queue: papers come in once, and leave in the order that was asked for."""

from datetime import timedelta

import numpy as np
import pytest
from review_cases import put, record
from sqlalchemy import event

from scixtag.corpus.sources import read_records
from scixtag.corpus.text import clean, text_of
from scixtag.errors import InputError
from scixtag.predictions.scores import Scores
from scixtag.review import queue as module
from scixtag.review.decisions import Wish
from scixtag.review.desk import Desk
from scixtag.review.errors import UnknownPaperError
from scixtag.review.priorities import expected_gain, uncertainty
from scixtag.review.queue import ORDERS, Imported, Queue, origin_of
from scixtag.workflows.preparation import Corpus, vocabulary_for
from scixtag.workflows.settings import training_settings
from scixtag.workflows.tagger import Answers, Tagger
from scixtag.workflows.train import train


@pytest.fixture(scope="session")
def tagger():
    settings = training_settings({"model": {"name": "centroid"}}, "the tests")
    return train(Corpus("sample:train"), vocabulary_for("sample", None), settings)


@pytest.fixture
def queue(database):
    return Queue(database)


def sample_papers(count):
    return [r for _, r in zip(range(count), read_records("sample:test"), strict=False)]


# Import


def test_an_import_keeps_what_the_model_said(queue, database, tagger):
    papers = sample_papers(5)
    assert queue.import_papers(papers, tagger, "sample:test") == Imported(added=5)
    suggested = tagger.suggest(papers, 20)
    for paper, suggestions in zip(papers, suggested, strict=True):
        kept = Desk(database).paper(paper.id)
        assert (kept.title, kept.abstract, kept.source) == (paper.title, paper.abstract, "sample:test")
        assert [s.to_document() for s in kept.suggestions] == [s.to_document() for s in suggestions]
        assert kept.origin == origin_of(tagger)
    answers = tagger.answers([text_of(paper) for paper in papers])
    listed = {paper.id: paper for paper in queue.list("date", 10)}
    gains = expected_gain(answers, tagger.decision.unlisted)
    for paper, unsure, gain in zip(papers, uncertainty(answers), gains, strict=True):
        assert listed[paper.id].uncertainty == pytest.approx(unsure, abs=1e-6)
        assert listed[paper.id].expected_gain == pytest.approx(gain, abs=1e-6)


def test_known_papers_stay_as_they_are_and_the_model_is_not_asked_again(queue, database, tagger):
    papers = sample_papers(4)
    queue.import_papers(papers[:2], None, "first")
    Desk(database).record(papers[0].id, 0, "done", who="ann")
    assert queue.import_papers(papers, tagger, "second") == Imported(added=2, known=2)
    assert queue.import_papers(papers, tagger, "third") == Imported(known=4)
    kept = Desk(database).paper(papers[0].id)
    assert (kept.source, kept.suggestions, kept.origin, kept.state.progress) == ("first", (), None, "done")


def test_an_interrupted_import_goes_on(queue, monkeypatch):
    monkeypatch.setattr(module, "_BATCH", 3)

    def interrupted():
        yield from (record(f"p{n}") for n in range(7))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        queue.import_papers(interrupted(), None, "cases")
    assert [paper.id for paper in queue.list("date", 100)] == [f"p{n}" for n in range(6)]
    assert queue.import_papers((record(f"p{n}") for n in range(9)), None, "cases") == Imported(added=3, known=6)


def test_a_paper_twice_in_a_batch_is_one_and_the_first_counts(queue, database):
    papers = [record("a", "first"), record("b"), record("a", "last")]
    assert queue.import_papers(papers, None, "cases") == Imported(added=2, known=1)
    assert Desk(database).paper("a").title == "first"


def test_papers_without_text_or_id(queue):
    assert queue.import_papers([record("a", "", None), record("b", "<p></p>", " ")], None, "x") == Imported(empty=2)
    with pytest.raises(InputError, match="name the column of the ids with --id-field"):
        queue.import_papers([record("papers.csv:17")], None, "x")
    assert queue.counts()["open"] == 0


def test_odd_characters_are_kept_as_far_as_a_database_can(queue, database):
    queue.import_papers([record("a", "T\x00\ud800𝄞", "<script>\u202e")], None, "s\x00")
    paper = Desk(database).paper("a")
    assert (paper.title, paper.abstract, paper.source) == ("T\ufffd\ufffd𝄞", "<script>\u202e", "s\ufffd")


def test_a_tagger_has_one_digest_before_and_after_it_is_saved(tagger, tmp_path):
    tagger.save(tmp_path / "model")
    assert origin_of(Tagger.load(tmp_path / "model")) == origin_of(tagger)
    assert origin_of(tagger, "mine").model == "mine"


# Orders


def answers(rows, selected):
    values = np.array(rows, np.float32)
    columns = np.where(values > 0, np.arange(values.shape[1]), -1).astype(np.int32)
    return Answers(Scores(columns, values), np.array(selected), np.zeros(len(rows), bool))


def test_uncertainty_is_the_mean_entropy_at_the_border():
    certain = [1.0] * 20 + [0.001] * 20
    unsure = [0.5, 0.5] + [0.0] * 38
    none = [0.0] * 40
    found = uncertainty(answers([certain, unsure, none], [[p >= 0.5 for p in r] for r in (certain, unsure, none)]))
    # Five selected of entropy 0, five others of entropy 0.0114; two of entropy 1; nothing.
    assert found == pytest.approx([0.0114 / 2, 1.0, 0.0], abs=1e-4)


def test_uncertainty_looks_no_further_than_the_border():
    near = [0.99] * 5 + [0.6] * 5 + [0.3] * 5
    far = [*near, *[0.2] * 10]
    rows = [near + [0.0] * 10, far]
    found = uncertainty(answers(rows, [[p >= 0.5 for p in row] for row in rows]))
    assert found[0] == pytest.approx(found[1])
    assert found[0] == pytest.approx((0.97095 + 0.88129) / 2, abs=1e-4)


def test_expected_gain_counts_expected_corrections():
    rows = [[0.9, 0.4, 0.3], [0.9, 0.4, 0.0]]
    found = expected_gain(answers(rows, [[True, True, False], [True, False, False]]), unlisted=0.5)
    assert found == pytest.approx([0.1 + 0.6 + 0.3 + 0.5, 0.1 + 0.4 + 0.5])


ORDERED = {"uncertainty": ["c", "a", "b", "d"], "expected-gain": ["b", "d", "a", "c"], "date": ["a", "b", "c", "d"]}


@pytest.fixture
def four(database):
    put(database, ("a", 0.5, 1.0), ("b", 0.5, 3.0), ("c", 0.9, 0.0), ("d", 0.1, 3.0))


@pytest.mark.usefixtures("four")
@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("size", [1, 3, 4])
def test_pages_follow_one_another(queue, order, size):
    found, last = [], None
    while page := queue.list(order, size, last):
        found += [paper.id for paper in page]
        last = found[-1]
    assert found == ORDERED[order]


def test_papers_are_found_by_a_part_of_title_or_id(queue, database):
    titles = {
        "2021A&A...100%1": "On Dust",
        "b_c": "100% of it",
        "bxc": "A / in <i>dust</i>",
        "É": "étoiles",
        "d\\": "x",
    }
    queue.import_papers([record(paper, title=title) for paper, title in titles.items()], None, "tests")
    Desk(database).record("bxc", 0, "done", who="ann")

    def found(part, **how):
        return [paper.id for paper in queue.list("date", 10, **{"progress": None, "part": part, **how})]

    everything = list(titles)
    assert found("DUST") == found(" dust ") == ["2021A&A...100%1", "bxc"]
    assert found("100%") == ["2021A&A...100%1", "b_c"]
    assert found("B_C") == ["b_c"]
    assert (found("\\"), found("/")) == (["d\\"], ["bxc"])
    assert found("étoile") == ["É"]
    assert found("%") == ["2021A&A...100%1", "b_c"]
    assert found("nothing' OR 1=1 --\0") == []
    assert found("") == found(" ") == everything
    assert found("dust", progress="open") == ["2021A&A...100%1"]
    assert found("dust", after="2021A&A...100%1") == ["bxc"]
    assert [paper.id for paper in queue.list("uncertainty", 1, progress=None, part="dust")] == ["2021A&A...100%1"]


@pytest.mark.parametrize(
    ("title", "parts"),
    [
        ("L'ÉTOILE α", ["étoile Α", "etoile", "L'É", "E\u0301toile"]),
        ("Water (H<sub>2</sub>O) in  space", ["H2O", "h<sub>2</sub>o", "o) in space", "(H2O)  in"]),
        ("Strong H$\\alpha$ at $z\\sim1$", ["Hα", "Halpha", "H$\\alpha$"]),
        ("Straße &amp; Weg", ["STRASSE", "strasse & weg", "&"]),
    ],
)
def test_papers_are_found_by_what_is_seen_of_their_titles(queue, title, parts):
    queue.import_papers([record("a", title=title), record("b", title="Another")], None, "tests")
    for part in (*parts, clean(title)):
        assert [paper.id for paper in queue.list("date", 10, part=part)] == ["a"], part
    assert queue.list("date", 10, part="<sub>") == []


@pytest.mark.usefixtures("four")
@pytest.mark.parametrize("order", ORDERS)
def test_papers_come_out_in_order(queue, database, order):
    found = []
    while paper := queue.next(order, "ann"):
        assert queue.next(order, "ann") == paper  # who asks again gets the same one
        found.append(paper.id)
        Desk(database).record(paper.id, 0, "done", who="ann")
    assert found == ORDERED[order]


@pytest.mark.usefixtures("four")
def test_pages_of_decided_papers_and_unknown_ones(queue, database):
    Desk(database).record("b", 0, "done", who="ann")
    assert [paper.id for paper in queue.list("date", 10)] == ["a", "c", "d"]
    assert [paper.id for paper in queue.list("date", 10, progress="done")] == ["b"]
    assert [paper.id for paper in queue.list("date", 10, "b", progress=None)] == ["c", "d"]
    with pytest.raises(UnknownPaperError, match="no such paper"):
        queue.list("date", 10, "z")
    for wrong in (lambda: queue.list("dat", 10), lambda: queue.next("dat", "ann")):
        with pytest.raises(InputError, match="did you mean 'date'"):
            wrong()


@pytest.mark.usefixtures("four")
def test_two_curators_get_different_papers(queue, database, monkeypatch):
    assert queue.next("date", "ann").id == "a"
    assert queue.next("date", "bob").id == "b"
    assert [paper.claimed_by for paper in queue.list("date", 3)] == ["ann", "bob", None]
    claims = [Desk(database).paper(paper).claim for paper in "abc"]
    assert [claim and claim.who for claim in claims] == ["ann", "bob", None]
    assert claims[0].until > module.moment(module.now() + timedelta(minutes=14))
    held = Desk(database).decide("b", 0, [Wish("note", text="Hm.")], "bob")[1].claim
    assert held == Desk(database).paper("b").claim
    assert (held.who, held.until > claims[1].until) == ("bob", True)
    assert Desk(database).decide("b", 1, [Wish("note", text="Ah.")], "ann")[1].claim == held  # not hers
    queue.release("b", "ann")  # not hers to give back
    assert queue.next("date", "ann").id == "a"
    queue.release("a", "ann")
    assert queue.next("date", "eve").id == "a"
    later = module.now() + timedelta(minutes=16)
    monkeypatch.setattr(module, "now", lambda: later)
    assert [paper.claimed_by for paper in queue.list("date", 3)] == [None, None, None]
    assert queue.next("date", "ann").id == "a"
    assert Desk(database).decide("a", 0, [Wish("done")], "ann")[1].claim is None
    assert Desk(database).paper("a").claim is None


@pytest.mark.usefixtures("four")
def test_skipped_papers_come_last_and_in_turn(queue, database):
    desk = Desk(database)
    desk.record("a", 0, "skip", who="ann")
    desk.record("b", 0, "skip", who="ann")
    assert queue.next("date", "ann").id == "c"
    desk.record("c", 0, "done", who="ann")
    desk.record("d", 0, "done", who="ann")
    assert queue.next("date", "ann").id == "a"
    desk.record("a", 1, "skip", who="ann")
    assert queue.next("date", "ann").id == "b"


@pytest.mark.usefixtures("four")
def test_a_second_opinion_is_asked_of_somebody_else(queue, database):
    desk = Desk(database)
    assert queue.next("date", "bob", second=True) is None
    desk.record("c", 0, "done", who="ann")
    assert queue.next("date", "ann", second=True) is None
    assert queue.next("date", "bob", second=True).id == "c"
    desk.record("d", 0, "done", who="ann")
    desk.record("c", 1, "skip", who="bob")
    assert queue.next("date", "bob", second=True).id == "d"
    assert queue.counts()["done"] == 2  # bob's skip is bob's alone
    desk.record("d", 1, "done", who="bob")
    assert queue.next("date", "bob", second=True).id == "c"
    desk.record("c", 2, "done", who="bob")
    assert queue.next("date", "bob", second=True) is None


def test_the_first_page_and_the_next_paper_are_a_look_into_an_index(database, queue):
    if "sqlite" not in database.name:
        pytest.skip("PostgreSQL reads small tables as a whole, whatever indices there are")
    put(database, *((f"p{n}", n % 7 / 7, n % 5) for n in range(1500)))
    seen = []
    listening = (database._engine, "before_cursor_execute", lambda _c, _k, sql, given, *_: seen.append((sql, given)))
    event.listen(*listening)
    for order in ORDERS:
        queue.list(order, 10)
        queue.list(order, 10, "p700")
        queue.next(order, "ann")
    event.remove(*listening)
    looked = [(sql, given) for sql, given in seen if "FROM papers" in sql and "ORDER BY" in sql]
    assert len(looked) == 9
    with database.reading() as connection:
        for sql, given in looked:
            plan = " ".join(row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", given))
            assert "SEARCH papers USING INDEX papers_by_" in plan, sql
            assert "TEMP B-TREE" not in plan, sql
