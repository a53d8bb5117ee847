"""The names of metrics, and what they mean to the reader of a report."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import NamedTuple

from scixtag.errors import ConfigError, nearest
from scixtag.evaluation.metrics import per_label, ranking, reliability, sets
from scixtag.evaluation.metrics.weighting import Array, Metric


class Entry(NamedTuple):
    """A metric, what it means in a few words, and how many decimals of it are worth reading."""

    metric: Metric
    meaning: str
    digits: int = 3


class _Family(NamedTuple):
    """A metric of the first k candidates, for any k."""

    metric: Callable[..., Array]
    meaning: str
    cutoffs: tuple[int, ...]
    digits: int = 3

    def at(self, k: int) -> Entry:
        return Entry(partial(self.metric, k=k), self.meaning.format(k=k), self.digits)


_FAMILIES = {
    "p": _Family(ranking.precision_at, "precision of the top {k}, averaged over papers", (1, 3, 5, 10)),
    "r": _Family(ranking.recall_at, "recall of the top {k}, averaged over papers", (1, 3, 5, 10)),
    "ndcg": _Family(ranking.ndcg_at, "discounted cumulative gain of the top {k}; ideal = 1", (5, 10)),
    "psp": _Family(ranking.psp_at, "precision of the top {k} with more weight for rare concepts; ideal = 1", (1, 3, 5)),
    "sample_f1": _Family(ranking.f1_at, "F1 of the top {k}, averaged over papers", (5,)),
}
_BELIEF = {
    "ece": _Family(
        reliability.calibration_error, "expected calibration error of the top {k}, 10 bins; lower is better", (10,), 4
    ),
    "brier": _Family(reliability.brier, "squared error of the probability of the top {k}; lower is better", (10,), 4),
}
_QUALITIES = {"precision": per_label.precision, "recall": per_label.recall, "f1": per_label.f1}
_MACRO = {
    "macro_{}": (per_label.macro, "{} averaged over the concepts that a judged paper carries"),
    "macro_{}_all": (per_label.macro_all, "{} averaged over the concepts that a training or judged paper carries"),
    "weighted_{}": (per_label.weighted, "{} averaged over concepts, each weighed by its papers"),
}


def _macro_entries() -> Iterable[tuple[str, Entry]]:
    for pattern, (average, meaning) in _MACRO.items():
        for quality, function in _QUALITIES.items():
            name = quality if quality != "f1" else "F1"
            yield pattern.format(quality), Entry(partial(average, quality=function), meaning.format(name))


RANKING: dict[str, Entry] = {
    **{f"{name}@{k}": family.at(k) for name, family in _FAMILIES.items() for k in family.cutoffs},
    "lrap": Entry(ranking.lrap, "label ranking average precision"),
}
"""Metrics of the ranked candidates."""

SETS: dict[str, Entry] = {
    "micro_f1": Entry(sets.micro_f1, "F1 over all pairs of a paper and a concept"),
    "micro_precision": Entry(sets.micro_precision, "share of all selected pairs that are true"),
    "micro_recall": Entry(sets.micro_recall, "share of all true labels that were selected"),
    "sample_f1": Entry(sets.sample_f1, "F1 of each paper's set, averaged over papers"),
    "sample_precision": Entry(sets.sample_precision, "precision of each paper's set, averaged over papers"),
    "sample_recall": Entry(sets.sample_recall, "recall of each paper's set, averaged over papers"),
    **dict(_macro_entries()),
    "h_f1": Entry(sets.h_f1, "F1 over all pairs, with all ancestors in both sets"),
    "h_precision": Entry(sets.h_precision, "share of all selected pairs, with ancestors, that are true"),
    "h_recall": Entry(sets.h_recall, "share of all true labels, with ancestors, that are selected"),
    "subset_accuracy": Entry(sets.subset_accuracy, "share of papers whose set is exactly the true one"),
    "hamming_loss": Entry(sets.hamming_loss, "wrong decisions, as a share of the vocabulary; lower is better", 5),
    "mean_set_size": Entry(sets.mean_set_size, "selected concepts a paper"),
    "empty_share": Entry(sets.empty_share, "share of papers for which nothing was selected"),
}
"""Metrics of the decided sets."""

METRICS: dict[str, Entry] = RANKING | SETS

RELIABILITY: dict[str, Entry] = {
    "ece": Entry(
        reliability.calibration_error, "expected calibration error of all candidates, 10 bins; lower is better", 4
    ),
    "brier": Entry(reliability.brier, "squared error of the probability of all candidates; lower is better", 4),
    **{f"{name}@{k}": family.at(k) for name, family in _BELIEF.items() for k in family.cutoffs},
}
"""Metrics of probabilities, which say nothing of other scores; apart from `METRICS` for that."""

RELIABILITY_NOTE = (
    "Over pairs of a paper and a candidate: all that the system listed, or the best ten of each paper (@10). Most "
    "candidates of a paper have probabilities near zero and are rightly false, which flatters the numbers over all."
)
"""The denominators, for the readers of a report."""


def get_metric(name: str) -> Metric:
    """The metric of that name; those with a cutoff exist for every k, such as `p@20`.

    Raises:
        ConfigError: No such metric; the message offers the nearest name.
    """
    known, families = METRICS | RELIABILITY, _FAMILIES | _BELIEF
    if name in known:
        return known[name].metric
    family, _, cutoff = name.partition("@")
    if family in families and cutoff.isdecimal() and int(cutoff) > 0:
        return families[family].at(int(cutoff)).metric
    free = ", ".join(f"{each}@k" for each in families)
    raise ConfigError(f"unknown metric '{name}'; {nearest(name, known)}; with any whole number for k: {free}")
