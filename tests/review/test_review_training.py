"""What is learned from decisions: they win over the source, and nothing of a left-out fold comes back."""

import json

import numpy as np
import pytest
from review_cases import ORIGIN, put, record

from scixtag.corpus.examples import build_examples
from scixtag.errors import InputError
from scixtag.predictions.suggestion import Suggestion
from scixtag.review.decisions import ConceptName, Wish
from scixtag.review.desk import Desk, all_papers
from scixtag.review.effect import effect
from scixtag.review.queue import Queue
from scixtag.review.training import amended, events_digest, train_with_decisions
from scixtag.workflows.preparation import Corpus, Fold, named_vocabulary, training_part
from scixtag.workflows.settings import training_settings
from scixtag.workflows.train import train

SETTINGS = training_settings({"model": {"name": "centroid"}}, "the tests")
VOCABULARY = named_vocabulary("sample")
A, B, C, D = (ConceptName.of(concept) for concept in list(VOCABULARY)[:4])


@pytest.fixture
def database(lite):
    return lite


def examples(**labels):
    records = [
        record(paper, title=f"Paper {paper}", labels=tuple(c.id for c in given)) for paper, given in labels.items()
    ]
    return build_examples(records, VOCABULARY)[0]


def labels_of(gold):
    return {
        paper: {VOCABULARY[column].id for column in np.flatnonzero(row)}
        for paper, row in zip(gold.ids, gold.targets.toarray(), strict=True)
    }


def decide(database, paper, *wishes, listed=()):
    put(database, paper, listed=listed, origin=ORIGIN)
    Desk(database).record_all(paper, 0, [*wishes, Wish("done")], "ann")


def test_decisions_win_over_the_source(database):
    decide(database, "p", Wish("add", C), Wish("reject", B))
    decide(database, "q", Wish("swap", A, D))
    put(database, "r")
    Desk(database).record("r", 0, "add", concept=D, who="ann")  # not done
    gold, learned = amended(examples(p=(A, B), q=(A,), r=(A,)), frozenset(), all_papers(database, "done"))
    assert labels_of(gold) == {"p": {A.id, C.id}, "q": {D.id}, "r": {A.id}}
    assert (learned.papers, learned.new, learned.labels_added, learned.labels_removed) == (2, 0, 2, 2)
    assert learned.events == 5


def test_new_papers_come_with_their_text(database):
    suggestion = Suggestion(A.id, A.uri, A.label, 0.9, True)
    decide(database, "new", Wish("add", B), listed=(suggestion,))
    gold, learned = amended(examples(p=(A,)), frozenset(), all_papers(database, "done"))
    # What the model selected stands, for nobody objected.
    assert labels_of(gold) == {"p": {A.id}, "new": {A.id, B.id}}
    assert gold.texts[1].title == "On new"
    assert (learned.papers, learned.new, learned.labels_added, learned.untouched) == (1, 1, 0, 1)
    assert gold.targets.dtype == np.float32
    assert len(gold.unknown) == 2


def test_what_a_model_selected_and_nobody_spoke_of_is_learned_of_done_papers_alone(database):
    listed = [Suggestion(c.id, c.uri, c.label, p, p > 0.5) for c, p in ((A, 0.9), (B, 0.8), (C, 0.7), (D, 0.2))]
    decide(database, "p", Wish("accept", B), Wish("reject", C), listed=listed)
    for paper, wishes in (
        ("open", [Wish("accept", B)]),
        ("skipped", [Wish("accept", B), Wish("skip")]),
        ("undone", [Wish("done"), Wish("undo")]),
    ):
        put(database, paper, listed=listed, origin=ORIGIN)
        Desk(database).record_all(paper, 0, wishes, "ann")
    gold, learned = amended(examples(p=(D,), open=(D,)), frozenset(), all_papers(database, "done"))
    assert labels_of(gold) == {"p": {A.id, B.id, D.id}, "open": {D.id}}
    assert (learned.papers, learned.labels_added, learned.untouched) == (1, 2, 1)
    assert "labels that a model had selected and nobody spoke of: 1" in learned.summary()


def test_what_the_vocabulary_has_deprecated_since_is_learned_only_where_somebody_accepted_it(database):
    old = next(ConceptName.of(concept) for concept in VOCABULARY if concept.deprecated)
    listed = [Suggestion(c.id, c.uri, c.label, 0.9, True) for c in (A, old)]  # as of a model that did not know
    decide(database, "p", listed=listed)
    decide(database, "q", Wish("accept", old), listed=listed)
    gold, learned = amended(examples(r=(B,)), frozenset(), all_papers(database, "done"))
    assert labels_of(gold) == {"p": {A.id}, "q": {A.id, old.id}, "r": {B.id}}
    assert learned.untouched == 2


def test_papers_of_the_fold_that_is_left_out_stay_out(database):
    decide(database, "held", Wish("add", B))
    gold, learned = amended(examples(p=(A,)), frozenset({"held"}), all_papers(database, "done"))
    assert (labels_of(gold), learned.papers, learned.left_out) == ({"p": {A.id}}, 0, 1)


def test_papers_without_a_label_are_not_learned_from(database):
    unknown = ConceptName(1, "http://elsewhere/1", "Elsewhere")
    decide(database, "none", Wish("reject", A))
    decide(database, "p", Wish("reject", A))
    decide(database, "odd", Wish("add", unknown))
    gold, learned = amended(examples(p=(A,), q=(B,)), frozenset(), all_papers(database, "done"))
    assert labels_of(gold) == {"q": {B.id}}
    assert (learned.papers, learned.unlabelled, learned.unknown, learned.labels_removed) == (0, 3, 1, 1)


def test_the_digest_is_of_the_events(database):
    decide(database, "p", Wish("add", B))
    decide(database, "q", Wish("add", B))
    papers = list(all_papers(database))
    assert events_digest(papers) == events_digest(papers[::-1]) != events_digest(papers[:1])
    Desk(database).record("p", 2, "note", text="x", who="ann")
    assert events_digest(all_papers(database)) != events_digest(papers)


def test_no_paper_of_a_fold_is_learned_through_decisions(database):
    corpus = Corpus("sample:train", fold=Fold(1, 3))
    part = training_part(corpus, VOCABULARY)
    held = sorted(part.left_out)[:5]
    for paper in (*held, *part.examples.ids[:5], "new"):
        decide(database, paper, Wish("add", A), Wish("add", B))
    tagger = train_with_decisions(corpus, VOCABULARY, SETTINGS, database)
    facts = tagger.manifest["training"]
    assert facts["review"] | {"events": 0, "digest": ""} == {
        "papers": 6,
        "new": 1,
        "left_out": 5,
        "unlabelled": 0,
        "unknown": 0,
        "untouched": 0,
        "events": 0,
        "digest": "",
        "labels_added": facts["review"]["labels_added"],
        "labels_removed": 0,
    }
    assert facts["papers"] == len(part.examples) + 1
    everything = training_part(Corpus("sample:train"), VOCABULARY).examples
    rows = [everything.ids.index(paper) for paper in held]
    assert not tagger.learned_from(held, [everything.texts[row] for row in rows]).any()


@pytest.mark.parametrize("labels", [{}, {"uat_ids": None}, {"uat_ids": []}])
def test_labels_may_come_from_decisions_alone(database, tmp_path, labels):
    source = tmp_path / "papers.jsonl"
    documents = [{"bibcode": f"p{i}", "title": f"Dust {i}", "abstract": "Dust, and more of it."} for i in range(6)]
    source.write_text("".join(json.dumps(document | labels) + "\n" for document in documents))
    decide(database, "p0", Wish("add", A))
    with pytest.raises(
        InputError, match=r"papers\.jsonl has 0, and with what was decided in .*lite\.sqlite there are 1"
    ):
        train_with_decisions(Corpus(str(source)), VOCABULARY, SETTINGS, database)
    for paper in ("p1", "p2", "elsewhere"):
        decide(database, paper, Wish("add", A), Wish("add", B))
    facts = train_with_decisions(Corpus(str(source)), VOCABULARY, SETTINGS, database).manifest["training"]
    assert (facts["papers"], facts["papers_learned"], facts["papers_read"], facts["assignments"]) == (4, 4, 6, 7)
    assert (facts["review"]["papers"], facts["review"]["new"], facts["review"]["labels_added"]) == (4, 4, 0)
    with pytest.raises(InputError, match="no labelled papers to cut into folds"):
        train_with_decisions(Corpus(str(source), fold=Fold(1, 2)), VOCABULARY, SETTINGS, database)


def test_a_source_whose_labels_are_of_another_vocabulary_is_still_refused(database, tmp_path):
    source = tmp_path / "papers.jsonl"
    source.write_text('{"id": "a", "title": "t", "labels": ["Nothing of the kind"]}\n{"id": "b", "title": "u"}\n')
    decide(database, "p", Wish("add", A))
    decide(database, "q", Wish("add", A))
    with pytest.raises(InputError, match="whose labels the vocabulary does not hold"):
        train_with_decisions(Corpus(str(source)), VOCABULARY, SETTINGS, database)


def test_what_decisions_changed_is_told_on_the_reviewed_papers(database):
    before = train(Corpus("sample:train"), VOCABULARY, SETTINGS)
    Queue(database).import_papers([record(p.id, p.title, p.abstract) for p in _sample_test(20)], before, "sample:test")
    desk = Desk(database)
    for paper in list(all_papers(database)):
        wishes = [Wish("reject", c) for c in paper.state.labels] + [Wish("add", A), Wish("done")]
        desk.record_all(paper.id, 0, wishes, "ann")
    after = train_with_decisions(Corpus("sample:train"), VOCABULARY, SETTINGS, database)
    found = effect(all_papers(database, "done"), before, after)
    assert (found.before.papers, found.after.papers, found.before.labels) == (20, 20, 20)
    assert (found.learned_before, found.learned_after) == (0, 20)
    assert found.before_unseen.papers == found.after_unseen.papers == 0
    assert found.after.f1 > found.before.f1
    assert all(change.gained + change.lost >= change.better for change in found.changes)
    assert A.uri in {change.uri for change in found.changes}
    same = effect(all_papers(database, "done"), before, before)
    assert same.changes == ()
    assert same.before == same.after == same.before_unseen


def _sample_test(count):
    from scixtag.corpus.sources import read_records

    return [paper for _, paper in zip(range(count), read_records("sample:test"), strict=False)]
