"""Metrics that are computed for each concept and then averaged over concepts.

`macro_*` averages over the concepts that the test set can score: those that at least one paper (of the replicate)
carries. `macro_*_all` divides the same sum by every concept that a training or a test paper carries; one that the test
set cannot score counts as 0 there. `weighted_*` weighs each concept by its true pairs. Labels outside the vocabulary
have no concept, so macro averages cannot hold them; weighted ones count them as missed. Zero denominators give 0.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from scixtag.evaluation.judgements import Judgements, Pairs
from scixtag.evaluation.metrics.weighting import Array, divide

_ELEMENTS = 2**21
"""How many numbers (concepts x replicates) are held at once, for each of a few arrays."""


class LabelCounts(NamedTuple):
    """Weighted counts of each concept in each replicate, all (concepts in use, replicates)."""

    hits: Array
    selected: Array
    gold: Array


Quality = Callable[[LabelCounts], Array]
"""Counts to one number for each concept and replicate."""


def precision(counts: LabelCounts) -> Array:
    """The share of a concept's selected papers that carry it."""
    return divide(counts.hits, counts.selected)


def recall(counts: LabelCounts) -> Array:
    """The share of a concept's papers for which it was selected."""
    return divide(counts.hits, counts.gold)


def f1(counts: LabelCounts) -> Array:
    """The harmonic mean of a concept's precision and recall."""
    return divide(2 * counts.hits, counts.selected + counts.gold)


def macro(judgements: Judgements, weights: Array, quality: Quality) -> Array:
    """The mean of a quality over the concepts that at least one paper carries."""
    sums, scoreable = _sums(judgements.gold, judgements.selected, weights, quality)
    return divide(sums, scoreable)


def macro_all(judgements: Judgements, weights: Array, quality: Quality) -> Array:
    """The sum of a quality over the concepts that a paper carries, divided by all seen in training or test."""
    sums, _ = _sums(judgements.gold, judgements.selected, weights, quality)
    seen = judgements.train_counts > 0
    only_test = judgements.gold.where(~seen[judgements.gold.concepts])
    _, unseen = _sums(only_test, only_test, weights, quality)
    return divide(sums, seen.sum() + unseen)


def macro_of_pairs(gold: Pairs, selected: Pairs, weights: Array, quality: Quality) -> Array:
    """`macro` over some of the pairs, such as those of a frequency band."""
    return divide(*_sums(gold, selected, weights, quality))


def weighted(judgements: Judgements, weights: Array, quality: Quality) -> Array:
    """The mean of a quality over concepts, each weighed by its true pairs."""
    parts = [
        (quality(counts) * counts.gold).sum(axis=0)
        for counts in label_counts(judgements.gold, judgements.selected, weights)
    ]
    return divide(np.concatenate(parts), judgements.gold_sizes @ weights)


def label_counts(gold: Pairs, selected: Pairs, weights: Array) -> Iterator[LabelCounts]:
    """The counts of every concept in use, some replicates at a time."""
    used = np.union1d(gold.concepts, selected.concepts)
    matrices = [_by_label(pairs, used) for pairs in (gold.where(gold.shared), selected, gold)]
    step = max(1, _ELEMENTS // max(len(used), 1))
    for start in range(0, weights.shape[1], step):
        block = np.ascontiguousarray(weights[:, start : start + step])
        yield LabelCounts(*(matrix @ block for matrix in matrices))


def _sums(gold: Pairs, selected: Pairs, weights: Array, quality: Quality) -> tuple[Array, Array]:
    """The sum of a quality over the concepts that a paper carries, and their number, in each replicate."""
    sums, numbers = [], []
    for counts in label_counts(gold, selected, weights):
        scoreable = counts.gold > 0
        sums.append(np.where(scoreable, quality(counts), 0.0).sum(axis=0))
        numbers.append(scoreable.sum(axis=0).astype(np.float64))
    return np.concatenate(sums), np.concatenate(numbers)


def _by_label(pairs: Pairs, used: npt.NDArray[np.int64]) -> csr_array:
    """The pairs as (concepts in use x papers)."""
    rows = np.searchsorted(used, pairs.concepts)
    return csr_array((np.ones(len(pairs)), (rows, pairs.papers)), shape=(len(used), pairs.matrix.shape[0]))
