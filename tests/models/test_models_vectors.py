"""What the models of TF-IDF vectors share."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array

from scixtag.corpus.text import Text
from scixtag.errors import ConfigError, ModelError
from scixtag.models.base import Attributes
from scixtag.models.registry import MODELS, model_class
from scixtag.models.tfidf import TfIdf, TfIdfSettings, tfidf_settings
from scixtag.models.vector_model import VectorModel, contributions_of, places_of

VECTOR_MODELS = [name for name in MODELS if issubclass(model_class(name), VectorModel)]
EXPLAINED = [name for name in VECTOR_MODELS if hasattr(model_class(name), "contributions")]


def files(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_models_that_share_a_tfidf_equal_models_that_make_their_own(corpus, tmp_path):
    seen, new = corpus.take(range(0, 40)), corpus.texts[40:]
    tfidf = TfIdf(TfIdfSettings(title_weight=2))
    vectors = tfidf.fit_transform(seen.texts)
    for name in VECTOR_MODELS:
        kind = model_class(name)
        settings = kind.Settings(title_weight=2)
        alone = kind(settings, seed=3).fit(seen)
        together = kind(settings, seed=3).fit_vectors(tfidf, vectors, seen)
        alone.save(tmp_path / name / "alone")
        together.save(tmp_path / name / "together")
        assert files(tmp_path / name / "alone") == files(tmp_path / name / "together")
        expected, found = alone.scores(new), together.vector_scores(tfidf.transform(new))
        np.testing.assert_array_equal(found.columns, expected.columns)
        np.testing.assert_array_equal(found.values, expected.values)
    np.testing.assert_array_equal(vectors.toarray(), tfidf.transform(seen.texts).toarray())


def test_what_was_learned_can_be_kept_apart_from_the_tfidf(corpus):
    for name in VECTOR_MODELS:
        model = model_class(name)().fit(corpus)
        learned = model.learned()
        assert not any("tfidf" in part for part in (*learned.arrays, *learned.matrices))
        again = model_class(name)().recall(model.tfidf_, learned)
        expected, found = model.scores(corpus.texts), again.scores(corpus.texts)
        np.testing.assert_array_equal(found.values, expected.values)


def test_a_tfidf_of_other_settings_is_refused(corpus):
    tfidf = TfIdf(TfIdfSettings(title_weight=5))
    vectors = tfidf.fit_transform(corpus.texts)
    for name in VECTOR_MODELS:
        with pytest.raises(ConfigError, match="title_weight=5"):
            model_class(name)().fit_vectors(tfidf, vectors, corpus)


def test_the_tfidf_part_of_settings():
    for name in VECTOR_MODELS:
        settings = model_class(name).Settings(title_weight=2, min_df=4)
        assert tfidf_settings(settings) == TfIdfSettings(title_weight=2, min_df=4)
        assert {f.name for f in dataclasses.fields(TfIdfSettings)} < {f.name for f in dataclasses.fields(settings)}


def test_an_unfitted_model_refuses_vectors():
    for name in VECTOR_MODELS:
        model = model_class(name)()
        with pytest.raises(ModelError, match="not fitted"):
            model.vector_scores(csr_array((1, 3)))
        with pytest.raises(ModelError, match="not fitted"):
            model.learned()
        if isinstance(model, Attributes):
            with pytest.raises(ModelError, match="not fitted"):
                model.contributions(csr_array((1, 3)), np.array([0]))


def test_which_models_can_be_explained():
    offering = {name for name in VECTOR_MODELS if isinstance(model_class(name)(), Attributes)}
    assert offering == set(VECTOR_MODELS) - {"neighbours"}


@pytest.mark.parametrize("name", EXPLAINED)
def test_contributions_add_up_to_the_score(name, corpus):
    seen = corpus.take(range(0, 40))
    model = model_class(name)().fit(seen)
    concepts = np.array([3, 0, 8, 5])  # in no order
    for text in corpus.texts[40:50]:
        vector = model.tfidf_.transform([text])
        added = model.contributions(vector, concepts)
        assert added.shape == (len(concepts), vector.shape[1])
        assert added.dtype == np.float32
        assert set(added.indices.tolist()) <= set(vector.indices.tolist())
        np.testing.assert_allclose(added.sum(axis=1), raw_scores(model, vector)[concepts], atol=1e-5)
        np.testing.assert_array_equal(model.contributions(vector, concepts[1:2]).toarray(), added.toarray()[1:2])


def raw_scores(model, vector):
    """Every concept's sum over the vector, without the intercept; 0 for a concept that is not learned."""
    if hasattr(model, "prototypes_"):
        return (vector.toarray() @ model.prototypes_.toarray())[0]
    sums = np.zeros(len(model.concepts_) + 20)
    # A label tree has several: what tells a concept from others of its group is the mean over its trees.
    weights = [tree.weights for tree in model.trees_] if hasattr(model, "trees_") else [model.weights_]
    sums[model.concepts_] = np.mean([(vector.toarray() @ one.toarray())[0] for one in weights], axis=0)
    return sums


@pytest.mark.parametrize("name", EXPLAINED)
def test_nothing_is_contributed_by_an_empty_paper_or_to_an_unknown_concept(name, corpus):
    model = model_class(name)().fit(corpus)
    everything = np.arange(len(corpus.vocabulary))
    assert model.contributions(model.tfidf_.transform([Text("", "")]), everything).nnz == 0
    retired = np.array([corpus.vocabulary.column(8)])
    assert model.contributions(model.tfidf_.transform(corpus.texts[:1]), retired).nnz == 0


def test_contributions_by_hand():
    weights = csr_array(np.array([[1.0, 0.0, -2.0], [5.0, 5.0, 5.0], [0.0, 3.0, 0.5]], np.float32))
    vector = csr_array(np.array([[2.0, 0.0, 4.0]], np.float32))
    added = contributions_of(weights, vector, np.array([2, -1, 0, 2]))
    assert added.toarray().tolist() == [[-4.0, 0.0, 2.0], [0.0, 0.0, 0.0], [2.0, 0.0, 0.0], [-4.0, 0.0, 2.0]]
    assert added.nnz == 5


@given(st.lists(st.integers(0, 30)), st.sets(st.integers(0, 30)))
def test_places_of(wanted, values):
    rising = sorted(values)
    expected = [rising.index(value) if value in values else -1 for value in wanted]
    assert places_of(np.array(wanted, np.int64), np.array(rising, np.int64)).tolist() == expected
