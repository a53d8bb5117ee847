"""Shares of papers that hold each of many words or concepts: what changed, and how sure that is."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scixtag.evaluation.bootstrap import LEVEL

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class ShareChanges:
    """For each word or concept, the share of new papers that hold it less that of reference papers.

    Attributes:
        before: (cells,) its share of the reference papers.
        after: (cells,) its share of the new papers.
        low: (cells,) lower end of the difference's interval.
        high: (cells,) upper end.
        p: (cells,) two-sided, exact.
        q: (cells,) the smallest false discovery rate at which it is among the discoveries.
    """

    before: Floats
    after: Floats
    low: Floats
    high: Floats
    p: Floats
    q: Floats

    @property
    def difference(self) -> Floats:
        """(cells,)."""
        return self.after - self.before


def share_changes(
    reference: Counts, reference_papers: int, new: Counts, new_papers: int, level: float = LEVEL
) -> ShareChanges:
    """Compare shares of two independent samples.

    Intervals are Newcombe's (1998, method 10), which hold for shares near 0; p-values are Fisher's, the smaller tail
    doubled; q-values are those of Benjamini & Hochberg (1995).

    Args:
        reference: (cells,) papers that hold each.
        reference_papers: Out of so many, at least 1.
        new: (cells,) the same of the new papers.
        new_papers: Out of so many, at least 1.
        level: Of the intervals.
    """
    from scipy.stats import hypergeom

    before, after = reference / reference_papers, new / new_papers
    low_before, high_before = _wilson(reference, reference_papers, level)
    low_after, high_after = _wilson(new, new_papers, level)
    low = after - before - np.hypot(after - low_after, high_before - before)
    high = after - before + np.hypot(high_after - after, before - low_before)
    drawn = hypergeom(reference_papers + new_papers, reference + new, new_papers)
    p = np.minimum(1.0, 2 * np.minimum(drawn.cdf(new), drawn.sf(new - 1)))
    return ShareChanges(before, after, low, high, p, false_discovery_rates(p))


def false_discovery_rates(p: Floats) -> Floats:
    """For each p-value the smallest rate at which Benjamini & Hochberg (1995) reject it (tests,)."""
    falling = np.argsort(-p, kind="stable")
    ranks = np.arange(len(p), 0, -1)
    rates = np.empty_like(p)
    rates[falling] = np.minimum(1.0, np.minimum.accumulate(p[falling] * len(p) / ranks))
    return rates


def family_wise(p: Floats) -> Floats:
    """For each p-value the smallest family-wise level at which Holm (1979) rejects it (tests,)."""
    rising = np.argsort(p, kind="stable")
    levels = np.empty_like(p)
    levels[rising] = np.minimum(1.0, np.maximum.accumulate(p[rising] * np.arange(len(p), 0, -1)))
    return levels


def _wilson(counts: Counts, papers: int, level: float) -> tuple[Floats, Floats]:
    """Wilson's (1927) interval of shares."""
    from scipy.special import ndtri

    z = float(ndtri((1 + level) / 2))
    share = counts / papers
    middle = share + z * z / (2 * papers)
    spread = z * np.sqrt(share * (1 - share) / papers + z * z / (4 * papers * papers))
    scale = 1 + z * z / papers
    return np.maximum(0.0, (middle - spread) / scale), np.minimum(1.0, (middle + spread) / scale)
