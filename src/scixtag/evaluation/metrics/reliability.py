"""How far probabilities can be believed: only for scores that are calibrated probabilities.

Each metric is over pairs of a paper and a candidate: all listed candidates, or the best k of each paper. Most of the
hundred candidates of a paper have probabilities near zero and are rightly false, which flatters the average over all;
the best ten are what people see.
"""

import numpy as np
import numpy.typing as npt

from scixtag.evaluation.judgements import Judgements
from scixtag.evaluation.metrics.weighting import Array, divide, ratio

BINS = 10


def brier(judgements: Judgements, weights: Array, k: int | None = None) -> Array:
    """The mean squared difference of probability and truth (Brier 1950); lower is better."""
    listed, values, truth = _pairs(judgements, k)
    squares = np.where(listed, (values - truth) ** 2, 0)
    return ratio(squares.sum(axis=1), listed.sum(axis=1).astype(np.float64), weights)


def calibration_error(judgements: Judgements, weights: Array, k: int | None = None, bins: int = BINS) -> Array:
    """Expected calibration error (Naeini et al. 2015), from 0, which is best.

    The gap between mean probability and share of true candidates in each of ten bins of equal width, weighed by
    candidates. Bins of equal width are what others report, and they are the same in every replicate and for every
    system; those of equal size would put nearly all bins among probabilities near zero.
    """
    listed, values, truth = _pairs(judgements, k)
    papers = np.nonzero(listed)[0]
    place = papers * bins + bin_of(values[listed], bins)
    gaps = np.bincount(place, weights=values[listed] - truth[listed], minlength=len(judgements) * bins)
    wrong = np.abs(gaps.reshape(-1, bins).T @ weights).sum(axis=0)
    return divide(wrong, listed.sum(axis=1).astype(np.float64) @ weights)


def bin_of(values: npt.NDArray[np.float64], bins: int) -> npt.NDArray[np.int64]:
    """The bin of equal width that each probability falls in; 1 falls in the last."""
    return np.minimum((values * bins).astype(np.int64), bins - 1)


def _pairs(judgements: Judgements, k: int | None) -> tuple[npt.NDArray[np.bool_], Array, Array]:
    """Which of the first k places are filled, their probabilities, and their truth (papers, k)."""
    scores = judgements.scores if k is None else judgements.scores.best(k)
    return scores.listed, scores.values.astype(np.float64), judgements.relevant[:, :k].astype(np.float64)
