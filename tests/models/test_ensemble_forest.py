"""Trees laid out for speed against LightGBM's own predictions."""

import lightgbm
import numpy as np
import pytest

from scixtag.models.ensemble.forest import Forest


def boosters(leaves=15, number=3, rounds=25, papers=4_000, **more):
    random = np.random.default_rng(leaves)
    features = random.random((papers, 9)).astype(np.float32)
    features[:, 3] = np.round(features[:, 3] * 4)
    right = random.random(papers) < 1 / (1 + np.exp(4 - 3 * features[:, 0] - features[:, 3]))
    settings = {"objective": "binary", "num_leaves": leaves, "verbose": -1, "num_threads": 1, "min_data_in_leaf": 5}
    data = [lightgbm.Dataset(features, right.astype(float), params={"verbose": -1}) for _ in range(number)]
    return [lightgbm.train(settings | more | {"seed": i}, one, rounds) for i, one in enumerate(data)], features


@pytest.mark.parametrize("leaves", [2, 3, 15, 31, 32])
def test_probabilities_are_those_of_lightgbm(leaves):
    grown, features = boosters(leaves)
    forest = Forest.of([one.model_to_string() for one in grown])
    expected = np.mean([one.predict(features) for one in grown], axis=0).astype(np.float32)
    assert np.array_equal(forest.probabilities(features), expected)
    # In batches of any size, and at thresholds themselves.
    for size in (0, 1, 127, 128, 129):
        assert np.array_equal(forest.probabilities(features[:size]), expected[:size])
    edges = np.repeat(forest.thresholds[:500, None], 9, axis=1)
    expected = np.mean([one.predict(edges) for one in grown], axis=0).astype(np.float32)
    assert np.array_equal(forest.probabilities(edges), expected)


def test_a_forest_is_stored():
    grown, features = boosters()
    forest = Forest.of([one.model_to_string() for one in grown])
    again = Forest.from_arrays(forest.arrays())
    assert np.array_equal(again.probabilities(features), forest.probabilities(features))
    assert Forest.from_arrays({}) is None


def test_trees_of_a_single_leaf():
    grown, features = boosters(min_gain_to_split=1e9)
    forest = Forest.of([one.model_to_string() for one in grown])
    expected = np.mean([one.predict(features) for one in grown], axis=0).astype(np.float32)
    assert np.array_equal(forest.probabilities(features), expected)


@pytest.mark.parametrize("kind", ["leaves", "categories", "missing", "linear"])
def test_trees_of_other_kinds_are_left_to_lightgbm(kind):
    if kind == "leaves":
        grown, _ = boosters(33)
    elif kind == "linear":
        grown, _ = boosters(linear_tree=True)
    else:
        random = np.random.default_rng(0)
        values = random.integers(0, 5, (2_000, 2)).astype(float)
        right = values[:, 0] % 2
        if kind == "missing":
            values[::3, 0] = np.nan
        data = lightgbm.Dataset(values, right, categorical_feature=[0] if kind == "categories" else [])
        grown = [lightgbm.train({"objective": "binary", "verbose": -1, "min_data_in_leaf": 5}, data, 5)]
    assert Forest.of([one.model_to_string() for one in grown]) is None
