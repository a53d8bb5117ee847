import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from scixtag.errors import ConfigError
from scixtag.predictions.calibration import (
    Beta,
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


@pytest.mark.parametrize(("method", "tolerance"), [("isotonic", 0.03), ("platt", 0.08), ("beta", 0.03)])
def test_the_true_curve_is_found(method, tolerance):
    calibration = fit_calibration(CalibrationSettings(method), *pairs())
    grid = np.array([0.2, 0.5, 0.8, 0.95], dtype=np.float32)
    assert calibration.probabilities(grid) == pytest.approx(grid**2, abs=tolerance)


@pytest.mark.parametrize("method", ["isotonic", "platt", "beta", "none"])
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


@pytest.mark.parametrize("method", ["isotonic", "platt", "beta"])
@pytest.mark.parametrize("truth", [True, False])
def test_pairs_of_one_kind_give_a_constant(method, truth):
    scores = Scores.from_dense(np.array([[0.3], [0.6]]))
    calibration = fit_calibration(CalibrationSettings(method), scores, np.full((2, 1), truth))
    assert calibration.probabilities(np.array([0.0, 0.5, 1.0], np.float32)).tolist() == [float(truth)] * 3


def test_no_pair_gives_zero():
    calibration = fit_calibration(CalibrationSettings(), Scores.empty(3), np.zeros((3, 0), bool))
    assert calibration.probabilities(np.array([0.5], np.float32)).tolist() == [0.0]


def test_an_unknown_method_is_named():
    with pytest.raises(ConfigError, match="'gamma'"):
        calibration_from_document({"method": "gamma"})


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


def likeliest_beta(scores, truth):
    """The best a, b >= 0 and c by a general optimiser on the plain formula: the log-loss, and the curve."""
    s = np.clip(scores.values[scores.listed].astype(np.float64), 1e-6, 1 - 1e-6)
    sign = np.where(truth[scores.listed], 1, -1)

    def log_odds(x):
        return x[0] * np.log(s) - x[1] * np.log(1 - s) + x[2]

    def loss(x):
        return np.logaddexp(0, -sign * log_odds(x)).mean()

    found = minimize(loss, [1, 1, 0], bounds=[(0, None), (0, None), (None, None)], tol=1e-14)
    return found.fun, 1 / (1 + np.exp(-log_odds(found.x)))


@pytest.mark.parametrize(
    ("curve", "zeros"),
    [
        (lambda s: s, ()),
        (lambda s: s**2, ()),
        (lambda s: np.sqrt(s) / 3, ()),
        (lambda s: 0.2 + 0.3 / (1 + np.exp(-20 * (s - 0.9))), ("rise",)),
        (lambda s: 0.5 - 0.4 * np.exp(-20 * s), ("fall",)),
        (lambda s: 0.8 - 0.6 * s, ("rise", "fall")),
    ],
)
def test_beta_is_the_likeliest_rising_curve(curve, zeros):
    rng = np.random.default_rng(1)
    scores = Scores.from_dense(rng.random((4000, 1)))
    truth = rng.random((4000, 1)) < curve(scores.values)
    found = fit_calibration(CalibrationSettings("beta"), scores, truth)
    loss, probabilities = likeliest_beta(scores, truth)
    own = found.probabilities(scores.values)
    assert -np.log(np.where(truth, own, 1 - own)).mean() == pytest.approx(loss, abs=1e-6)
    assert own[scores.listed] == pytest.approx(probabilities, abs=2e-3)
    assert {name for name in ("rise", "fall") if getattr(found, name) == 0} == set(zeros)


@pytest.mark.parametrize("method", ["isotonic", "platt", "beta"])
def test_scores_that_rank_the_wrong_way_round_are_no_reason_to_turn_the_order(method):
    scores = Scores.from_dense(np.linspace(0.1, 0.9, 200)[:, None])
    truth = np.random.default_rng(3).random((200, 1)) < 0.7 - 0.6 * scores.values
    found = fit_calibration(CalibrationSettings(method), scores, truth)
    curve = found.probabilities(np.linspace(0, 1, 200, dtype=np.float32))
    assert (np.diff(curve) >= 0).all()
    assert curve == pytest.approx(np.full(200, truth.mean()), abs=0.15 if method == "isotonic" else 1e-6)


def test_beta_finds_its_own_parameters():
    rng = np.random.default_rng(2)
    scores = Scores.from_dense(rng.random((100_000, 1)))
    true = Beta(0.6, 2.0, -0.5)
    found = fit_calibration(
        CalibrationSettings("beta"), scores, rng.random((100_000, 1)) < true.probabilities(scores.values)
    )
    assert (found.rise, found.fall, found.intercept) == pytest.approx((0.6, 2.0, -0.5), abs=0.05)


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 40), st.integers(1, 4), st.integers(0, 10**6))
@pytest.mark.parametrize("method", ["platt", "beta"])
def test_curves_rise_however_few_the_pairs(method, n, decimals, seed):
    rng = np.random.default_rng(seed)
    scores = Scores.from_dense(np.round(rng.random((n, 3)) ** 3, decimals))
    truth = (rng.random(scores.columns.shape) < scores.values) & scores.listed
    found = fit_calibration(CalibrationSettings(method), scores, truth)
    curve = found.probabilities(np.linspace(0, 1, 200, dtype=np.float32))
    assert np.isfinite(curve).all()
    assert (np.diff(curve) >= 0).all()
    assert curve.min() >= 0
    assert curve.max() <= 1
