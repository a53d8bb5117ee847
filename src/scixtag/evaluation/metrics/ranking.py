"""Metrics of the ranked candidates; no decision rule has a part in them."""

import numpy as np
import numpy.typing as npt

from scixtag.evaluation.judgements import UNLISTED, Judgements
from scixtag.evaluation.metrics.weighting import Array, mean, ratio

PROPENSITY_A = 0.55
PROPENSITY_B = 1.5


def precision_at(judgements: Judgements, weights: Array, k: int) -> Array:
    """The share of the first k places that hold a true concept; a place that stays empty is a miss."""
    return mean(_hits(judgements, k) / k, weights)


def recall_at(judgements: Judgements, weights: Array, k: int) -> Array:
    """The share of a paper's true labels among its first k candidates, averaged over papers."""
    return mean(_hits(judgements, k) / judgements.gold_sizes, weights)


def f1_at(judgements: Judgements, weights: Array, k: int) -> Array:
    """The F1 of a paper's first k candidates, 2 hits / (k + true labels), averaged over papers."""
    return mean(2 * _hits(judgements, k) / (k + judgements.gold_sizes), weights)


def ndcg_at(judgements: Judgements, weights: Array, k: int) -> Array:
    """Normalised discounted cumulative gain with binary gains (Järvelin & Kekäläinen 2002).

    The ideal ranking has min(k, true labels) hits, so that no true label is excused. Tied scores count in their order
    of listing.
    """
    discounts = 1 / np.log2(np.arange(2, k + 2))
    relevant = judgements.relevant[:, :k]
    gains = relevant @ discounts[: relevant.shape[1]]
    ideals = np.concatenate([[0.0], np.cumsum(discounts)])
    possible = np.minimum(judgements.gold_sizes, k).astype(np.int64)
    return mean(gains / ideals[possible], weights)


def psp_at(judgements: Judgements, weights: Array, k: int) -> Array:
    """Propensity-scored precision (Jain et al. 2016), divided by that of a perfect ranking.

    As in the extreme-classification repository: A = .55, B = 1.5, propensities from the training papers, and the sum
    over papers of what was reached divided by the sum of what could be. A concept that no training paper carried has a
    count of zero, and so have true labels outside the vocabulary, which only enter the ideal.
    """
    gold = judgements.gold
    worth = inverse_propensity(gold.train_counts, judgements.train_papers[gold.papers])
    reached = gold.per_paper(worth * (gold.ranks < k))
    return ratio(reached, _ideal_worth(judgements, worth, k), weights)


def _ideal_worth(judgements: Judgements, worth: Array, k: int) -> Array:
    """The largest sum of worth that k places can hold, for each paper."""
    outside = np.repeat(np.arange(len(judgements)), judgements.unknown)
    worth_outside = inverse_propensity(np.zeros(len(outside), np.int64), judgements.train_papers[outside])
    papers = np.concatenate([judgements.gold.papers, outside])
    values = np.concatenate([worth, worth_outside])
    order = np.lexsort((-values, papers))
    sizes = judgements.gold_sizes.astype(np.int64)
    place = np.arange(len(order)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    best = order[place < k]
    return np.asarray(np.bincount(papers[best], weights=values[best], minlength=len(judgements)), dtype=np.float64)


def inverse_propensity(counts: npt.NDArray[np.int64], papers: npt.NDArray[np.int64]) -> Array:
    """1 / propensity of a label: 1 + C (count + B)^-A with C = (log papers - 1)(B + 1)^A (Jain et al. 2016).

    Args:
        counts: Training papers with the label, of any shape.
        papers: Training papers in all, of the same shape. C is not let below zero (under three papers).
    """
    scale = np.maximum(np.log(np.maximum(papers, 1)) - 1, 0) * (PROPENSITY_B + 1) ** PROPENSITY_A
    worth: Array = 1 + scale * (counts + PROPENSITY_B) ** -PROPENSITY_A
    return worth


def lrap(judgements: Judgements, weights: Array) -> Array:
    """Label ranking average precision, as in scikit-learn: a tied concept has the last place of its tie.

    Calibration can tie what the model ranked (a step or a clipped end), so compare models at the same calibration.
    Concepts that are not listed tie at the bottom of the vocabulary. A true label outside the vocabulary adds nothing.
    """
    relevant = judgements.relevant
    last = _last_of_tie(judgements)
    above = np.take_along_axis(np.cumsum(relevant, axis=1), last, axis=1)
    listed = (relevant * above / (last + 1)).sum(axis=1)
    known = judgements.gold.per_paper()
    missed = judgements.gold.per_paper(judgements.gold.ranks == UNLISTED)
    return mean((listed + missed * known / judgements.concepts) / judgements.gold_sizes, weights)


def _last_of_tie(judgements: Judgements) -> npt.NDArray[np.int64]:
    """For each place, the last place with the same score (papers, k)."""
    values = judgements.scores.values
    papers, k = values.shape
    ends = np.concatenate([values[:, 1:] != values[:, :-1], np.ones((papers, min(k, 1)), np.bool_)], axis=1)
    places = np.where(ends, np.arange(k), k)
    return np.minimum.accumulate(places[:, ::-1], axis=1)[:, ::-1]


def _hits(judgements: Judgements, k: int) -> Array:
    return np.asarray(judgements.relevant[:, :k].sum(axis=1), dtype=np.float64)
