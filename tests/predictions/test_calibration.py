import numpy as np
import pytest

from scixtag.errors import ConfigError
from scixtag.predictions.calibration import (
    CalibrationSettings,
    Identity,
    calibration_from_document,
    fit_calibration,
)
from scixtag.predictions.scores import Scores


def pairs(n=20_000, seed=0):
    """Scores whose true probability is the score squared."""
    rng = np.random.default_rng(seed)
    matrix = rng.random((n, 1))
    return Scores.from_dense(matrix), (rng.random((n, 1)) < matrix**2)


@pytest.mark.parametrize(("method", "tolerance"), [("isotonic", 0.03), ("platt", 0.08)])
def test_the_true_curve_is_found(method, tolerance):
    calibration = fit_calibration(CalibrationSettings(method), *pairs())
    grid = np.array([0.2, 0.5, 0.8, 0.95], dtype=np.float32)
    assert calibration.probabilities(grid) == pytest.approx(grid**2, abs=tolerance)


@pytest.mark.parametrize("method", ["isotonic", "platt", "none"])
def test_rising_bounded_and_equal_after_json(method):
    calibration = fit_calibration(CalibrationSettings(method), *pairs(500))
    grid = np.linspace(0, 1, 101, dtype=np.float32)
    probabilities = calibration.probabilities(grid)
    assert (np.diff(probabilities) >= 0).all()
    assert probabilities.min() >= 0
    assert probabilities.max() <= 1
    again = calibration_from_document(calibration.to_document())
    assert again.probabilities(grid).tolist() == probabilities.tolist()


def test_none_leaves_the_score():
    assert fit_calibration(CalibrationSettings("none"), *pairs(5)) == Identity()


@pytest.mark.parametrize("method", ["isotonic", "platt"])
@pytest.mark.parametrize("truth", [True, False])
def test_pairs_of_one_kind_give_a_constant(method, truth):
    scores = Scores.from_dense(np.array([[0.3], [0.6]]))
    calibration = fit_calibration(CalibrationSettings(method), scores, np.full((2, 1), truth))
    assert calibration.probabilities(np.array([0.0, 0.5, 1.0], np.float32)).tolist() == [float(truth)] * 3


def test_no_pair_gives_zero():
    calibration = fit_calibration(CalibrationSettings(), Scores.empty(3), np.zeros((3, 0), bool))
    assert calibration.probabilities(np.array([0.5], np.float32)).tolist() == [0.0]


def test_an_unknown_method_is_named():
    with pytest.raises(ConfigError, match="'beta'"):
        calibration_from_document({"method": "beta"})


def test_isotonic_blocks_by_hand():
    # Pooling gives the blocks (.1 .2: 0 of 2), (.3 .4 .5: 1 of 3), (.8: 1 of 1); each gains one pair at the share 2/6.
    scores = Scores.from_dense(np.array([[0.1], [0.2], [0.3], [0.4], [0.5], [0.8]]))
    truth = np.array([[False], [False], [True], [False], [False], [True]])
    calibration = fit_calibration(CalibrationSettings("isotonic"), scores, truth)
    assert calibration.knots == pytest.approx((0.15, 0.4, 0.8))
    assert calibration.levels == pytest.approx(((0 + 1 / 3) / 3, (1 + 1 / 3) / 4, (1 + 1 / 3) / 2))
    between = calibration.probabilities(np.array([0.0, 0.6, 0.9], np.float32))
    assert between == pytest.approx([1 / 9, (1 / 3 + 2 / 3) / 2, 2 / 3])


def test_few_right_answers_are_no_certainty_and_few_ties_remain():
    scores, truth = pairs(300, seed=2)
    probabilities = fit_calibration(CalibrationSettings("isotonic"), scores, truth).probabilities(scores.values)
    assert probabilities.max() < 1
    assert len(np.unique(probabilities)) > 250
