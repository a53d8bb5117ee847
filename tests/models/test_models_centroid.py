import numpy as np
import pytest
from model_cases import RETIRED, UNUSED

from scixtag.corpus.text import Text
from scixtag.errors import ConfigError
from scixtag.models.blocks import blocks
from scixtag.models.centroid import Centroid, CentroidSettings
from scixtag.models.tfidf import TfIdf


def unit(rows):
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.where(lengths == 0, 1, lengths)


def dense(scores, width):
    matrix = np.zeros((len(scores), width))
    rows, ranks = np.nonzero(scores.listed)
    matrix[rows, scores.columns[rows, ranks]] = scores.values[rows, ranks]
    return matrix


def slowly(corpus, texts, weight, power):
    tfidf = TfIdf()
    vectors = tfidf.fit_transform(corpus.texts).toarray()
    targets = corpus.targets.toarray()
    names = [
        Text("", f"{c.name} {c.name} {' '.join(c.alternatives)}" if used or not c.deprecated else "")
        for c, used in zip(corpus.vocabulary, targets.any(axis=0), strict=True)
    ]
    prototypes = (unit(targets.T @ vectors) + weight * tfidf.transform(names).toarray()) / (1 + weight)
    counts = targets.sum(axis=0)
    scale = ((1 + counts) / (1 + counts.max())) ** power
    return tfidf.transform(texts).toarray() @ prototypes.T * scale


@pytest.mark.parametrize(("weight", "power"), [(0.0, 0.0), (0.5, 0.05), (2.0, 0.3)])
def test_equals_dense_arithmetic(corpus, weight, power):
    seen, new = corpus.take(range(0, 40)), corpus.texts[40:]
    model = Centroid(CentroidSettings(label_text=weight, count_power=power)).fit(seen)
    scores = dense(model.scores(new), len(corpus.vocabulary))
    np.testing.assert_allclose(scores, slowly(seen, new, weight, power), atol=1e-6)


def test_names_find_concepts_that_no_paper_carries(corpus):
    seen = corpus.take(range(0, 40))
    texts = [*corpus.texts[:1], Text("Neutrino astronomy", "neutrino canals of Mars survey")]
    vocabulary = corpus.vocabulary
    # The word must be known from some training paper.
    more = seen.texts[:-2] + tuple(texts[1:] * 2)
    learned = type(seen)(seen.ids, more, seen.targets, seen.unknown, vocabulary)
    with_names = Centroid(CentroidSettings(label_text=0.5)).fit(learned).scores(texts)
    without = Centroid(CentroidSettings(label_text=0.0)).fit(learned).scores(texts)
    assert vocabulary.column(UNUSED) in with_names.columns[1]
    assert vocabulary.column(UNUSED) not in without.columns
    assert vocabulary.column(RETIRED) not in with_names.columns


def test_settings_out_of_range():
    with pytest.raises(ConfigError, match="label_text"):
        CentroidSettings(label_text=-1)


def test_blocks_cover_all_papers_once():
    parts = list(blocks(10_001, 1_000))
    assert [part.start for part in parts] == [0, 4_000, 8_000]
    assert parts[-1].stop == 10_001
    assert list(blocks(3, 10**9)) == [slice(0, 1), slice(1, 2), slice(2, 3)]
    assert list(blocks(0, 5)) == []


def test_the_size_of_the_blocks_does_not_matter(corpus, monkeypatch):
    model = Centroid().fit(corpus)
    expected = model.scores(corpus.texts)
    monkeypatch.setattr("scixtag.models.blocks._CELLS", 70)
    scores = model.scores(corpus.texts)
    np.testing.assert_array_equal(scores.columns, expected.columns)
    np.testing.assert_array_equal(scores.values, expected.values)
