"""Frequency bands: how well concepts fare by the number of training papers that carry them.

A pair of a paper and a concept belongs to the band of its own training count, so the bands of a scheme share out all
pairs. True labels outside the vocabulary have no training papers, and count in the band that holds 0.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from scixtag.errors import ConfigError
from scixtag.evaluation.judgements import Judgements
from scixtag.evaluation.metrics import per_label
from scixtag.evaluation.metrics.weighting import Array, Metric, ratio


@dataclass(frozen=True, slots=True)
class Band:
    """Concepts that at least `low` and at most `high` training papers carry (None: no upper end)."""

    name: str
    low: int
    high: int | None = None

    def holds(self, counts: npt.NDArray[np.int64] | npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
        """Which training counts fall in the band."""
        return np.asarray((counts >= self.low) & (counts <= (np.inf if self.high is None else self.high)))


@dataclass(frozen=True, slots=True)
class Scheme:
    """Bands from the most frequent concepts to the rarest, such that each count falls in one.

    Raises:
        ConfigError: A gap, an overlap, or an end that does not reach 0 or infinity.
    """

    name: str
    bands: tuple[Band, ...]

    def __post_init__(self) -> None:
        highs = [None, *(band.low - 1 for band in self.bands)]
        if [*(band.high for band in self.bands), -1] != highs:
            raise ConfigError(
                f"band scheme '{self.name}': list the bands from high to low, each ending where the one before "
                "it begins, the first without an upper end and the last from 0"
            )


FINE = Scheme(
    "fine",
    (Band("> 60", 61), Band("6–60", 6, 60), Band("1–5", 1, 5), Band("0 (never seen)", 0, 0)),
)
"""For a few thousand training papers."""

PUBLISHED = Scheme(
    "head, torso, tail",
    (Band("head (> 500)", 501), Band("torso (50–500)", 50, 500), Band("tail (< 50)", 0, 49)),
)
"""As in the AstroConcepts paper (arXiv:2604.02156), for 18,677 training papers."""

SCHEMES = (FINE, PUBLISHED)

EXPLANATION = (
    "A pair of a paper and a concept belongs to the band of the concept's number of training papers. Recall, precision "
    "and f1 are over all pairs of a band (micro); macro_f1 is the mean over those concepts of the band that a judged "
    "paper carries. True labels outside the vocabulary count in the last band, as missed."
)
"""The denominators, for the readers of a report."""


@dataclass(frozen=True, slots=True)
class BandSize:
    """What a band holds: concepts with a true pair, true labels, and selected pairs."""

    concepts: int
    gold: int
    selected: int


def band_size(judgements: Judgements, band: Band) -> BandSize:
    """Count what a band holds; labels outside the vocabulary are true labels without a concept."""
    inside = band.holds(judgements.gold.train_counts)
    return BandSize(
        concepts=len(np.unique(judgements.gold.concepts[inside])),
        gold=int(_gold(judgements, band).sum()),
        selected=int(band.holds(judgements.selected.train_counts).sum()),
    )


def band_metrics(band: Band, k: int = 5) -> dict[str, Metric]:
    """The metrics of one band, to be used like any other metric.

    `r@k`, `precision`, `recall` and `f1` are micro averages over the band's pairs; `macro_f1` is an average over the
    concepts with a true pair in the band (of the replicate).
    """
    return {
        f"r@{k}": partial(_recall_at, band=band, k=k),
        "f1": partial(_f1, band=band),
        "macro_f1": partial(_macro_f1, band=band),
        "precision": partial(_precision, band=band),
        "recall": partial(_recall, band=band),
    }


def head_minus_tail(scheme: Scheme, name: str = "f1") -> Metric:
    """How much better a band metric is in the first band of a scheme than in its last ("delta")."""
    first, last = (band_metrics(band)[name] for band in (scheme.bands[0], scheme.bands[-1]))

    def difference(judgements: Judgements, weights: Array) -> Array:
        return first(judgements, weights) - last(judgements, weights)

    return difference


def _recall_at(judgements: Judgements, weights: Array, band: Band, k: int) -> Array:
    gold = judgements.gold
    found = gold.per_paper(band.holds(gold.train_counts) & (gold.ranks < k))
    return ratio(found, _gold(judgements, band), weights)


def _precision(judgements: Judgements, weights: Array, band: Band) -> Array:
    return ratio(_hits(judgements, band), _selected(judgements, band), weights)


def _recall(judgements: Judgements, weights: Array, band: Band) -> Array:
    return ratio(_hits(judgements, band), _gold(judgements, band), weights)


def _f1(judgements: Judgements, weights: Array, band: Band) -> Array:
    return ratio(2 * _hits(judgements, band), _selected(judgements, band) + _gold(judgements, band), weights)


def _macro_f1(judgements: Judgements, weights: Array, band: Band) -> Array:
    gold, selected = (p.where(band.holds(p.train_counts)) for p in (judgements.gold, judgements.selected))
    return per_label.macro_of_pairs(gold, selected, weights, per_label.f1)


def _hits(judgements: Judgements, band: Band) -> Array:
    gold = judgements.gold
    return gold.per_paper(band.holds(gold.train_counts) & gold.shared)


def _selected(judgements: Judgements, band: Band) -> Array:
    return judgements.selected.per_paper(band.holds(judgements.selected.train_counts))


def _gold(judgements: Judgements, band: Band) -> Array:
    known = judgements.gold.per_paper(band.holds(judgements.gold.train_counts))
    return known + judgements.unknown if band.low == 0 else known
