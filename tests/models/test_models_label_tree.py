import dataclasses

import numpy as np
import pytest
from model_cases import examples

from scixtag.corpus.text import Text
from scixtag.errors import ConfigError
from scixtag.models.label_tree import LabelTree, LabelTreeSettings

SETTINGS = LabelTreeSettings(groups=3, tolerance=1e-4)


def test_scores_are_the_mean_of_products_along_the_paths(corpus):
    model = LabelTree(SETTINGS).fit(corpus)
    vectors = model.tfidf_.transform(corpus.texts)
    expected = np.zeros((len(corpus), len(corpus.vocabulary)))
    for tree in model.trees_:
        for paper in range(len(corpus)):
            for place, concept in enumerate(model.concepts_):
                above = tree.groups[place]
                margins = (
                    (vectors[[paper]] @ tree.group_weights).toarray()[0, above] + tree.group_intercepts[above],
                    (vectors[[paper]] @ tree.weights).toarray()[0, place] + tree.intercepts[place],
                )
                expected[paper, concept] += np.prod([np.exp(-(max(0, 1 - m) ** 2)) for m in margins]) / 2
    scores = model.scores(corpus.texts)
    listed = np.take_along_axis(expected, scores.columns, axis=1)
    np.testing.assert_allclose(scores.values, listed, atol=1e-5)
    assert (np.diff(listed, axis=1) < 1e-5).all()


def test_learns_what_tells_topics_apart(corpus):
    seen, new = corpus.take(range(45)), corpus.take(range(45, 60))
    best = LabelTree(SETTINGS).fit(seen).scores(new.texts).columns[:, 0]
    assert new.targets.toarray()[np.arange(len(new)), best].mean() > 0.9


def test_each_tree_has_groups_of_its_own_that_hold_all_concepts(corpus):
    model = LabelTree(dataclasses.replace(SETTINGS, trees=4)).fit(corpus)
    for tree in model.trees_:
        assert set(tree.groups.tolist()) == set(range(len(tree.group_intercepts)))
        assert len(tree.groups) == len(model.concepts_) == tree.weights.shape[1]
    assert len({tuple(tree.groups.tolist()) for tree in model.trees_}) > 1


@pytest.mark.parametrize("groups", [1, 7, 100])
def test_any_number_of_groups(corpus, groups):
    model = LabelTree(dataclasses.replace(SETTINGS, groups=groups)).fit(corpus)
    assert model.scores(corpus.texts).columns[:, 0].min() >= 0
    assert len(model.trees_[0].group_intercepts) <= min(groups, 7)


def test_concepts_that_are_always_together_are_not_told_apart(vocabulary):
    texts = [Text(f"solar flares {word}", "eruption sunspot") for word in ("one", "two", "three", "four")]
    texts += [Text("quasars", "redshift accretion lyman")] * 4
    papers = examples(texts, [{1, 2}] * 4 + [{4}] * 4, vocabulary)
    scores = LabelTree(dataclasses.replace(SETTINGS, groups=2)).fit(papers).scores(texts[:1])
    assert set(scores.columns[0, :2].tolist()) == {vocabulary.column(1), vocabulary.column(2)}
    assert scores.values[0, 0] == scores.values[0, 1]


@pytest.mark.parametrize("wrong", [{"C": 0.0}, {"trees": 0}, {"groups": -1}, {"pruning": -0.1}, {"tolerance": 0.0}])
def test_settings_out_of_range(wrong):
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        LabelTreeSettings(**wrong)
