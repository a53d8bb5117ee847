"""Probabilities to a set of concepts: a threshold for each concept, and bounds on the size of the set."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from scixtag.errors import ConfigError
from scixtag.predictions.scores import Scores

Rule = Literal["fixed", "global", "per-label", "top-k"]
UNFITTED_RULES = ("fixed", "top-k")
"""The rules that need no tuning papers."""

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class DecisionSettings:
    """How a set is chosen.

    Attributes:
        rule: "fixed": every concept at or above `threshold`. "global": the one threshold that is best by `metric` on
            tuning papers. "per-label": a threshold for each concept, best by its own F1, drawn towards the global one
            by `shrinkage`. "top-k": always the best `k`.
        threshold: Probability, for "fixed".
        k: Number of concepts, for "top-k".
        metric: What "global" maximises: "micro_f1" or "sample_f1" (the mean F1 of papers).
        shrinkage: For "per-label": as many tuning papers as the global threshold weighs.
        at_least: A paper gets so many concepts even below the threshold, if it has candidates at all.
        at_most: And no more than so many; 0 means no bound.
    """

    rule: Rule = "global"
    threshold: float = 0.2
    k: int = 5
    metric: Literal["micro_f1", "sample_f1"] = "micro_f1"
    shrinkage: float = 20.0
    at_least: int = 1
    at_most: int = 12

    def __post_init__(self) -> None:
        checks = {
            f"threshold {self.threshold} is not between 0 and 1": not 0 <= self.threshold <= 1,
            f"k {self.k} is not at least 1": self.k < 1,
            f"shrinkage {self.shrinkage} is negative": self.shrinkage < 0,
            f"at_least {self.at_least} is negative": self.at_least < 0,
            f"at_most {self.at_most} is below at_least {self.at_least}": 0 != self.at_most < self.at_least,
        }
        for message, wrong in checks.items():
            if wrong:
                raise ConfigError(f"decision: {message}; see `scixtag models` for the settings")


@dataclass(frozen=True, eq=False)
class Decision:
    """A fitted rule.

    Attributes:
        rule: Where the thresholds come from; for people.
        threshold: For concepts without one of their own.
        at_least: Smallest set.
        at_most: Largest set; 0 means no bound.
        thresholds: float32 (concepts,) or None.
    """

    rule: Rule
    threshold: float
    at_least: int
    at_most: int
    thresholds: npt.NDArray[np.float32] | None = None

    def select(self, probabilities: Scores) -> Mask:
        """True where a listed concept belongs to the set (papers, k)."""
        if self.thresholds is None:
            chosen = probabilities.values >= self.threshold
        else:
            chosen = probabilities.values >= self.thresholds[probabilities.columns]
        chosen &= probabilities.listed
        if self.at_most:
            chosen &= np.cumsum(chosen, axis=1) <= self.at_most
        missing = self.at_least - chosen.sum(axis=1, keepdims=True)
        spare = probabilities.listed & ~chosen
        chosen |= spare & (np.cumsum(spare, axis=1) <= missing)
        return chosen

    def to_document(self) -> dict[str, Any]:
        """Plain values for JSON."""
        own = None if self.thresholds is None else self.thresholds.tolist()
        return {
            "rule": self.rule,
            "threshold": self.threshold,
            "at_least": self.at_least,
            "at_most": self.at_most,
            "thresholds": own,
        }

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> "Decision":
        """The inverse of `to_document`."""
        own = document["thresholds"]
        thresholds = None if own is None else np.asarray(own, dtype=np.float32)
        return cls(document["rule"], document["threshold"], document["at_least"], document["at_most"], thresholds)


def fixed_decision(threshold: float, at_least: int, at_most: int) -> Decision:
    """Every concept at or above a threshold that somebody chose."""
    return Decision("fixed", threshold, at_least, at_most)


def fit_decision(
    settings: DecisionSettings,
    probabilities: Scores,
    relevant: Mask,
    gold_sizes: npt.NDArray[np.int64],
    label_counts: npt.NDArray[np.int64],
) -> Decision:
    """Fit the rule on papers that the model did not learn from.

    Args:
        settings: The rule.
        probabilities: Calibrated scores of the tuning papers.
        relevant: (papers, k) True where the listed concept is one of the paper's labels.
        gold_sizes: (papers,) how many labels each paper has, listed or not.
        label_counts: (concepts,) how many tuning papers carry each concept.
    """
    at_least, at_most = settings.at_least, settings.at_most
    if settings.rule == "top-k":
        return Decision("top-k", 0.0, settings.k, settings.k)
    if settings.rule == "fixed":
        return fixed_decision(settings.threshold, at_least, at_most)
    threshold = _best_threshold(settings, probabilities, relevant, gold_sizes)
    if settings.rule == "global":
        return Decision("global", threshold, at_least, at_most)
    own = _label_thresholds(probabilities, relevant, label_counts, threshold, settings.shrinkage)
    return Decision("per-label", threshold, at_least, at_most, own)


def _best_threshold(
    settings: DecisionSettings, probabilities: Scores, relevant: Mask, gold_sizes: npt.NDArray[np.int64]
) -> float:
    """The threshold that is best by the metric; the middle of the gap between two probabilities that were seen."""
    width = settings.at_most or probabilities.columns.shape[1]
    top, hits = probabilities.best(width), relevant[:, :width]
    seen = np.unique(np.round(top.values[top.listed], 4))
    if not len(seen):
        return settings.threshold
    if len(seen) > 400:
        seen = np.unique(np.quantile(seen, np.linspace(0, 1, 400)))
    # From selecting all candidates to selecting none.
    candidates = np.concatenate([[max(0.0, seen[0] - 1e-4)], (seen[:-1] + seen[1:]) / 2, [min(1.0, seen[-1] + 1e-4)]])
    gains = []
    for threshold in candidates:
        chosen = fixed_decision(float(threshold), settings.at_least, settings.at_most).select(top)
        gains.append(_f1(settings.metric, (chosen & hits).sum(axis=1), chosen.sum(axis=1), gold_sizes))
    return float(candidates[int(np.argmax(gains))]) if max(gains) > 0 else settings.threshold


def _f1(metric: str, hits: npt.NDArray[np.int64], sizes: npt.NDArray[np.int64], gold: npt.NDArray[np.int64]) -> float:
    if metric == "micro_f1":
        return float(2 * hits.sum() / max(1, (sizes + gold).sum()))
    return float(np.mean(2 * hits / np.maximum(1, sizes + gold)))


def _label_thresholds(
    probabilities: Scores,
    relevant: Mask,
    label_counts: npt.NDArray[np.int64],
    threshold: float,
    shrinkage: float,
) -> npt.NDArray[np.float32]:
    """For each concept the threshold with its best F1, averaged with the global one by the number of positives."""
    listed = probabilities.listed
    columns, values, hits = probabilities.columns[listed], probabilities.values[listed], relevant[listed]
    order = np.lexsort((-values, columns))
    columns, values, hits = columns[order], values[order], hits[order]
    starts = np.flatnonzero(np.diff(columns, prepend=-1))
    thresholds = np.full(len(label_counts), threshold, dtype=np.float32)
    for start, end in zip(starts, np.append(starts[1:], len(columns)), strict=True):
        column, count = columns[start], label_counts[columns[start]]
        if count == 0:
            continue
        best = _best_cut(values[start:end], hits[start:end], int(count))
        thresholds[column] = (count * best + shrinkage * threshold) / (count + shrinkage)
    return thresholds


def _best_cut(values: npt.NDArray[np.float32], hits: Mask, positives: int) -> float:
    """The cut with the best F1 through falling `values`; above all of them if no cut finds a positive."""
    f1 = 2 * np.cumsum(hits) / (np.arange(1, len(hits) + 1) + positives)
    # Equal values cannot be separated: only the last of a run is a cut.
    f1[:-1][values[:-1] == values[1:]] = -1.0
    if f1.max() <= 0:
        return min(1.0, float(values[0]) * 1.01)
    last = int(np.argmax(f1))
    below = float(values[last + 1]) if last + 1 < len(values) else 0.0
    return (float(values[last]) + below) / 2
