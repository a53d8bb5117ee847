"""Probabilities to a set of concepts: by thresholds or by expected F1, and bounds on the size of the set."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from scixtag.errors import ConfigError
from scixtag.predictions.closure import SetForm
from scixtag.predictions.expected_f1 import best_sizes
from scixtag.predictions.scores import Scores

Rule = Literal["fixed", "global", "per-label", "top-k", "expected-f1", "precision"]
UNFITTED_RULES = ("fixed", "top-k")
"""The rules that need no tuning papers."""

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class DecisionSettings:
    """How a set is chosen.

    Attributes:
        rule: "fixed": every concept at or above `threshold`. "global": the one threshold that is best by `metric` on
            tuning papers. "per-label": a threshold for each concept, best by its own F1, drawn towards the global one
            by `shrinkage`. "top-k": always the best `k`. "expected-f1": for each paper the set with the best expected
            F1, as its probabilities tell it. "precision": what can be accepted unread: the lowest threshold from which
            on at least `precision` of the selected concepts are right.
        threshold: Probability, for "fixed".
        k: Number of concepts, for "top-k".
        metric: What "global" maximises: "micro_f1" or "sample_f1" (the mean F1 of papers).
        rare_discount: For "global" and "per-label": of a concept that n training papers carry, the global threshold is
            1 - this / sqrt(1 + n) times as high. Where a concept is found badly, its best F1 needs a low threshold
            (half of that F1; Lipton, Elkan & Naryanaswamy 2014), and rare ones are.
        shrinkage: For "per-label": as many tuning papers as the global threshold weighs.
        precision: For "precision": the share that must be right.
        confidence: For "precision": how sure that must be, by a lower confidence bound on the tuning papers. .5 is
            about the share that was seen there, which new papers miss every other time.
        at_least: A paper gets so many concepts even below the threshold, if it has candidates at all. "precision"
            forces none, for that would break its promise.
        at_most: And no more than so many; 0 means no bound.
        hierarchy: What becomes of the set: "as-is", "ancestors" (with all concepts above; beyond `at_most`) or
            "most-specific" (without concepts above others in the set). Thresholds are fitted to the set as it is.
    """

    rule: Rule = "global"
    threshold: float = 0.2
    k: int = 5
    metric: Literal["micro_f1", "sample_f1"] = "micro_f1"
    rare_discount: float = 0.3
    shrinkage: float = 20.0
    precision: float = 0.9
    confidence: float = 0.95
    at_least: int = 1
    at_most: int = 12
    hierarchy: SetForm = "as-is"

    def __post_init__(self) -> None:
        checks = {
            f"threshold {self.threshold} is not between 0 and 1": not 0 <= self.threshold <= 1,
            f"k {self.k} is not at least 1": self.k < 1,
            f"rare_discount {self.rare_discount} is not at least 0 and below 1": not 0 <= self.rare_discount < 1,
            f"shrinkage {self.shrinkage} is negative": self.shrinkage < 0,
            f"precision {self.precision} is not above 0 and below 1": not 0 < self.precision < 1,
            f"confidence {self.confidence} is not at least 0.5 and below 1": not 0.5 <= self.confidence < 1,
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
        threshold: For concepts without one of their own, and what those of rare concepts are a share of.
        at_least: Smallest set.
        at_most: Largest set; 0 means no bound.
        thresholds: float32 (concepts,) or None.
        unlisted: For "expected-f1": mean number of true labels of a tuning paper that were not among its candidates.
        seen: For "precision", of the tuning papers: `papers`; `precision` of the selected pairs and its lower bound
            `precision_bound`, unless nothing was selected; `recall`, the share of true labels that were selected;
            `papers_with_any`, the share of papers for which something was; `mean_selected` concepts a paper.
        hierarchy: What becomes of the set once it is selected; `closure.in_form` does it.
    """

    rule: Rule
    threshold: float
    at_least: int
    at_most: int
    thresholds: npt.NDArray[np.float32] | None = None
    unlisted: float = 0.0
    seen: Mapping[str, float] = field(default_factory=dict)
    hierarchy: SetForm = "as-is"

    def select(self, probabilities: Scores) -> Mask:
        """True where a listed concept belongs to the set (papers, k)."""
        if self.rule == "expected-f1":
            return self._select_by_expected_f1(probabilities)
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

    def _select_by_expected_f1(self, probabilities: Scores) -> Mask:
        width = probabilities.columns.shape[1]
        most = min(self.at_most or width, width)
        sizes = best_sizes(probabilities.values, self.unlisted, min(self.at_least, most), most)
        return probabilities.listed & (np.arange(width) < sizes[:, None])

    def to_document(self) -> dict[str, Any]:
        """Plain values for JSON."""
        own = None if self.thresholds is None else self.thresholds.tolist()
        return {
            "rule": self.rule,
            "threshold": self.threshold,
            "at_least": self.at_least,
            "at_most": self.at_most,
            "thresholds": own,
            "unlisted": self.unlisted,
            "seen": dict(self.seen),
            "hierarchy": self.hierarchy,
        }

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> "Decision":
        """The inverse of `to_document`; what folders of an earlier scixtag do not hold takes its default."""
        own = document["thresholds"]
        thresholds = None if own is None else np.asarray(own, dtype=np.float32)
        return cls(
            document["rule"],
            document["threshold"],
            document["at_least"],
            document["at_most"],
            thresholds,
            document.get("unlisted", 0.0),
            document.get("seen", {}),
            document.get("hierarchy", "as-is"),
        )


def fixed_decision(threshold: float, at_least: int, at_most: int) -> Decision:
    """Every concept at or above a threshold that somebody chose."""
    return Decision("fixed", threshold, at_least, at_most)
