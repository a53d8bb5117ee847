"""The lowest threshold from which on a share of the selected concepts is right, on new papers too.

The share on the tuning papers would not do: the lowest threshold that reaches it there is one that chance has favoured.
In simulations of 200 and 2,000 tuning papers, new papers kept what was promised in about half of the trainings; with a
lower confidence bound of 95 %, in at least 94 % (docs/results/decision-rules.md).
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from scixtag.predictions.scores import Scores

Array = npt.NDArray[np.float64]

NOTHING = 2.0
"""A threshold that no probability reaches."""


class Promise(NamedTuple):
    """A threshold and the lower bound of its precision; `NOTHING` and the best of all bounds if none is good enough."""

    threshold: float
    bound: float


def lowest_threshold(
    probabilities: Scores, relevant: npt.NDArray[np.bool_], precision: float, confidence: float
) -> Promise:
    """The lowest probability from which on the precision's lower confidence bound is at least `precision`.

    The bound is that of Clopper & Pearson (1934) at an effective number of pairs (Korn & Graubard 1998), for the
    concepts of one paper are right or wrong together: pairs are divided by the design effect, the variance between
    papers as a multiple of that of independent pairs, never below 1. Where no pair is wrong the variance says nothing,
    and the concepts of a paper count as wholly dependent. It is assumed that new papers come from where the tuning
    papers came from, and that the saved model, which learned from more papers, is not worse than those that scored
    them. That the threshold is chosen among many is not corrected; in simulations the confidence holds all the same.

    Args:
        probabilities: Of the tuning papers, without the candidates that may never be selected.
        relevant: (papers, k) True where the concept is one of the paper's labels.
        precision: The share that must be right.
        confidence: How sure that must be.
    """
    from scipy.special import betainc, betaincinv

    cuts = _cuts(probabilities, relevant)
    if not len(cuts.values):
        return Promise(NOTHING, 0.0)
    right, wrong = cuts.right / cuts.design_effects, cuts.wrong / cuts.design_effects
    some = right > 0
    kept = np.zeros(len(some), dtype=np.bool_)
    kept[some] = betainc(right[some], wrong[some] + 1, precision) <= 1 - confidence
    if kept.any():
        last = np.flatnonzero(kept)[-1]
        return Promise(float(cuts.values[last]), float(betaincinv(right[last], wrong[last] + 1, 1 - confidence)))
    bounds = betaincinv(right[some], wrong[some] + 1, 1 - confidence)
    return Promise(NOTHING, float(bounds.max(initial=0.0)))


class _Cuts(NamedTuple):
    """Falling probabilities without repetition, and what is selected from each on."""

    values: npt.NDArray[np.float32]
    right: Array
    wrong: Array
    design_effects: Array


def _cuts(probabilities: Scores, relevant: npt.NDArray[np.bool_]) -> _Cuts:
    """Every cut at once: pairs in falling order, each adding to sums of squares over papers what it changes in them."""
    listed = probabilities.listed
    hits = relevant.astype(np.float64)
    hits_before = np.cumsum(hits, axis=1) - hits
    pairs_before = np.broadcast_to(np.arange(listed.shape[1], dtype=np.float64), listed.shape)
    order = np.argsort(-probabilities.values[listed], kind="stable")
    values = probabilities.values[listed][order]
    ends = np.flatnonzero(np.append(values[1:] != values[:-1], len(values) > 0))

    def running(change: Array) -> Array:
        return np.asarray(np.cumsum(change[listed][order])[ends])

    right, pairs = running(hits), (ends + 1).astype(np.float64)
    pairs_squared = running(2 * pairs_before + 1)
    hits_squared = running(hits * (2 * hits_before + 1))
    products = running(hits_before + hits * (pairs_before + 1))
    share = right / pairs
    between = hits_squared - 2 * share * products + share**2 * pairs_squared
    independent = pairs * share * (1 - share)
    mixed = independent > 0
    effects = np.where(mixed, between / np.where(mixed, independent, 1), pairs_squared / pairs)
    return _Cuts(values[ends], right, pairs - right, np.maximum(effects, 1))
