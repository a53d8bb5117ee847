"""A quantity of many papers as counts on a grid: all that is kept of it, and enough to resample papers from."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from scixtag.evaluation.bootstrap import LEVEL, REPLICATES, Interval

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]

MOST_BINS = 2_000
"""Larger values count as the largest bin; only lengths of texts come near it."""


@dataclass(frozen=True, eq=False)
class Histogram:
    """How many papers have which value.

    Attributes:
        step: The width of the grid; a value is off by at most half of it.
        counts: int64 (bins,); bin `i` stands for the value `i * step`.
    """

    step: float
    counts: Counts

    @classmethod
    def of(cls, values: npt.ArrayLike, step: float) -> "Histogram":
        """Count values that are not negative; NaN, for a paper without one, is left out."""
        given = np.asarray(values, dtype=np.float64)
        bins = np.rint(given[~np.isnan(given)] / step).astype(np.int64)
        return cls(step, np.bincount(np.minimum(bins, MOST_BINS - 1)).astype(np.int64))

    @cached_property
    def total(self) -> int:
        """Papers that have a value."""
        return int(self.counts.sum())

    @cached_property
    def values(self) -> Floats:
        """What the bins stand for (bins,)."""
        return np.asarray(np.arange(len(self.counts)) * self.step, dtype=np.float64)

    @property
    def mean(self) -> float:
        """Over papers; NaN without any."""
        return float(self.counts @ self.values / self.total) if self.total else float("nan")

    def plus(self, other: "Histogram") -> "Histogram":
        """Both together."""
        return Histogram(self.step, np.sum(_aligned([self, other]), axis=0))


def mean_difference(
    reference: Histogram, new: Histogram, *, replicates: int = REPLICATES, seed: int = 0, level: float = LEVEL
) -> Interval:
    """By how much the mean of new papers exceeds that of the reference.

    The interval is the percentile bootstrap of two independent samples, both drawn anew (Efron & Tibshirani 1993).
    """
    generator = np.random.default_rng(seed)
    draws = _resampled_means(new, replicates, generator) - _resampled_means(reference, replicates, generator)
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2])
    return Interval(new.mean - reference.mean, float(low), float(high))


def permutation_p(reference: Histogram, new: Histogram, *, replicates: int = 2 * REPLICATES, seed: int = 0) -> float:
    """How often a random part of both, as large as the new papers, has a mean as far from the rest's, or farther.

    Exact under exchangeability, whatever the distribution and however few the papers (Phipson & Smyth 2010: the papers
    as they are count as one of the parts, so that it is never 0).
    """
    both = np.stack(_aligned([reference, new]))
    values = np.arange(both.shape[1], dtype=np.float64)
    pooled, used = both.sum(axis=0), both.sum(axis=0) > 0
    if used.sum() < 2:
        return 1.0
    generator = np.random.default_rng(seed)
    draws = generator.multivariate_hypergeometric(pooled[used], new.total, size=replicates)
    # With both sizes fixed, the sum of the drawn part decides the difference of the means.
    expected = float(pooled @ values) * new.total / (new.total + reference.total)
    seen = abs(float(both[1] @ values) - expected)
    as_far = np.abs(draws @ values[used] - expected) >= seen * (1 - 1e-12)
    return float((as_far.sum() + 1) / (replicates + 1))


def superiority(reference: Histogram, new: Histogram) -> float:
    """The chance that a new paper has more than a reference paper; ties count half (Vargha & Delaney 2000)."""
    before, after = _aligned([reference, new])
    below = np.cumsum(before) - before
    return float(after @ (below + before / 2) / (reference.total * new.total))


def superiority_error(reference: Histogram, new: Histogram) -> float:
    """The standard error of `superiority`, from the two variances of its placements (DeLong et al. 1988)."""
    before, after = _aligned([reference, new])
    parts = []
    for these, others in ((before, after), (after, before)):
        placements = (np.cumsum(others) - others / 2) / others.sum()
        mean = these @ placements / these.sum()
        parts.append(float(these @ (placements - mean) ** 2 / max(these.sum() - 1, 1) / these.sum()))
    return float(np.sqrt(sum(parts)))


def _resampled_means(histogram: Histogram, replicates: int, generator: np.random.Generator) -> Floats:
    used = histogram.counts > 0
    draws = generator.multinomial(histogram.total, histogram.counts[used] / histogram.total, size=replicates)
    return np.asarray(draws @ histogram.values[used] / histogram.total, dtype=np.float64)


def _aligned(histograms: Sequence[Histogram]) -> list[Counts]:
    width = max(len(histogram.counts) for histogram in histograms)
    return [np.pad(histogram.counts, (0, width - len(histogram.counts))) for histogram in histograms]
