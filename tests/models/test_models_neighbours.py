import numpy as np
import pytest

from scixtag.corpus.text import Text
from scixtag.errors import ConfigError
from scixtag.models.neighbours import Neighbours, NeighboursSettings
from scixtag.models.tfidf import TfIdf


def slowly(corpus, texts, k, power):
    """Concepts' shares of the votes, paper by paper."""
    tfidf = TfIdf()
    seen = tfidf.fit_transform(corpus.texts).toarray()
    targets = corpus.targets.toarray()
    shares = []
    for vector in tfidf.transform(texts).toarray():
        similarity = seen @ vector
        nearest = np.argsort(-similarity, kind="stable")[:k]
        votes = similarity[nearest] ** power
        shares.append(votes @ targets[nearest] / max(votes.sum(), 1e-12))
    return np.array(shares)


@pytest.mark.parametrize(("k", "power"), [(1, 1.0), (5, 2.0), (20, 2.0), (100, 3.0)])
def test_equals_dense_arithmetic(corpus, k, power):
    seen, new = corpus.take(range(0, 40)), corpus.texts[40:]
    scores = Neighbours(NeighboursSettings(neighbours=k, power=power)).fit(seen).scores(new)
    expected = slowly(seen, new, k, power)
    for row in range(len(new)):
        listed = scores.columns[row] >= 0
        assert set(scores.columns[row, listed].tolist()) == set(np.flatnonzero(expected[row]).tolist())
        np.testing.assert_allclose(
            scores.values[row, listed], expected[row, scores.columns[row, listed]], rtol=1e-4, atol=1e-6
        )


def test_by_hand(corpus):
    model = Neighbours(NeighboursSettings(neighbours=1)).fit(corpus)
    scores = model.scores(corpus.texts)
    for row in range(len(corpus)):
        listed = scores.columns[row, scores.columns[row] >= 0]
        # Its nearest neighbour is the paper itself, whose concepts all get the whole vote.
        assert listed.tolist() == corpus.targets[[row]].indices.tolist()
        assert scores.values[row, : len(listed)].tolist() == pytest.approx([1.0] * len(listed))


def test_no_similar_paper_no_concept(corpus):
    assert (Neighbours().fit(corpus).scores([Text("Qwertz", "")]).columns == -1).all()


def test_settings_out_of_range():
    with pytest.raises(ConfigError, match="neighbours"):
        NeighboursSettings(neighbours=0)


def test_a_pool_of_the_training_papers(corpus):
    model = Neighbours(NeighboursSettings(neighbours=3, pool=20), seed=3).fit(corpus)
    assert model.rows_.tolist() == sorted(set(model.rows_.tolist()))
    assert len(model.rows_) == 20
    assert Neighbours(NeighboursSettings(pool=60)).fit(corpus).rows_.tolist() == list(range(60))
    row = int(model.rows_[5])
    found = model.neighbourhood(model.tfidf_.transform([corpus.texts[row]]))
    assert row == found.rows[0]
    assert found.similarities[0] == pytest.approx(1)
