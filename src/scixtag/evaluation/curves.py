"""Numbers along an axis: by set size, by threshold, and by predicted probability."""

from dataclasses import dataclass

import numpy as np

from scixtag.evaluation.judgements import Judgements
from scixtag.evaluation.metrics.registry import get_metric
from scixtag.evaluation.metrics.reliability import BINS, bin_of


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """Precision, recall and F1 at one set size or threshold."""

    at: float
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True)
class Bin:
    """Candidates with a probability from `low` to `high`: how many, their mean probability, the share of true ones."""

    low: float
    high: float
    count: int
    mean_probability: float
    share_true: float


def by_size(judgements: Judgements, largest: int = 15) -> tuple[CurvePoint, ...]:
    """`p@k`, `r@k` and `sample_f1@k` for k = 1, 2, ...: what every paper would get from its first k candidates."""
    points = []
    for k in range(1, largest + 1):
        metrics = (get_metric(f"{name}@{k}") for name in ("p", "r", "sample_f1"))
        points.append(CurvePoint(float(k), *(m(judgements, judgements.unit_weights).item() for m in metrics)))
    return tuple(points)


def by_threshold(judgements: Judgements, steps: int = 50) -> tuple[CurvePoint, ...]:
    """Micro precision, recall and F1 if every candidate with at least that probability were selected.

    Thresholds run from 0 in `steps` equal steps to below 1; those at which nothing would be selected, and precision
    is nothing, are left out. The curve shows how near a decision rule comes to its best;
    to choose a threshold from it is to choose it on the test papers.
    """
    thresholds = np.arange(steps) / steps
    listed = judgements.scores.listed
    values = np.sort(judgements.scores.values[listed].astype(np.float64))
    true_values = np.sort(judgements.scores.values[judgements.relevant].astype(np.float64))
    selected = len(values) - np.searchsorted(values, thresholds)
    hits = len(true_values) - np.searchsorted(true_values, thresholds)
    gold = judgements.gold_sizes.sum()
    some = selected > 0
    thresholds, selected, hits = thresholds[some], selected[some], hits[some]
    columns = (thresholds, hits / selected, hits / gold, 2 * hits / (selected + gold))
    return tuple(CurvePoint(*(x.item() for x in point)) for point in zip(*columns, strict=True))


def reliability(judgements: Judgements, bins: int = BINS) -> tuple[Bin, ...]:
    """Equal-width bins of the candidates' probabilities (Murphy & Winkler 1977); empty bins are left out."""
    values = judgements.scores.values[judgements.scores.listed].astype(np.float64)
    relevant = judgements.relevant[judgements.scores.listed]
    place = bin_of(values, bins)
    counts = np.bincount(place, minlength=bins)
    sums = np.bincount(place, weights=values, minlength=bins)
    hits = np.bincount(place, weights=relevant, minlength=bins)
    return tuple(
        Bin(b / bins, (b + 1) / bins, int(counts[b]), (sums[b] / counts[b]).item(), (hits[b] / counts[b]).item())
        for b in np.nonzero(counts)[0].tolist()
    )


def calibration_error(bins: tuple[Bin, ...]) -> float:
    """Expected calibration error (Naeini et al. 2015): the gap between the two shares, weighed by candidates."""
    total = sum(b.count for b in bins)
    return sum(b.count * abs(b.mean_probability - b.share_true) for b in bins) / max(total, 1)
