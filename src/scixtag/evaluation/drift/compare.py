"""New papers against the reference: what differs, by how much, and whether that is more than chance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import asin, log, sqrt
from statistics import NormalDist
from typing import TypeVar

import numpy as np

from scixtag.evaluation.bootstrap import LEVEL, REPLICATES, Interval
from scixtag.evaluation.drift.distance import FEWEST, SIZES, ChanceDistances, divergence, divergence_error
from scixtag.evaluation.drift.histogram import Histogram, mean_difference, permutation_p, superiority, superiority_error
from scixtag.evaluation.drift.profile import QUANTITIES, Counts, Profile
from scixtag.evaluation.drift.reference import Reference
from scixtag.evaluation.drift.resampling import Weights
from scixtag.evaluation.drift.shares import ShareChanges, family_wise, share_changes

ALPHA = 0.05
"""Family-wise, over everything that the verdict looks at."""

TOLERANCE = {"superiority": 0.03, "h": 0.1}
"""Of predictions, an effect that the models behind the reference, which learned from fewer papers, may cause: only what
is beyond is tested. Half of the smallest effect that counts."""

POWER = 0.8
"""For the smallest difference that can be seen."""

_PSI = 8 * log(2)
"""From a divergence in bits to the scale of the population stability index."""

MOST_CHANGES = 20
"""Listed concepts and words."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """From where on an effect is worth a word, and from where on it calls for a new training."""

    some: float
    strong: float


BOUNDS = {
    "superiority": Bounds(0.06, 0.14),
    "h": Bounds(0.2, 0.5),
    "psi": Bounds(0.1, 0.25),
}
"""Superiority: distance from one half, a small and a medium effect of Vargha & Delaney (2000). h: Cohen's (1988), small
and medium. psi: as usual for the population stability index (Siddiqi 2006)."""


@dataclass(frozen=True, slots=True)
class QuantityChange:
    """One of `QUANTITIES`, before and after.

    Attributes:
        name: Of the quantity.
        reference: Its mean over training papers (as models that did not see them answer).
        new: Its mean over new papers.
        difference: New less reference.
        kind: Of the effect: "superiority" or "h".
        effect: The chance that a new paper has more than a training paper, less one half; or, of shares, Cohen's h.
        p: From permutations; of predictions, not below that of an effect within `TOLERANCE`.
        p_adjusted: After Holm, over all that the verdict looks at.
        level: 0: no sign of a change; 1: some; 2: strong.
    """

    name: str
    reference: float
    new: float
    difference: Interval
    kind: str
    effect: float
    p: float
    p_adjusted: float = 1.0
    level: int = 0


@dataclass(frozen=True, slots=True)
class DistributionChange:
    """The distance of two distributions, beside that of random samples.

    Attributes:
        name: "words", "concepts" (as predicted), or "labels" (as given).
        papers: New papers.
        reference_papers: Training papers.
        distance: Jensen-Shannon, 0 to 1.
        by_chance: Of random samples of the training papers, as large as the new papers: the mean.
        band: The distance that 95 % of such samples stay below.
        effect: What the divergence has more than random samples have on average, on the scale of the population
            stability index (which is 8 times the divergence in nats where both are small).
        interval: Of the effect, from a bootstrap of the new papers; None for too few of them.
        p: The share of random samples that are as far, or farther.
        p_adjusted: After Holm, over all that the verdict looks at.
        level: 0: no sign of a change; 1: some; 2: strong.
    """

    name: str
    papers: int
    reference_papers: int
    distance: float
    by_chance: float
    band: float
    effect: float
    interval: Interval | None
    p: float
    p_adjusted: float = 1.0
    level: int = 0


Change = TypeVar("Change", QuantityChange, DistributionChange)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything that was compared.

    Attributes:
        quantities: In the order of `QUANTITIES`; those of predictions are missing where training held nothing out.
        distributions: "words", and "concepts" unless training held nothing out.
        labels: How the given labels differ; None without labelled papers. The verdict does not look at it.
        concepts: Changes of predicted shares, by column.
        words: Changes of the shares of papers that hold a word, by place in the table.
        smallest: The smallest difference of means, in standard deviations, that so many papers show four times in five.
    """

    quantities: Sequence[QuantityChange]
    distributions: Sequence[DistributionChange]
    labels: DistributionChange | None
    concepts: ShareChanges | None
    words: ShareChanges
    smallest: float


def compare(
    reference: Reference,
    new: Profile,
    resampled: Mapping[str, Weights] | None = None,
    *,
    replicates: int = REPLICATES,
    seed: int = 0,
) -> Comparison:
    """Compare new papers with a reference.

    Args:
        reference: Of the training papers.
        new: At least one paper, in terms of the same table and vocabulary.
        resampled: Its counts of words, concepts and labels in resamples of the papers (cells, replicates); without
            them, distances have no intervals.
        replicates: Of the bootstrap; twice as many permutations.
        seed: Of both.
    """
    old = reference.profile
    quantities = [
        _quantity(name, old.histograms[name], new.histograms[name], replicates, seed)
        for name in QUANTITIES
        if old.histograms[name].total and new.histograms[name].total
    ]
    drawn = resampled or {}

    def distance(name: str, before: Counts, after: Counts, fewest: float, papers: int) -> DistributionChange | None:
        return _distribution(name, before, after, fewest, reference.chance[name], papers, drawn.get(name))

    distributions = [distance("words", old.words, new.words, reference.fewest_papers, new.papers)]
    if old.predicted:
        distributions.append(distance("concepts", old.concepts, new.concepts, FEWEST, new.predicted))
    found = [each for each in distributions if each is not None]
    labels = distance("labels", old.labels, new.labels, FEWEST, new.labelled) if new.labelled else None
    adjusted = family_wise(np.array([change.p for change in quantities] + [change.p for change in found]))
    return Comparison(
        quantities=[_judged(change, p) for change, p in zip(quantities, adjusted.tolist(), strict=False)],
        distributions=[
            _judged(change, p) for change, p in zip(found, adjusted[len(quantities) :].tolist(), strict=True)
        ],
        labels=None if labels is None else _judged(labels, labels.p),
        concepts=_shares(old.concepts, old.predicted, new.concepts, new.predicted) if old.predicted else None,
        words=_shares(old.words, old.papers, new.words, new.papers),
        smallest=_smallest(old.papers, new.papers, len(adjusted)),
    )


def _quantity(name: str, old: Histogram, new: Histogram, replicates: int, seed: int) -> QuantityChange:
    difference = mean_difference(old, new, replicates=replicates, seed=seed, level=LEVEL)
    if QUANTITIES[name].share:
        kind, effect = "h", 2 * asin(sqrt(min(1.0, new.mean))) - 2 * asin(sqrt(min(1.0, old.mean)))
        error = sqrt(1 / old.total + 1 / new.total)
    else:
        kind, effect, error = "superiority", superiority(old, new) - 0.5, superiority_error(old, new)
    p = permutation_p(old, new, replicates=2 * replicates, seed=seed)
    if QUANTITIES[name].about == "predictions":
        p = max(p, _beyond(abs(effect), TOLERANCE[kind], error))
    return QuantityChange(name, old.mean, new.mean, difference, kind, effect, p)


def _beyond(effect: float, tolerance: float, error: float) -> float:
    """How often an effect within the tolerance looks as large, or larger, at worst; from a normal approximation."""
    if error == 0:
        return 0.0 if effect > tolerance else 1.0
    normal = NormalDist()
    return normal.cdf((tolerance - effect) / error) + normal.cdf((-tolerance - effect) / error)


def _distribution(
    name: str,
    old: Counts,
    new: Counts,
    fewest: float,
    chance: ChanceDistances,
    papers: int,
    resampled: Weights | None,
) -> DistributionChange | None:
    """None where one of the two holds nothing at all, or the papers are too few for any simulated sample."""
    if papers < SIZES[0]:
        return None
    found = float(divergence(old, new, fewest))
    if np.isnan(found):
        return None
    expected, _ = chance.at(papers)
    effect, interval = _PSI * (found - expected), None
    if resampled is not None:
        error = _PSI * divergence_error(old, resampled, papers, chance.papers, fewest)
        reach = NormalDist().inv_cdf((1 + LEVEL) / 2) * error
        interval = None if np.isnan(error) else Interval(effect, effect - reach, effect + reach)
    return DistributionChange(
        name=name,
        papers=papers,
        reference_papers=chance.papers,
        distance=sqrt(max(0.0, found)),
        by_chance=sqrt(expected),
        band=sqrt(chance.quantile(LEVEL, papers)),
        effect=effect,
        interval=interval,
        p=chance.exceeded(found, papers),
    )


def _judged(change: Change, p_adjusted: float) -> Change:
    kind = change.kind if isinstance(change, QuantityChange) else "psi"
    size = abs(change.effect) if isinstance(change, QuantityChange) else change.effect
    bounds = BOUNDS[kind]
    level = 0 if p_adjusted > ALPHA else int(size >= bounds.some) + int(size >= bounds.strong)
    return replace(change, p_adjusted=p_adjusted, level=level)


def _smallest(old: int, new: int, tests: int) -> float:
    """In standard deviations: the first of Holm's steps with the usual approximation by a normal distribution."""
    normal = NormalDist()
    return (normal.inv_cdf(1 - ALPHA / tests / 2) + normal.inv_cdf(POWER)) * sqrt(1 / old + 1 / new)


def _shares(old: Counts, old_papers: int, new: Counts, new_papers: int) -> ShareChanges:
    """Of all cells but the last, which stands for many."""
    return share_changes(old[:-1], old_papers, new[:-1], new_papers)


def largest_changes(changes: ShareChanges, most: int = MOST_CHANGES) -> list[int]:
    """The cells with a q-value of at most `ALPHA`, the largest changes first; beside that the order of cells."""
    order = np.argsort(-np.abs(changes.difference), kind="stable")
    return [int(cell) for cell in order[changes.q[order] <= ALPHA][:most]]
