import numpy as np
import pytest
from joblib import parallel_config
from scipy.sparse import csr_array
from sklearn.svm import LinearSVC

from scixtag.errors import ConfigError
from scixtag.models import linear
from scixtag.models.descent import IndexedPapers, Scratch, Task, separate, separate_among
from scixtag.models.label_tree import LabelTree, LabelTreeSettings
from scixtag.models.linear import Linear, LinearSettings
from scixtag.models.tfidf import TfIdf

ALL = 1_000
EXACT = Task(C=0.7, positive_weight=1.0, hardest=0, random=ALL, tolerance=1e-8, pruning=0.0, seed=0)


@pytest.fixture
def papers(corpus):
    vectors = TfIdf().fit_transform(corpus.texts)
    return IndexedPapers.of(vectors, np.ones(len(corpus)))


def dense(separator, columns):
    weights = np.zeros(columns)
    weights[separator.columns] = separator.weights
    return weights, separator.intercept


def reference(vectors, carries, weights=None, **settings):
    """liblinear's dual solver, whose intercept is penalised like the weights."""
    svm = LinearSVC(dual=True, tol=1e-10, max_iter=1_000_000, random_state=0, **settings)
    svm.fit(vectors.astype(np.float64), carries, weights)
    return svm.coef_[0], float(svm.intercept_[0])


def assert_same(one, other):
    np.testing.assert_allclose(one[0], other[0], atol=2e-4)
    assert one[1] == pytest.approx(other[1], abs=2e-4)


@pytest.mark.parametrize("settings", [{}, {"C": 20.0}, {"positive_weight": 6.0}])
def test_is_the_svm_that_liblinear_finds(papers, corpus, settings):
    task, scratch = EXACT._replace(**settings), Scratch.of(*papers.rows.shape)
    weights = np.random.default_rng(0).uniform(0.5, 2.0, len(corpus))
    papers = papers._replace(weights=weights)
    for concept in np.flatnonzero(corpus.label_counts):
        carries = corpus.targets.toarray()[:, concept] > 0
        found = separate(papers, np.flatnonzero(carries), task, scratch)
        each = weights * np.where(carries, task.positive_weight, 1.0)
        assert_same(dense(found, papers.rows.shape[1]), reference(papers.rows, carries, each, C=task.C))


def test_the_hardest_negatives_are_the_most_similar_ones(papers, corpus):
    task, scratch = EXACT._replace(hardest=9, random=0), Scratch.of(*papers.rows.shape)
    for concept in np.flatnonzero(corpus.label_counts):
        carries = corpus.targets.toarray()[:, concept] > 0
        similarity = papers.rows @ (carries.astype(np.float32) @ papers.rows)
        similarity[carries] = np.inf
        rows = np.sort(np.argsort(-similarity, kind="stable")[: carries.sum() + 9])
        found = separate(papers, np.flatnonzero(carries), task, scratch)
        assert_same(dense(found, papers.rows.shape[1]), reference(papers.rows[rows], carries[rows], C=task.C))


def test_random_negatives_are_some_of_the_others_and_follow_the_seed(papers, corpus):
    positives = np.flatnonzero(corpus.targets.toarray()[:, 0])
    scratch = Scratch.of(*papers.rows.shape)
    few = EXACT._replace(random=10)
    one, same, other = (separate(papers, positives, few._replace(seed=seed), scratch) for seed in (1, 1, 2))
    assert one.columns.tolist() == same.columns.tolist()
    np.testing.assert_array_equal(one.weights, same.weights)
    assert one.columns.tolist() != other.columns.tolist()
    told_from_all = separate(papers, positives, EXACT, scratch)
    assert len(one.columns) < len(told_from_all.columns)


def test_scratch_is_left_as_it_was(papers, corpus):
    scratch = Scratch.of(*papers.rows.shape)
    separate(papers, np.flatnonzero(corpus.targets.toarray()[:, 0]), EXACT._replace(hardest=5, random=5), scratch)
    assert not scratch.similarity.any()
    assert not scratch.seen.any()
    assert not scratch.used.any()
    assert (scratch.places == -1).all()


def test_among_some_papers_the_others_do_not_count(papers, corpus):
    rows, scratch = np.arange(10, 50), Scratch.of(*papers.rows.shape)
    labels = corpus.targets.toarray()[rows] > 0
    concepts = [c for c in range(labels.shape[1]) if 0 < labels[:, c].sum() < len(rows)]
    found = separate_among(papers, rows, [rows[labels[:, c]] for c in concepts], EXACT, scratch)
    for concept, one in zip(concepts, found, strict=True):
        expected = reference(papers.rows[rows], labels[:, concept], C=EXACT.C)
        assert_same(dense(one, papers.rows.shape[1]), expected)


def test_papers_without_words_are_no_trouble(corpus):
    vectors = TfIdf().fit_transform(corpus.texts).toarray()
    vectors[::2] = 0
    papers = IndexedPapers.of(csr_array(vectors), np.ones(len(corpus)))
    found = separate(papers, np.arange(6), EXACT._replace(hardest=3), Scratch.of(*papers.rows.shape))
    assert np.isfinite(found.weights).all()


FITS = {
    "liblinear": lambda: Linear(LinearSettings(negatives=10)),
    "descent": lambda: Linear(LinearSettings(solver="descent", negatives=10, random_negatives=20)),
    "tree": lambda: LabelTree(LabelTreeSettings(groups=3)),
}


def learned(model):
    arrays, matrices = model.learned()
    parts = {f"{name}.{part}": getattr(m, part) for name, m in matrices.items() for part in ("data", "indices")}
    return dict(arrays) | parts


def assert_learned_the_same(one, other):
    mine, yours = learned(one), learned(other)
    assert mine.keys() == yours.keys()
    for name, array in mine.items():
        np.testing.assert_array_equal(array, yours[name], err_msg=name)


@pytest.mark.parametrize("backend", ["threading", "loky", "sequential"])
@pytest.mark.parametrize("fit", FITS)
def test_whoever_runs_it_learns_the_same(corpus, fit, backend):
    here = FITS[fit]().fit(corpus)
    # Arrays of any size are mapped from files, as large ones are.
    with parallel_config(backend=backend, n_jobs=2, **({"max_nbytes": 1} if backend == "loky" else {})):
        there = FITS[fit]().fit(corpus)
    assert_learned_the_same(here, there)


@pytest.mark.parametrize("size", [1, 3, 1_000])
@pytest.mark.parametrize("solver", ["liblinear", "descent"])
def test_batches_change_nothing(corpus, monkeypatch, solver, size):
    usual = FITS[solver]().fit(corpus)
    monkeypatch.setattr(linear, "_CONCEPTS_AT_ONCE", {solver: size})
    assert_learned_the_same(usual, FITS[solver]().fit(corpus))


def test_a_concept_of_all_papers_is_everywhere(corpus):
    few = corpus.take(np.flatnonzero(corpus.targets.toarray()[:, 0]))
    model = Linear(LinearSettings(solver="descent", negatives=5)).fit(few)
    assert model.intercepts_[model.concepts_.tolist().index(0)] == 1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"solver": "newton"}, "choose 'liblinear' or 'descent'"),
        ({"solver": "descent", "loss": "logistic"}, "has no loss 'logistic'"),
        ({"solver": "descent", "negatives": 0}, "above 0"),
        ({"random_negatives": -1}, "random_negatives"),
    ],
)
def test_settings_that_do_not_go_together(wrong, said):
    with pytest.raises(ConfigError, match=said):
        LinearSettings(**wrong)
