import pytest

from scixtag.evaluation.audit import audit_pairs
from scixtag.evaluation.worst import concepts_of, worst_rows
from scixtag.predictions.explanation import Evidence, Explanation, Reason, SimilarPaper, SimilarPapers, Span
from scixtag.workflows.evaluate import evaluate, judge_tagger
from scixtag.workflows.evidence import AUDITED, concepts_to_explain, evidence_for, in_words
from scixtag.workflows.preparation import Corpus, evaluation_examples, named_vocabulary
from scixtag.workflows.settings import training_settings
from scixtag.workflows.train import train


def trained(name):
    settings = training_settings({"model": {"name": name}}, name)
    return train(Corpus("sample:train"), named_vocabulary("sample"), settings)


@pytest.fixture(scope="module")
def tagger():
    return trained("centroid")


@pytest.fixture(scope="module")
def examples(tagger):
    return evaluation_examples(Corpus("sample"), tagger.vocabulary)[0]


@pytest.fixture(scope="module")
def judged(tagger, examples):
    return judge_tagger(tagger, examples).judgements


def test_explained_are_the_worst_papers_and_the_first_pairs_of_the_audit(judged, examples):
    wanted = concepts_to_explain(judged, examples, audited=True)
    worst = worst_rows(judged, examples).tolist()
    pairs = audit_pairs(judged, examples, AUDITED)
    audited = set(zip(pairs.papers.tolist(), pairs.concepts.tolist(), strict=True))
    assert len(audited) == AUDITED
    of_worst = {(row, column) for row in worst for column in concepts_of(judged, row)}
    told = [(row, column) for row, columns in wanted.items() for column in columns]
    assert sorted(told) == sorted(of_worst | audited)
    assert list(concepts_to_explain(judged, examples, audited=False)) == worst


def test_evidence_is_of_the_papers_own_words(tagger, judged, examples):
    wanted = concepts_to_explain(judged, examples, audited=True)
    found = evidence_for(tagger, examples, wanted)
    assert set(found) == {(row, column) for row, columns in wanted.items() for column in columns}
    quoted = [(row, told.split("“")[1].split("”")[0]) for (row, _), told in found.items() if told]
    assert len(quoted) > len(found) / 2
    assert all(words in examples.texts[row].joined for row, words in quoted)


def test_a_model_that_explains_nothing_is_not_asked():
    tagger = trained("prior")
    report = evaluate(tagger, Corpus("sample:test"), replicates=2, explain=True)
    assert len(report.worst) == 20
    assert not any(one.evidence for paper in report.worst for one in paper.concepts)


def test_words_papers_and_reasons_become_a_line():
    span = (Span("title", 0, 4),)
    explanation = Explanation(
        evidence=(Evidence("stellar stream", 0.756, "name", 1, span), Evidence("tidal", 0.11, "words", 1, span)),
        similar=SimilarPapers(20, 6, (SimilarPaper(3, 0.2),)),
        reasons=(Reason("words of its papers", 2.04), Reason("its names in the text", -0.5)),
        path=("Galaxies", "Stellar streams"),
    )
    assert in_words(explanation) == (
        "its name “stellar stream” 76%, “tidal” 11%; 6 of the 20 most similar papers carry it; "
        "words of its papers +2.0, its names in the text -0.5"
    )
    assert in_words(Explanation(path=("Galaxies",), similar=SimilarPapers(20, 0, ()))) == ""
