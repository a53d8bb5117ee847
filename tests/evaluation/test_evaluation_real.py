"""A ranking by popularity on the real papers: an easy system whose numbers can be counted another way."""

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.metrics import f1_score, label_ranking_average_precision_score, ndcg_score

from scixtag.evaluation.bands import FINE
from scixtag.evaluation.judgements import Judgements, judge
from scixtag.evaluation.report import evaluate
from scixtag.predictions.scores import Scores
from scixtag.vocabulary.concept import Concept, Vocabulary

FOLDS = 5


@pytest.fixture(scope="module")
def papers(shared):
    from pyarrow import parquet

    table = parquet.read_table(shared / "data/scix-uat/papers.parquet", columns=["verified_uat_ids"])
    labels = table.column("verified_uat_ids").to_pylist()
    ids = sorted({i for row in labels for i in row})
    columns = {concept: column for column, concept in enumerate(ids)}
    targets = np.zeros((len(labels), len(ids)), np.float32)
    for row, names in enumerate(labels):
        targets[row, [columns[name] for name in names]] = 1
    vocabulary = Vocabulary(Concept(id=i, uri=f"http://astrothesaurus.org/uat/{i}", name=f"concept {i}") for i in ids)
    return targets, vocabulary


def judge_fold(targets, test, train):
    counts = targets[train].sum(axis=0).astype(int)
    # Divided by more than the largest count, and with ties broken by column, so that no two scores are equal.
    popularity = (counts + 1 - np.arange(len(counts)) / 1e4) / (counts.max() + 2)
    scores = Scores.from_dense(np.tile(popularity, (len(test), 1)), k=50)
    selected = scores.listed & (np.arange(50) < 4)
    return judge(scores, selected, csr_array(targets[test]), np.zeros(len(test), int), counts, len(train))


@pytest.fixture(scope="module")
def folds(papers):
    targets, _ = papers
    order = np.random.default_rng(0).permutation(len(targets))
    return [(order[f::FOLDS], np.setdiff1d(order, order[f::FOLDS])) for f in range(FOLDS)]


@pytest.fixture(scope="module")
def report(papers, folds):
    targets, vocabulary = papers
    judged = Judgements.concatenate([judge_fold(targets, test, train) for test, train in folds])
    return evaluate(judged, vocabulary, system={"model": "popularity"}, replicates=200)


def test_denominators(report):
    counts = report.denominators
    assert (counts.papers, counts.concepts, counts.scoreable_concepts, counts.gold) == (2404, 804, 804, 10496)
    assert counts.train_papers == (1923, 1924)
    assert counts.outside == 0
    assert 0 < counts.never_seen < 300
    assert counts.selected == 4 * 2404


def test_values_counted_another_way(papers, folds, report):
    targets, _ = papers
    hits_at_1 = recall_at_5 = 0.0
    for test, train in folds:
        best = np.argsort(-targets[train].sum(axis=0), kind="stable")
        hits_at_1 += targets[test][:, best[0]].sum()
        recall_at_5 += (targets[test][:, best[:5]].sum(axis=1) / targets[test].sum(axis=1)).sum()
    assert report.metrics["p@1"].value == pytest.approx(hits_at_1 / 2404)
    assert report.metrics["r@5"].value == pytest.approx(recall_at_5 / 2404)


def test_one_fold_agrees_with_scikit_learn(papers, folds):
    targets, vocabulary = papers
    test, train = folds[0]
    judged = judge_fold(targets, test, train)
    found = evaluate(judged, vocabulary, system={}, replicates=1).metrics
    dense, chosen = np.zeros((2, *targets[test].shape))
    np.put_along_axis(dense, judged.scores.columns.astype(int), judged.scores.values, axis=1)
    np.put_along_axis(chosen, judged.scores.columns[:, :4].astype(int), 1, axis=1)
    truth = targets[test].astype(int)
    scoreable = np.nonzero(truth.any(axis=0))[0]
    assert found["micro_f1"].value == pytest.approx(f1_score(truth, chosen, average="micro"))
    assert found["sample_f1"].value == pytest.approx(f1_score(truth, chosen, average="samples", zero_division=0))
    expected = f1_score(truth, chosen, labels=scoreable, average="macro", zero_division=0)
    assert found["macro_f1"].value == pytest.approx(expected)
    assert found["ndcg@10"].value == pytest.approx(ndcg_score(truth, dense, k=10))
    assert found["lrap"].value == pytest.approx(label_ranking_average_precision_score(truth, dense))


def test_popularity_finds_only_what_is_frequent(report):
    metrics = report.metrics
    assert 0.03 < metrics["p@1"].value < 0.1
    assert metrics["psp@5"].value < metrics["p@5"].value < metrics["r@5"].value * 5
    assert metrics["macro_f1"].value < 0.02 < metrics["micro_f1"].value < 0.2
    fine = report.schemes[0]
    assert fine.name == FINE.name
    values = [band.metrics["r@5"].value for band in fine.bands]
    assert values[0] > 0.1
    assert values[1:] == [0, 0, 0]
    assert all(i.low - 1e-12 <= i.value <= i.high + 1e-12 for i in metrics.values())
