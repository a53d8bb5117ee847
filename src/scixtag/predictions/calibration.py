"""Scores to probabilities: a monotone map, fitted on scores of papers that the model did not learn from."""

import warnings
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt

from scixtag.errors import ConfigError
from scixtag.predictions.scores import Scores

Method = Literal["isotonic", "platt", "beta", "none"]
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class CalibrationSettings:
    """How scores become probabilities.

    Attributes:
        method: "isotonic": any rising curve (Zadrozny & Elkan 2002), with lines for steps. "platt": a logistic curve in
            the score's log-odds (Platt 1999). "beta": a curve that may bend differently near 0 and near 1 (Kull, Silva
            Filho & Flach 2017). "none": the score is the probability, as in a plain sigmoid model.
    """

    method: Method = "isotonic"


class Calibration(Protocol):
    """A fitted, monotone map from score to probability; it never changes the order of concepts."""

    def probabilities(self, values: Floats) -> Floats:
        """Probabilities in [0, 1], of the same shape as `values`."""

    def to_document(self) -> dict[str, Any]:
        """Plain values for JSON."""


@dataclass(frozen=True)
class Identity:
    """The score is the probability."""

    def probabilities(self, values: Floats) -> Floats:
        """The values themselves."""
        return values

    def to_document(self) -> dict[str, Any]:
        """Only the method's name."""
        return {"method": "none"}


@dataclass(frozen=True)
class Platt:
    """probability = 1 / (1 + exp(-(slope * logit(score) + intercept)))."""

    slope: float
    intercept: float

    def probabilities(self, values: Floats) -> Floats:
        """The logistic curve at `values`."""
        from scipy.special import expit

        result: Floats = expit(self.slope * _log_odds(values) + self.intercept).astype(np.float32)
        return result

    def to_document(self) -> dict[str, Any]:
        """Method and parameters."""
        return {"method": "platt", "slope": self.slope, "intercept": self.intercept}


@dataclass(frozen=True)
class Beta:
    """probability = 1 / (1 + exp(-(rise * ln(score) - fall * ln(1 - score) + intercept))), rise and fall not negative.

    With rise = fall it is `Platt`; otherwise the two ends bend differently, as where the scores of true and of false
    candidates are beta distributed (Kull, Silva Filho & Flach 2017).
    """

    rise: float
    fall: float
    intercept: float

    def probabilities(self, values: Floats) -> Floats:
        """The curve at `values`."""
        from scipy.special import expit

        slopes = np.array([self.rise, self.fall])
        result: Floats = expit(_log_ends(values) @ slopes + self.intercept).astype(np.float32)
        return result

    def to_document(self) -> dict[str, Any]:
        """Method and parameters."""
        return {"method": "beta", "rise": self.rise, "fall": self.fall, "intercept": self.intercept}


@dataclass(frozen=True)
class Isotonic:
    """Linear interpolation between knots; constant outside."""

    knots: tuple[float, ...]
    levels: tuple[float, ...]

    def probabilities(self, values: Floats) -> Floats:
        """The interpolated curve at `values`."""
        return np.interp(values, self.knots, self.levels).astype(np.float32)

    def to_document(self) -> dict[str, Any]:
        """Method, knots and levels."""
        return {"method": "isotonic", "knots": list(self.knots), "levels": list(self.levels)}


Fitted = Identity | Platt | Beta | Isotonic


def fit_calibration(settings: CalibrationSettings, scores: Scores, relevant: npt.NDArray[np.bool_]) -> Fitted:
    """Fit the map on listed (paper, concept) pairs.

    Args:
        settings: The method.
        scores: Scores of papers that the model did not learn from.
        relevant: (papers, k) True where the concept of `scores.columns` is one of the paper's labels.

    With no pair, or with pairs of one kind only, nothing can be fitted: the result is a constant at the share that was
    seen (0 without pairs).
    """
    if settings.method == "none":
        return Identity()
    values, truth = scores.values[scores.listed], relevant[scores.listed]
    if truth.all() or not truth.any():
        share = float(truth.mean()) if len(truth) else 0.0
        return Isotonic((0.0, 1.0), (share, share))
    if settings.method == "platt":
        return _fit_platt(values, truth)
    if settings.method == "beta":
        return _fit_beta(values, truth)
    return _fit_isotonic(values, truth)


def _fit_platt(values: Floats, truth: npt.NDArray[np.bool_]) -> Platt:
    """Logistic regression; where it falls the likeliest curve that does not is flat, at the share of right pairs."""
    from sklearn.linear_model import LogisticRegression

    line = LogisticRegression(C=1e6).fit(_log_odds(values)[:, None], truth)
    slope = float(line.coef_[0, 0])
    return Platt(slope, float(line.intercept_[0])) if slope >= 0 else Platt(0.0, _log_odds_of_share(truth))


def _fit_beta(values: Floats, truth: npt.NDArray[np.bool_]) -> Beta:
    """Logistic regression on both logarithms; a falling one is left out and the rest fitted again, as in the paper."""
    ends = _log_ends(values)
    slopes, kept = np.zeros(2), [0, 1]
    while kept:
        found, intercept = _logistic(ends[:, kept], truth)
        if (found >= 0).all():
            slopes[kept] = found
            return Beta(float(slopes[0]), float(slopes[1]), intercept)
        kept.remove(kept[int(np.argmax(found < 0))])
    return Beta(0.0, 0.0, _log_odds_of_share(truth))


def _log_odds_of_share(truth: npt.NDArray[np.bool_]) -> float:
    return float(np.log(truth.mean()) - np.log1p(-truth.mean()))


def _logistic(features: npt.NDArray[np.float64], truth: npt.NDArray[np.bool_]) -> tuple[npt.NDArray[np.float64], float]:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    with warnings.catch_warnings():
        # A handful of separable pairs: the solver turns to a slower one by itself, and says so.
        warnings.simplefilter("ignore", ConvergenceWarning)
        line = LogisticRegression(C=1e6, solver="newton-cholesky").fit(features, truth)
    return line.coef_[0], float(line.intercept_[0])


def _fit_isotonic(values: Floats, truth: npt.NDArray[np.bool_]) -> Isotonic:
    """Pooled adjacent violators, each block a knot at its mean score.

    The plain step function gives most concepts one of a few probabilities, and a block of three right answers the
    probability 1. One pair at the overall share, added to every block, and lines between the blocks mend both.
    """
    from sklearn.isotonic import IsotonicRegression

    order = np.argsort(values, kind="stable")
    scores, right = values[order].astype(np.float64), truth[order].astype(np.float64)
    steps = IsotonicRegression(y_min=0, y_max=1).fit_transform(scores, right)
    _, starts, sizes = np.unique(steps, return_index=True, return_counts=True)
    knots = np.add.reduceat(scores, starts) / sizes
    levels = (np.add.reduceat(right, starts) + right.mean()) / (sizes + 1)
    return Isotonic(tuple(knots.tolist()), tuple(np.maximum.accumulate(levels).tolist()))


def _log_odds(values: Floats) -> npt.NDArray[np.float64]:
    return np.asarray(_log_ends(values).sum(axis=-1))


def _log_ends(values: Floats) -> npt.NDArray[np.float64]:
    """ln(score) and -ln(1 - score), both rising with the score (..., 2)."""
    inside = np.clip(values.astype(np.float64), 1e-6, 1 - 1e-6)
    return np.stack([np.log(inside), -np.log1p(-inside)], axis=-1)


def calibration_from_document(document: dict[str, Any]) -> Fitted:
    """The inverse of `to_document`.

    Raises:
        ConfigError: The document names no known method.
    """
    match document:
        case {"method": "none"}:
            return Identity()
        case {"method": "platt", "slope": slope, "intercept": intercept}:
            return Platt(slope, intercept)
        case {"method": "beta", "rise": rise, "fall": fall, "intercept": intercept}:
            return Beta(rise, fall, intercept)
        case {"method": "isotonic", "knots": knots, "levels": levels}:
            return Isotonic(tuple(knots), tuple(levels))
    raise ConfigError(f"unknown calibration {document.get('method')!r}; known: isotonic, platt, beta, none")
