"""Risk against coverage: how much better the sets are where the system is sure of them.

A system that may leave papers to people answers only those that it is surest of. Risk is the error over the papers that
it answers, coverage their share (El-Yaniv & Wiener 2010; Geifman & El-Yaniv 2017). How sure it is of a paper is the
mean score of the concepts that it selected; of a paper for which it selected nothing it is the least sure. Only the
order of papers matters, so that any scores will do that can be compared between papers; they need not be probabilities.

Papers of which it is equally sure are answered in random order: at a coverage that ends among them, each counts by
their averages. So the order in which papers come changes nothing, and the copies of a paper in a bootstrap replicate
are such papers, too.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.special import digamma

from scixtag.evaluation.bootstrap import Interval
from scixtag.evaluation.judgements import Judgements
from scixtag.evaluation.metrics.weighting import Array, Metric, divide

POINTS = 50
"""A curve has at most so many points."""

EXPLANATION = (
    "Papers are ordered by how sure the system is of its set: the mean score of the selected concepts; papers without "
    "a selection come last. At each coverage, wrong is the share of wrong concepts among all that were selected for "
    "the covered papers, and lost F1 is 1 less their mean F1. The area under a curve is its mean over all coverages; "
    "in random order it would be about the risk at full coverage."
)
"""What the curve shows, for the readers of a report."""


@dataclass(frozen=True, slots=True)
class CoveragePoint:
    """The risk if only the surest papers are answered.

    Attributes:
        coverage: Their share of all papers, above 0.
        certainty: The mean score of the selected concepts of the least sure among them; None where it has none.
        wrong: Share of wrong concepts among all that were selected for them; 0 where none was.
        lost_f1: 1 less their mean F1.
    """

    coverage: float
    certainty: float | None
    wrong: float
    lost_f1: float


@dataclass(frozen=True)
class RiskCoverage:
    """The curve, from the surest papers to all of them, and the areas under it with their intervals."""

    points: tuple[CoveragePoint, ...]
    wrong_area: Interval
    lost_f1_area: Interval


def certainty(judgements: Judgements) -> Array:
    """The mean score of each paper's selected concepts (papers,); -1 where nothing is selected."""
    selected = judgements.selected
    values = judgements.scores.values[selected.papers, selected.ranks].astype(np.float64)
    sizes = selected.per_paper()
    # Rounded, for sums in another order of concepts may differ in their last bit, and a tie would be none.
    return np.where(sizes > 0, np.round(divide(selected.per_paper(values), sizes), 12), -1.0)


def coverage_curve(judgements: Judgements, points: int = POINTS) -> tuple[CoveragePoint, ...]:
    """The risk at evenly spaced coverages up to 1: at most `points`, and at most one a paper."""
    papers = len(judgements)
    covered = np.unique(np.ceil(papers * np.arange(1, points + 1) / points).astype(np.int64))
    ranked = _Ranked(judgements)
    wrong, lost = (_Sums.of(ranked, *parts, judgements.unit_weights).at(covered) for parts in _risks(judgements))
    sure = ranked.certainty[covered - 1]
    columns = (covered / papers, sure, wrong, lost)
    return tuple(
        CoveragePoint(coverage, least if least >= 0 else None, share, loss)
        for coverage, least, share, loss in zip(*(column.tolist() for column in columns), strict=True)
    )


def wrong_area(judgements: Judgements, weights: Array) -> Array:
    """The mean over all coverages of the share of wrong concepts among the selected ones; lower is better."""
    return _area(judgements, weights, 0)


def lost_f1_area(judgements: Judgements, weights: Array) -> Array:
    """The mean over all coverages of 1 less the mean F1 of the covered papers; lower is better."""
    return _area(judgements, weights, 1)


AREAS: dict[str, Metric] = {"wrong_area": wrong_area, "lost_f1_area": lost_f1_area}
"""To be used like any other metric."""


def _area(judgements: Judgements, weights: Array, risk: int) -> Array:
    return _Sums.of(_Ranked(judgements), *_risks(judgements)[risk], weights).mean()


def _risks(judgements: Judgements) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
    """Numerator and denominator of each risk (papers,)."""
    selected = judgements.selected
    sizes, hits = selected.per_paper(), selected.per_paper(selected.shared)
    f1 = 2 * hits / (sizes + judgements.gold_sizes)
    return (sizes - hits, sizes), (1 - f1, np.ones(len(judgements)))


class _Ranked:
    """Papers from the surest to the least sure.

    Attributes:
        order: Their rows (papers,).
        certainty: In that order (papers,).
        starts: Where each group of equally sure papers begins (groups,).
    """

    def __init__(self, judgements: Judgements) -> None:
        sure = certainty(judgements)
        self.order = np.argsort(-sure, kind="stable")
        self.certainty = sure[self.order]
        self.starts = np.flatnonzero(np.concatenate([[True], np.diff(self.certainty) != 0]))

    def totals(self, values: Array, weights: Array) -> Array:
        """The weighted sum of a value (papers,) over each group, in each replicate (groups, replicates)."""
        return np.asarray(np.add.reduceat((values[:, None] * weights)[self.order], self.starts, axis=0))


@dataclass(frozen=True, eq=False)
class _Sums:
    """What each group of equally sure papers adds to the two sides of a risk (groups, replicates).

    Attributes:
        papers: How many papers.
        above: The numerator.
        below: The denominator.
    """

    papers: Array
    above: Array
    below: Array

    @classmethod
    def of(cls, ranked: _Ranked, above: Array, below: Array, weights: Array) -> "_Sums":
        """Sum the values (papers,) of each group."""
        parts = (np.ones(len(above)), above, below)
        return cls(*(ranked.totals(values, weights) for values in parts))

    @cached_property
    def before(self) -> tuple[Array, Array, Array]:
        """The same sums over all surer groups."""
        parts = (self.papers, self.above, self.below)
        papers, above, below = (np.cumsum(part, axis=0) - part for part in parts)
        return papers, above, below

    def at(self, covered: npt.NDArray[np.int64]) -> Array:
        """The risk of the first replicate at some numbers of covered papers."""
        papers, above, below = (part[:, 0] for part in self.before)
        group = np.searchsorted(papers, covered) - 1
        share = (covered - papers[group]) / self.papers[group, 0]
        return divide(above[group] + share * self.above[group, 0], below[group] + share * self.below[group, 0])

    def mean(self) -> Array:
        """The risk at 1, 2, ... all papers, averaged (replicates,).

        With the j-th of m papers of a group it is (A + j a) / (B + j b), and its sum over j is m a/b + (A - B a/b) / b
        times the sum of 1 / (B/b + j).
        """
        _, above, below = self.before
        slope, papers_each = divide(self.above, self.below), divide(self.papers, self.below)
        bent = (above - slope * below) * papers_each * _reciprocals(below * papers_each, self.papers)
        sums = self.papers * slope + bent
        # What adds nothing to the denominator, such as papers without a selection, adds nothing to the numerator.
        still = self.below == 0
        sums[still] = self.papers[still] * divide(above[still], below[still])
        return divide(sums.sum(axis=0), self.papers.sum(axis=0))


def _reciprocals(start: Array, count: Array) -> Array:
    """The sum of 1 / (start + j) over j = 1, ..., count: a difference of two harmonic numbers (groups, replicates)."""
    result = count / (start + 1)
    many = (count != 0) & (count != 1)  # the digamma function is slow, and most papers are drawn once or not at all
    first, last = start[many] + 1, start[many] + count[many] + 1
    result[many] = digamma(last) - digamma(first)
    return np.asarray(result)
