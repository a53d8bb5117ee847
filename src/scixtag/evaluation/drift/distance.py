"""How far two distributions over words or concepts are apart, and how far random samples of one are.

The distance is the square root of the Jensen-Shannon divergence in bits (Lin 1991; Endres & Schindelin 2003): 0 for
equal distributions, 1 for those without a common cell. It is never 0 for samples, and larger for small ones. So it is
held against the distances of papers drawn at random from the training papers: as many as there are new ones, from as
many as there were. These are made at training, where the papers are, and kept as three moments for a few sizes. What
words of one paper have in common (they come together) is thereby in them, as no formula would have it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

Floats = npt.NDArray[np.float64]

FEWEST = 5
"""A word or concept that fewer reference papers hold is pooled with all such (Cochran 1954)."""

SIZES = (10, 20, 50, 100, 200, 400, 800, 2_000, 10_000)
"""Of the samples that are simulated; between them the moments are interpolated."""

_REPLICATES = 130
_MOST_PAPERS = 3_000
"""Those drawn from; a seeded choice of more."""


@dataclass(frozen=True, eq=False)
class ChanceDistances:
    """Divergences of random samples of the reference from the reference.

    Divergences are multiplied by the effective size m n / (m + n) of a sample of m and a reference of n papers, which
    makes them nearly independent of both (their limit is a weighted sum of chi-squares).

    Attributes:
        papers: n, papers of the reference.
        moments: (sizes, 2) mean and standard deviation of these products, for each of `SIZES`.
        skewness: Of all sizes together, for it needs many replicates and is much the same for all.
    """

    papers: int
    moments: Floats
    skewness: float

    def effective(self, papers: float) -> float:
        """The effective size of a sample of so many papers."""
        return papers * self.papers / (papers + self.papers)

    def at(self, papers: int) -> tuple[float, float]:
        """Mean and standard deviation of the divergence of a random sample of so many papers."""
        from scipy.interpolate import PchipInterpolator

        size = self.effective(papers)
        places = np.log([self.effective(each) for each in SIZES])
        place = np.clip(np.log(size), places[0], places[-1])
        mean, deviation = PchipInterpolator(places, self.moments)(place).tolist()
        return mean / size, deviation / size

    def exceeded(self, divergence: float, papers: int) -> float:
        """The share of random samples whose divergence is at least as large: a p-value.

        From Pearson's type III distribution with the three moments, as for sums of chi-squares (Imhof 1961).
        """
        return float(self._distribution(papers).sf(divergence))

    def quantile(self, share: float, papers: int) -> float:
        """The divergence that this share of random samples stays below."""
        return max(0.0, float(self._distribution(papers).ppf(share)))

    def _distribution(self, papers: int) -> Any:
        from scipy.stats import pearson3

        mean, deviation = self.at(papers)
        return pearson3(self.skewness, loc=mean, scale=max(deviation, 1e-12))

    def to_document(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {"papers": self.papers, "moments": self.moments.tolist(), "skewness": self.skewness}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "ChanceDistances":
        """The inverse of `to_document`."""
        return cls(
            int(document["papers"]), np.array(document["moments"], dtype=np.float64), float(document["skewness"])
        )


def divergence(reference: npt.ArrayLike, sample: npt.ArrayLike, fewest: float = FEWEST) -> Floats:
    """Jensen-Shannon divergence in bits of shares of counts.

    Args:
        reference: (cells,) or (cells, replicates): how many papers hold each.
        sample: The same of the other papers.
        fewest: Cells with fewer in the reference are pooled into one; the last cell, which stands for all others,
            always goes there.

    Returns:
        () or (replicates,); NaN where one of the two holds nothing.
    """
    before, after = np.asarray(reference, np.float64), np.asarray(sample, np.float64)
    own = before >= fewest
    own[-1] = False
    p, q = _shares(before, own), _shares(after, own)
    middle = (p + q) / 2
    return np.asarray((_entropy_terms(p, middle) + _entropy_terms(q, middle)).sum(axis=0) / 2, np.float64)


def divergence_error(
    reference: npt.ArrayLike, resampled: npt.ArrayLike, papers: int, reference_papers: int, fewest: float = FEWEST
) -> float:
    """The standard error of a divergence; NaN where too few replicates hold anything.

    The reference is kept as counts alone, so only the sample can be drawn anew. What the reference adds is as much in
    proportion to the number of its papers, for the divergence is symmetric.

    Args:
        reference: (cells,) as for `divergence`.
        resampled: (cells, replicates) of the sample.
        papers: Of the sample.
        reference_papers: Of the reference.
        fewest: As for `divergence`.
    """
    found = np.array([float(divergence(reference, one, fewest)) for one in np.asarray(resampled).T])
    found = found[~np.isnan(found)]
    if len(found) < len(np.asarray(resampled).T) / 2:
        return float("nan")
    return float(found.std(ddof=1) * np.sqrt(1 + papers / reference_papers))


def _shares(counts: Floats, own: npt.NDArray[np.bool_]) -> Floats:
    """Shares of the cells of their own, and of the pooled rest in one more row."""
    pooled = np.concatenate([np.where(own, counts, 0), np.where(own, 0, counts).sum(axis=0, keepdims=True)])
    with np.errstate(invalid="ignore"):
        return np.asarray(pooled / pooled.sum(axis=0), np.float64)


def _entropy_terms(p: Floats, middle: Floats) -> Floats:
    terms = np.zeros_like(p)
    np.log2(p, out=terms, where=p > 0)
    terms -= np.log2(middle, out=np.zeros_like(p), where=middle > 0)
    return np.asarray(p * terms, np.float64)


def chance_distances(
    papers: csr_array, fewest: float = FEWEST, *, replicates: int = _REPLICATES, seed: int = 0
) -> ChanceDistances:
    """Draw references and samples from papers, with replacement, and see how far they are apart.

    Each drawn reference chooses anew which cells are frequent enough to stand alone: those just frequent enough in one
    sample are on average less frequent in the next.

    Args:
        papers: What each paper holds (papers x cells), with the last cell for all that has none of its own.
        fewest: As for `divergence`.
        replicates: How many of each size.
        seed: Of the draws.
    """
    count = papers.shape[0]
    generator = np.random.default_rng(seed)
    if count > _MOST_PAPERS:
        papers = papers[np.sort(generator.choice(count, _MOST_PAPERS, replace=False))]
    cells = csr_array(papers.T).astype(np.float64)

    def drawn(size: int) -> Floats:
        chances = np.full(cells.shape[1], 1 / cells.shape[1])
        return np.asarray(cells @ generator.multinomial(size, chances, size=replicates).T.astype(np.float64))

    references = drawn(count)
    moments, standardised = [], []
    for size in SIZES:
        found = divergence(references, drawn(size), fewest)
        found = found[~np.isnan(found)] * size * count / (size + count)
        mean, deviation = (float(found.mean()), float(found.std())) if len(found) else (0.0, 0.0)
        moments.append((mean, deviation))
        standardised.append((found - mean) / (deviation or 1.0))
    cubes = np.concatenate(standardised) ** 3
    return ChanceDistances(count, np.array(moments), float(cubes.mean()) if len(cubes) else 0.0)
