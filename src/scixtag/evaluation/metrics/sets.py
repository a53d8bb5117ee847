"""Metrics of the decided sets over papers, and over all pairs at once (micro).

True labels outside the vocabulary are missed labels everywhere. Zero denominators give 0.
"""

import numpy as np

from scixtag.evaluation.judgements import Judgements
from scixtag.evaluation.metrics.weighting import Array, divide, mean, ratio


def micro_precision(judgements: Judgements, weights: Array) -> Array:
    """The share of all selected pairs that are true."""
    return ratio(_hits(judgements), judgements.selected.per_paper(), weights)


def micro_recall(judgements: Judgements, weights: Array) -> Array:
    """The share of all true labels that were selected."""
    return ratio(_hits(judgements), judgements.gold_sizes, weights)


def micro_f1(judgements: Judgements, weights: Array) -> Array:
    """2 hits / (selected + true), summed over all papers."""
    return ratio(2 * _hits(judgements), judgements.selected.per_paper() + judgements.gold_sizes, weights)


def sample_precision(judgements: Judgements, weights: Array) -> Array:
    """The precision of each paper's set, averaged over papers; an empty set has 0."""
    return mean(divide(_hits(judgements), judgements.selected.per_paper()), weights)


def sample_recall(judgements: Judgements, weights: Array) -> Array:
    """The recall of each paper's set, averaged over papers."""
    return mean(_hits(judgements) / judgements.gold_sizes, weights)


def sample_f1(judgements: Judgements, weights: Array) -> Array:
    """The F1 of each paper's set, averaged over papers."""
    return mean(2 * _hits(judgements) / (judgements.selected.per_paper() + judgements.gold_sizes), weights)


def h_precision(judgements: Judgements, weights: Array) -> Array:
    """`micro_precision` where ancestors belong to both sets (Kiritchenko, Matwin, Nock & Famili 2006)."""
    return ratio(judgements.augmented.shared, judgements.augmented.selected, weights)


def h_recall(judgements: Judgements, weights: Array) -> Array:
    """`micro_recall` where ancestors belong to both sets."""
    return ratio(judgements.augmented.shared, judgements.augmented.gold, weights)


def h_f1(judgements: Judgements, weights: Array) -> Array:
    """`micro_f1` where ancestors belong to both sets."""
    sizes = judgements.augmented
    return ratio(2 * sizes.shared, sizes.selected + sizes.gold, weights)


def subset_accuracy(judgements: Judgements, weights: Array) -> Array:
    """The share of papers whose set is exactly the true one."""
    hits = _hits(judgements)
    exact = (hits == judgements.gold_sizes) & (hits == judgements.selected.per_paper())
    return mean(exact.astype(np.float64), weights)


def hamming_loss(judgements: Judgements, weights: Array) -> Array:
    """Wrong decisions (false and missed concepts) of a paper, divided by the size of the vocabulary."""
    wrong = judgements.selected.per_paper() + judgements.gold_sizes - 2 * _hits(judgements)
    return mean(wrong / judgements.concepts, weights)


def mean_set_size(judgements: Judgements, weights: Array) -> Array:
    """Selected concepts a paper."""
    return mean(judgements.selected.per_paper(), weights)


def empty_share(judgements: Judgements, weights: Array) -> Array:
    """The share of papers for which nothing was selected."""
    return mean((judgements.selected.per_paper() == 0).astype(np.float64), weights)


def _hits(judgements: Judgements) -> Array:
    return judgements.gold.per_paper(judgements.gold.shared)
