from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array
from sklearn.feature_extraction.text import TfidfVectorizer

from scixtag.corpus.text import Text
from scixtag.models.tfidf import TfIdf, TfIdfSettings, with_unit_rows
from scixtag.models.tokens import Analyser


def terms(text, title_weight=3):
    """Words and pairs of one paper, plainly."""
    found = []
    for field, weight in ((text.title, title_weight), (text.abstract, 1)):
        analyser = Analyser()
        words = [analyser.stems[place] for place in analyser.learn([field]).ids]
        found += (words + [f"{a} {b}" for a, b in pairwise(words)]) * weight
    return found


def names_of(model):
    stems = model.stems_
    return stems + [f"{stems[key // len(stems)]} {stems[key % len(stems)]}" for key in model.pairs_.tolist()]


def assert_like_sklearn(model, vectors, reference, expected):
    order = [reference.vocabulary_[name] for name in names_of(model)]
    assert sorted(order) == list(range(len(reference.vocabulary_)))
    np.testing.assert_allclose(vectors.toarray(), expected.toarray()[:, order], rtol=2e-6)


@pytest.mark.parametrize("title_weight", [1, 3])
@pytest.mark.parametrize("min_df", [1, 2, 5])
def test_equals_scikit_learn(corpus, title_weight, min_df):
    seen, new = corpus.texts[:40], corpus.texts[40:]
    model = TfIdf(TfIdfSettings(title_weight=title_weight, min_df=min_df))
    vectors = model.fit_transform(seen)
    reference = TfidfVectorizer(
        analyzer=lambda text: terms(text, title_weight), min_df=min_df, sublinear_tf=True, norm="l2"
    )
    assert_like_sklearn(model, vectors, reference, reference.fit_transform(seen))
    # An unknown word parts a pair here, and there; a pair across one would be unknown in any case.
    assert_like_sklearn(model, model.transform(new), reference, reference.transform(new))


WORDS = st.lists(st.sampled_from(["star", "dust", "gas", "the", "jet", "of"]), max_size=8).map(" ".join)


@given(st.lists(st.builds(Text, WORDS, WORDS), min_size=2, max_size=6))
def test_equals_scikit_learn_on_any_texts(texts):
    model = TfIdf(TfIdfSettings(min_df=1))
    vectors = model.fit_transform(texts)
    if not model.stems_:
        assert vectors.shape == (len(texts), 0)
        return
    reference = TfidfVectorizer(analyzer=terms, sublinear_tf=True, norm="l2")
    assert_like_sklearn(model, vectors, reference, reference.fit_transform(texts))


def test_by_hand():
    model = TfIdf(TfIdfSettings(title_weight=3, min_df=1))
    vectors = model.fit_transform([Text("Dust", "dust stars"), Text("", "stars")])
    assert model.stems_ == ["dust", "star"]
    assert model.pairs_.tolist() == [1]
    rare, common = np.log(3 / 2) + 1, 1.0
    first = np.array([(1 + np.log(4)) * rare, common, rare])
    np.testing.assert_allclose(vectors.toarray(), [first / np.linalg.norm(first), [0, 1, 0]], rtol=1e-6)
    assert vectors.dtype == np.float32
    assert isinstance(vectors, csr_array)
    assert vectors.has_sorted_indices


def test_pairs_do_not_reach_across_unknown_words_or_fields():
    model = TfIdf(TfIdfSettings(min_df=1))
    model.fit_transform([Text("dark matter halo", "")])
    assert sorted(names_of(model)[3:]) == ["dark matter", "matter halo"]

    def pairs(text):
        return [names_of(model)[column] for column in model.transform([text]).indices if column >= 3]

    assert pairs(Text("", "dark unheard matter")) == []
    assert pairs(Text("dark", "matter")) == []
    assert pairs(Text("", "dark is the matter")) == ["dark matter"]


def test_rows_without_known_words_are_empty():
    model = TfIdf(TfIdfSettings(min_df=1))
    model.fit_transform([Text("stars", "")])
    vectors = model.transform([Text("", ""), Text("qwertz", ""), Text("stars", "")])
    assert np.diff(vectors.indptr).tolist() == [0, 0, 1]


def test_stored_arrays_give_equal_vectors(corpus):
    model = TfIdf()
    vectors = model.fit_transform(corpus.texts)
    again = TfIdf.from_arrays(model.settings, model.arrays()).transform(corpus.texts)
    assert (vectors != again).nnz == 0


def test_the_columns_do_not_depend_on_the_order_of_the_papers(corpus):
    one, other = TfIdf(), TfIdf()
    forward, backward = one.fit_transform(corpus.texts), other.fit_transform(corpus.texts[::-1])
    assert one.stems_ == other.stems_ == sorted(one.stems_)
    np.testing.assert_array_equal(forward.toarray(), backward.toarray()[::-1])


def test_unit_rows():
    matrix = csr_array(np.array([[3, 0, 4], [0, 0, 0], [0, 2, 0], [0, 0, 0]], dtype=np.float32))
    np.testing.assert_allclose(with_unit_rows(matrix).toarray(), [[0.6, 0, 0.8], [0, 0, 0], [0, 1, 0], [0, 0, 0]])
    assert with_unit_rows(csr_array((0, 4), dtype=np.float32)).shape == (0, 4)
