"""Uncertainty by resampling papers (Efron & Tibshirani 1993).

A replicate draws as many papers as there are, with replacement; in terms of metrics, it is a column of weights. The
system is not trained again, so an interval says how much the choice of test papers matters, not that of training papers
or seeds.

Intervals are percentiles of the replicates. Where the replicates are off centre by more than chance, they are first
moved so that their mean is the value on the papers as they are. Averages over papers are not moved. Averages over
concepts need it: a replicate lacks many of the rare concepts and holds others twice, so its macro F1 is that of
another, smaller test set, and plain percentiles may not even contain the value. In 300 simulated test sets of 2,404
papers and 2,372 concepts, plain intervals at a nominal 95 % covered the truth in 58 % of the cases for `macro_f1`, 5 %
for `macro_precision`, 92 % for `macro_recall` and never for `macro_f1_all`; moved ones in 93, 94, 88 and 88 %. For
metrics over papers either kind covered it in 94 to 97 %.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from scixtag.errors import ConfigError, InputError
from scixtag.evaluation.judgements import Judgements
from scixtag.evaluation.metrics.weighting import Array, Metric

REPLICATES = 1000
LEVEL = 0.95
_OFF_CENTRE = 4.0
"""How many standard errors of their mean the replicates may be away from the value before they are moved."""
_POWER = 1.959964 + 0.841621
"""Standard errors: the 97.5 % point of a normal distribution and the 80 % one."""
_ELEMENTS = 2**22
"""How many weights (papers x replicates) are held at once."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A value and its confidence interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Difference:
    """By how much the first system exceeds the second.

    Attributes:
        value: The difference on the papers as they are.
        low: Lower end of its interval.
        high: Upper end of its interval.
        not_above_zero: The share of replicates, moved like those of the interval, in which the first system was not
            ahead.
        detectable: The smallest true difference that papers like these would show to be none of chance in four of
            five test sets: 2.80 standard errors, for a two-sided test at 5 % with a power of 80 % (Card et al. 2020,
            "With little power comes great responsibility").
    """

    value: float
    low: float
    high: float
    not_above_zero: float
    detectable: float


def resamples(papers: int, replicates: int = REPLICATES, seed: int = 0) -> Iterator[Array]:
    """Weights of papers in each replicate, in blocks (papers, some replicates).

    Raises:
        ConfigError: Fewer than one replicate.
    """
    if replicates < 1:
        raise ConfigError(f"bootstrap replicates must be at least 1, not {replicates}")
    generator = np.random.default_rng(seed)
    step = max(1, _ELEMENTS // papers)
    chances = np.full(papers, 1 / papers)
    for start in range(0, replicates, step):
        draws = generator.multinomial(papers, chances, size=min(step, replicates - start))
        yield np.ascontiguousarray(draws.T, dtype=np.float64)


def intervals(
    metrics: Mapping[str, Metric],
    judgements: Judgements,
    *,
    replicates: int = REPLICATES,
    seed: int = 0,
    level: float = LEVEL,
) -> dict[str, Interval]:
    """The value and the interval of each metric, all from the same resamples.

    A metric that stays within 0 and 1 in all replicates has an interval that does so too.
    """
    draws: dict[str, list[Array]] = {name: [] for name in metrics}
    for weights in resamples(len(judgements), replicates, seed):
        for name, metric in metrics.items():
            draws[name].append(metric(judgements, weights))
    unit = judgements.unit_weights
    return {
        name: interval_of(metric(judgements, unit).item(), np.concatenate(draws[name]), level)
        for name, metric in metrics.items()
    }


def interval(
    metric: Metric, judgements: Judgements, *, replicates: int = REPLICATES, seed: int = 0, level: float = LEVEL
) -> Interval:
    """The value and the interval of one metric."""
    return intervals({"": metric}, judgements, replicates=replicates, seed=seed, level=level)[""]


def paired_difference(
    metric: Metric, a: Judgements, b: Judgements, *, replicates: int = REPLICATES, seed: int = 0, level: float = LEVEL
) -> Difference:
    """By how much system `a` exceeds system `b` on the same papers in the same order, with the same resamples.

    Raises:
        InputError: The two were not judged on the same papers.
    """
    _check_same_papers(a, b)
    draws = np.concatenate([metric(a, w) - metric(b, w) for w in resamples(len(a), replicates, seed)])
    value = (metric(a, a.unit_weights) - metric(b, b.unit_weights)).item()
    return difference_of(value, draws, level)


def difference_of(value: float, draws: Array, level: float = LEVEL) -> Difference:
    """From a difference on the papers as they are, and its replicates (replicates,)."""
    moved = _moved(draws, value)
    return Difference(value, *_ends(moved, level), float(np.mean(moved <= 0)), _POWER * float(draws.std()))


def interval_of(value: float, draws: Array, level: float = LEVEL) -> Interval:
    """From a value on the papers as they are, and its replicates (replicates,).

    One that stays within 0 and 1 in all replicates has an interval that does so too.
    """
    low, high = _ends(_moved(draws, value), level)
    return Interval(value, max(low, 0.0) if draws.min() >= 0 else low, min(high, 1.0) if draws.max() <= 1 else high)


def _moved(draws: Array, value: float) -> Array:
    """The replicates, with their mean at the value if chance does not explain where it is."""
    shift = value - draws.mean()
    by_chance = abs(shift) <= _OFF_CENTRE * draws.std() / np.sqrt(len(draws))
    return draws if by_chance else np.asarray(draws + shift, dtype=np.float64)


def _ends(draws: Array, level: float) -> tuple[float, float]:
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def _check_same_papers(a: Judgements, b: Judgements) -> None:
    """Ids are not kept, but the numbers of true labels betray other papers, or another order."""
    same = np.array_equal(a.gold_sizes, b.gold_sizes)
    if same and a.concepts == b.concepts:
        same = np.array_equal(a.gold.concepts, b.gold.concepts)
    if not same:
        raise InputError(
            f"the systems were judged on {len(a)} and {len(b)} papers with other true labels; "
            "score the same papers in the same order with both"
        )
