"""Several systems on the same papers: each metric in the same resamples, so that all of them can be compared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from scixtag.errors import InputError
from scixtag.evaluation.bootstrap import (
    LEVEL,
    REPLICATES,
    Difference,
    Interval,
    difference_of,
    interval_of,
    resamples,
)
from scixtag.evaluation.judgements import Judgements
from scixtag.evaluation.metrics.weighting import Array, Metric


@dataclass(frozen=True, eq=False)
class Measured:
    """One system's metrics, averaged over repeats with other seeds.

    Attributes:
        by_repeat: For each metric its value in each repeat.
        draws: For each metric its value in each resample of the papers (replicates,), averaged over repeats. Systems
            that were measured with the same seed on as many papers share the resamples.
    """

    by_repeat: Mapping[str, tuple[float, ...]]
    draws: Mapping[str, Array]

    def value(self, metric: str) -> float:
        """The mean over repeats, on the papers as they are."""
        return float(np.mean(self.by_repeat[metric]))

    def interval(self, metric: str, level: float = LEVEL) -> Interval:
        """The value and its confidence interval over papers."""
        return interval_of(self.value(metric), self.draws[metric], level)

    def spread(self, metric: str) -> float | None:
        """The standard deviation over repeats; None for a single one."""
        values = self.by_repeat[metric]
        return float(np.std(values, ddof=1)) if len(values) > 1 else None

    def less(self, other: "Measured", metric: str, level: float = LEVEL) -> Difference:
        """By how much this system exceeds the other, paired by paper."""
        value = self.value(metric) - other.value(metric)
        return difference_of(value, self.draws[metric] - other.draws[metric], level)


def measure(
    metrics: Mapping[str, Metric], repeats: Sequence[Judgements], *, replicates: int = REPLICATES, seed: int = 0
) -> Measured:
    """A system's metrics on the papers as they are and in every resample.

    Args:
        metrics: By name.
        repeats: The same papers in the same order, judged once for each seed of the training.
        replicates: How many resamples.
        seed: Of the resamples.

    Raises:
        InputError: No repeat, or repeats of other papers.
        ConfigError: Fewer than one replicate.
    """
    if not repeats or len({len(one) for one in repeats}) > 1:
        raise InputError(f"{len(repeats)} repeats of {sorted({len(one) for one in repeats})} papers cannot be averaged")
    draws: dict[str, list[Array]] = {name: [] for name in metrics}
    for weights in resamples(len(repeats[0]), replicates, seed):
        for name, metric in metrics.items():
            draws[name].append(np.mean([metric(one, weights) for one in repeats], axis=0))
    by_repeat = {
        name: tuple(metric(one, one.unit_weights).item() for one in repeats) for name, metric in metrics.items()
    }
    return Measured(by_repeat, {name: np.concatenate(found) for name, found in draws.items()})
