import numpy as np
import pytest
from model_cases import examples
from sklearn.linear_model import Ridge as Reference
from threadpoolctl import threadpool_limits

from scixtag.corpus.text import Text
from scixtag.errors import ConfigError
from scixtag.models.ridge import Ridge, RidgeSettings


def dense(model, corpus):
    """Vectors of the papers, and which concepts they carry of those that are learned."""
    return model.tfidf_.transform(corpus.texts).toarray().astype(float), corpus.targets.toarray()[:, model.concepts_]


@pytest.mark.parametrize("alpha", [0.1, 2.0])
def test_equals_scikit_learn(corpus, alpha):
    seen, new = corpus.take(range(0, 40)), corpus.take(range(40, 60))
    model = Ridge(RidgeSettings(alpha=alpha, pruning=0.0)).fit(seen)
    reference = Reference(alpha, fit_intercept=False).fit(*dense(model, seen))
    np.testing.assert_allclose(model.weights_.toarray(), reference.coef_.T, atol=1e-6)
    expected = reference.predict(dense(model, new)[0])
    scores = model.scores(new.texts)
    assert scores.columns[:, 0].tolist() == model.concepts_[expected.argmax(axis=1)].tolist()
    np.testing.assert_allclose(scores.values[:, 0], expected.max(axis=1).clip(0, 1), atol=1e-6)
    listed = [{int(c) for c in row if c >= 0} for row in scores.columns]
    assert listed == [set(model.concepts_[row > 0].tolist()) for row in expected]


@pytest.mark.parametrize("cells", [100, 4_000_000])
def test_landmarks_give_the_best_weights_that_these_papers_vectors_can_make(corpus, cells, monkeypatch):
    monkeypatch.setattr("scixtag.models.blocks._CELLS", cells)
    model = Ridge(RidgeSettings(alpha=0.7, landmarks=15, pruning=0.0), seed=4).fit(corpus)
    X, Y = dense(model, corpus)
    chosen = np.random.default_rng(4).choice(len(corpus), 15, replace=False)
    # In an orthonormal basis of their span the penalty is that of ordinary ridge regression.
    span = np.linalg.qr(X[chosen].T)[0]
    expected = span @ Reference(0.7, fit_intercept=False).fit(X @ span, Y).coef_.T
    np.testing.assert_allclose(model.weights_.toarray(), expected, atol=1e-6)
    assert np.abs(expected - Ridge(RidgeSettings(alpha=0.7, pruning=0.0)).fit(corpus).weights_.toarray()).max() > 0.01


def test_landmarks_that_repeat_each_other(corpus):
    texts = corpus.texts[:20] * 3
    labels = [{corpus.vocabulary[c].id for c in row.indices} for row in corpus.targets[list(range(20)) * 3]]
    repeated = examples(texts, labels, corpus.vocabulary)
    exact = Ridge(RidgeSettings(pruning=0.0)).fit(repeated)
    landmarks = Ridge(RidgeSettings(pruning=0.0, landmarks=59)).fit(repeated)
    np.testing.assert_allclose(landmarks.weights_.toarray(), exact.weights_.toarray(), atol=1e-4)


def test_the_seed_chooses_the_landmarks(corpus):
    one, same, other = (Ridge(RidgeSettings(landmarks=10), seed).fit(corpus).weights_ for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.toarray(), same.toarray())
    assert (one != other).nnz > 0


@pytest.mark.parametrize("landmarks", [4_000, 30])
def test_the_number_of_threads_changes_nothing(corpus, landmarks):
    results = []
    for threads in (1, 4):
        with threadpool_limits(threads):
            results.append(Ridge(RidgeSettings(landmarks=landmarks)).fit(corpus).weights_)
    np.testing.assert_array_equal(results[0].toarray(), results[1].toarray())


def test_small_weights_are_dropped(corpus):
    everything = Ridge(RidgeSettings(pruning=0.0)).fit(corpus).weights_.toarray()
    pruned = Ridge(RidgeSettings(pruning=0.03)).fit(corpus).weights_
    expected = np.where(np.abs(everything) >= 0.03, everything, 0)
    np.testing.assert_array_equal(pruned.toarray(), expected)
    assert 0 < pruned.nnz == np.count_nonzero(expected)


def test_no_known_word_no_concept(corpus):
    assert (Ridge().fit(corpus).scores([Text("Qwertz", "")]).columns == -1).all()


@pytest.mark.parametrize("wrong", [{"alpha": 0.0}, {"alpha": float("nan")}, {"landmarks": 0}, {"pruning": -1.0}])
def test_settings_out_of_range(wrong):
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        RidgeSettings(**wrong)
