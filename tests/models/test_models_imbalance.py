"""What the linear models do for rare concepts, against slow references."""

import numpy as np
import pytest
from model_cases import RETIRED, RETIRED_BUT_USED, UNUSED, examples
from scipy.sparse import csr_array
from sklearn.linear_model import Ridge as RidgeReference
from sklearn.svm import LinearSVC

from scixtag.corpus.text import Text
from scixtag.errors import ConfigError
from scixtag.evaluation.metrics.ranking import inverse_propensity
from scixtag.models.imbalance import ImbalanceSettings, positive_weights, repeat_factors, weighted_papers
from scixtag.models.linear import Linear, LinearSettings
from scixtag.models.ridge import Ridge, RidgeSettings
from scixtag.models.tfidf import TfIdf

EXACT = {"tolerance": 1e-6, "pruning": 0.0}
NEUTRINOS = Text("Neutrino astronomy", "Neutrinos and neutrino telescopes; astronomy of neutrinos.")


@pytest.fixture(scope="module")
def uneven(corpus):
    """Papers of which one topic is rare, and two that hold words of a concept that no paper carries."""
    rare = corpus.targets.toarray()[:, 1] > 0
    kept = [row for row in range(len(corpus)) if not rare[row]] + np.flatnonzero(rare)[:2].tolist()
    seen = corpus.take(kept)
    labels = [{corpus.vocabulary[c].id for c in row.indices} for row in seen.targets]
    words = f"{NEUTRINOS.title} {NEUTRINOS.abstract}"
    texts = [*seen.texts, *(Text(text.title, f"{text.abstract} {words}") for text in seen.texts[:2])]
    return examples(texts, [*labels, *labels[:2]], corpus.vocabulary)


def copied(train, settings):
    """Dense vectors, targets and weights, paper by paper and concept by concept."""
    tfidf = TfIdf()
    X, Y = tfidf.fit_transform(train.texts).toarray().astype(float), train.targets.toarray()
    shares = Y.mean(axis=0)
    weights = []
    for row in Y:
        asked = [np.sqrt(settings.oversampling / shares[c]) for c in np.flatnonzero(row)]
        weights.append(min(max([1.0, *asked]), settings.most_copies))
    if settings.label_text:
        for column, concept in enumerate(train.vocabulary):
            if concept.deprecated and not Y[:, column].any():
                continue
            vector = tfidf.transform([Text("", " ".join([concept.name, concept.name, *concept.alternatives]))])
            if vector.nnz:
                X, Y = np.vstack([X, vector.toarray()]), np.vstack([Y, np.eye(Y.shape[1])[column]])
                weights.append(settings.label_text)
    return X, Y, np.array(weights)


CASES = [
    {"oversampling": 0.5},
    {"oversampling": 0.9, "most_copies": 2.0},
    {"label_text": 0.4},
    {"label_text": 2.0, "oversampling": 0.5},
]


@pytest.mark.parametrize("settings", CASES)
@pytest.mark.parametrize("landmarks", [4_000, 20])
def test_ridge_equals_scikit_learn_with_weights(uneven, settings, landmarks):
    settings = RidgeSettings(alpha=0.7, pruning=0.0, landmarks=landmarks, **settings)
    X, Y, weights = copied(uneven, settings)
    model = Ridge(settings).fit(uneven)
    assert model.concepts_.tolist() == np.flatnonzero(Y.any(axis=0)).tolist()
    span = np.eye(X.shape[1])
    if landmarks < len(X):
        span = np.linalg.qr(X[np.random.default_rng(0).choice(len(X), landmarks, replace=False)].T)[0]
    reference = RidgeReference(0.7, fit_intercept=False).fit(X @ span, Y[:, model.concepts_], sample_weight=weights)
    np.testing.assert_allclose(model.weights_.toarray(), span @ reference.coef_.T, atol=1e-5)
    assert weights.max() > 1 or weights.min() < 1


@pytest.mark.parametrize("settings", [*CASES, {"propensity": True}, {"propensity": True, "label_text": 0.4}])
def test_linear_equals_scikit_learn_with_weights(uneven, settings):
    settings = LinearSettings(**settings, **EXACT)
    X, Y, weights = copied(uneven, settings)
    model = Linear(settings).fit(uneven)
    assert model.concepts_.tolist() == np.flatnonzero(Y.any(axis=0)).tolist()
    for place, concept in enumerate(model.concepts_):
        count = int(uneven.label_counts[concept])
        n = len(uneven)
        worth = 1 + (np.log(n) - 1) * 2.5**0.55 * (count + 1.5) ** -0.55 if settings.propensity else 1.0
        reference = LinearSVC(C=0.5, dual=False, tol=1e-6, class_weight={0: 1, 1: 5.0 * worth})
        reference.fit(X, Y[:, concept], sample_weight=weights)
        np.testing.assert_allclose(model.weights_.toarray()[:, place], reference.coef_[0], atol=1e-3)
        assert model.intercepts_[place] == pytest.approx(reference.intercept_[0], abs=1e-3)


def test_balanced_weighs_both_sides_alike_with_weights(uneven):
    settings = LinearSettings(class_weight="balanced", positive_weight=1.0, label_text=0.4, **EXACT)
    X, Y, weights = copied(uneven, settings)
    model = Linear(settings).fit(uneven)
    for place, concept in enumerate(model.concepts_):
        carries = Y[:, concept] > 0
        ratio = weights[~carries].sum() / weights[carries].sum()
        reference = LinearSVC(C=0.5, dual=False, tol=1e-6, class_weight={0: 1, 1: ratio})
        reference.fit(X, carries, sample_weight=weights)
        np.testing.assert_allclose(model.weights_.toarray()[:, place], reference.coef_[0], atol=1e-3)


def test_whole_factors_are_copies(uneven):
    settings = ImbalanceSettings(oversampling=0.5, most_copies=2.0)
    factors = repeat_factors(uneven.targets, settings)
    doubled = np.flatnonzero(factors == 2.0)
    assert 0 < len(doubled) < len(uneven)
    # The largest factors are cut to 2; those between would be no whole copies.
    settings = RidgeSettings(pruning=0.0)
    tfidf = TfIdf()
    vectors = tfidf.fit_transform(uneven.texts)
    rows = np.concatenate([np.arange(len(uneven)), doubled])
    copies = Ridge(settings).fit_vectors(tfidf, vectors[rows], uneven.take(rows)).weights_.toarray()
    weights = np.where(factors == 2.0, 2.0, 1.0)
    reference = RidgeReference(settings.alpha, fit_intercept=False)
    reference.fit(vectors.toarray().astype(float), uneven.targets.toarray(), sample_weight=weights)
    used = np.flatnonzero(uneven.label_counts)
    np.testing.assert_allclose(copies, reference.coef_.T[:, used], atol=1e-5)


def test_propensity_scales_the_scores_of_ridge(uneven):
    plain = Ridge(RidgeSettings(pruning=0.0)).fit(uneven)
    scaled = Ridge(RidgeSettings(pruning=0.0, propensity=True)).fit(uneven)
    worth = inverse_propensity(uneven.label_counts, np.full(len(uneven.vocabulary), len(uneven)))[plain.concepts_]
    expected = plain.weights_.toarray() * worth / worth.max()
    np.testing.assert_allclose(scaled.weights_.toarray(), expected, rtol=1e-5, atol=1e-9)
    rarest = plain.concepts_[np.argmax(worth)]
    assert uneven.label_counts[rarest] == uneven.label_counts[plain.concepts_].min()


@pytest.mark.parametrize("kind", [Linear, Ridge])
def test_names_teach_a_concept_that_no_paper_carries(kind, uneven):
    unused = uneven.vocabulary.column(UNUSED)
    assert unused not in kind().fit(uneven).scores([NEUTRINOS]).columns
    model = kind(kind.Settings(label_text=3.0)).fit(uneven)
    assert model.scores([NEUTRINOS]).columns[0, 0] == unused
    scores = model.scores([Text("Canals of Mars", "Canals of Mars on Mars"), *uneven.texts])
    assert uneven.vocabulary.column(RETIRED) not in scores.columns
    assert uneven.vocabulary.column(RETIRED_BUT_USED) in scores.columns


@pytest.mark.parametrize("kind", [Linear, Ridge])
def test_a_model_with_everything_on_is_stored_whole(kind, uneven, tmp_path):
    settings = kind.Settings(oversampling=0.3, propensity=True, label_text=0.5)
    model = kind(settings).fit(uneven)
    model.save(tmp_path)
    loaded = kind.load(tmp_path)
    assert loaded.settings == settings
    np.testing.assert_array_equal(loaded.scores(uneven.texts).values, model.scores(uneven.texts).values)


@pytest.mark.parametrize("kind", [Linear, Ridge])
def test_nothing_to_learn_from(kind, corpus, vocabulary):
    bare = examples(corpus.texts[:5], [set()] * 5, vocabulary)
    model = kind(kind.Settings(oversampling=0.3, propensity=True)).fit(bare)
    assert (model.scores(corpus.texts).columns == -1).all()
    silent = examples([Text("Qwertz", ""), Text("Zxcv", "")], [{1}, {2}], vocabulary)
    model = kind(kind.Settings(oversampling=0.3, propensity=True, label_text=1.0)).fit(silent)
    assert (model.scores([Text("", "")]).columns == -1).all()


def test_by_default_all_papers_and_concepts_count_alike(corpus):
    tfidf = TfIdf()
    vectors = tfidf.fit_transform(corpus.texts)
    papers = weighted_papers(tfidf, vectors, corpus, ImbalanceSettings())
    assert papers.weights.tolist() == [1.0] * len(corpus)
    assert papers.targets is corpus.targets
    assert isinstance(papers.vectors, csr_array)
    assert papers.vectors.dtype == np.float64
    assert positive_weights(corpus, ImbalanceSettings()).tolist() == [1.0] * len(corpus.vocabulary)


@pytest.mark.parametrize(
    "wrong", [{"oversampling": 1.0}, {"oversampling": -0.1}, {"most_copies": 0.5}, {"label_text": -1.0}]
)
@pytest.mark.parametrize("kind", [LinearSettings, RidgeSettings])
def test_settings_out_of_range(wrong, kind):
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        kind(**wrong)
