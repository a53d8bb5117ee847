"""Decision rules, fitted on papers that the model did not learn from."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from scixtag import progress
from scixtag.predictions.decision import Decision, DecisionSettings, Mask, fixed_decision
from scixtag.predictions.promised_precision import lowest_threshold
from scixtag.predictions.scores import Scores


def fit_decision(
    settings: DecisionSettings,
    probabilities: Scores,
    relevant: Mask,
    gold_sizes: npt.NDArray[np.int64],
    label_counts: npt.NDArray[np.int64],
    training_counts: npt.NDArray[np.int64],
) -> Decision:
    """Fit the rule on papers that the model did not learn from.

    Args:
        settings: The rule.
        probabilities: Calibrated scores of the tuning papers.
        relevant: (papers, k) True where the listed concept is one of the paper's labels.
        gold_sizes: (papers,) how many labels each paper has, listed or not.
        label_counts: (concepts,) how many tuning papers carry each concept.
        training_counts: (concepts,) how many training papers do.
    """
    at_least, at_most = settings.at_least, settings.at_most
    if settings.rule == "top-k":
        return Decision("top-k", 0.0, settings.k, settings.k)
    if settings.rule == "fixed":
        return fixed_decision(settings.threshold, at_least, at_most)
    if settings.rule == "expected-f1":
        unlisted = float((gold_sizes.sum() - relevant.sum()) / max(1, len(gold_sizes)))
        return Decision("expected-f1", 0.0, at_least, at_most, unlisted=unlisted)
    if settings.rule == "precision":
        return _fit_precision(settings, probabilities, relevant, gold_sizes)
    shares = (1 - settings.rare_discount / np.sqrt(1 + training_counts)).astype(np.float32)
    threshold = _best_threshold(settings, probabilities, relevant, gold_sizes, shares)
    if settings.rule == "global":
        return _global(settings, threshold, shares)
    own = _label_thresholds(probabilities, relevant, label_counts, threshold * shares, settings.shrinkage)
    return Decision("per-label", threshold, at_least, at_most, own)


def _fit_precision(
    settings: DecisionSettings, probabilities: Scores, relevant: Mask, gold_sizes: npt.NDArray[np.int64]
) -> Decision:
    """The lowest threshold that keeps the promise, and what it selects on the tuning papers."""
    width = settings.at_most or probabilities.columns.shape[1]
    promise = lowest_threshold(probabilities.best(width), relevant[:, :width], settings.precision, settings.confidence)
    if promise.threshold > 1:
        progress.note(
            f"warning: on {len(gold_sizes):,} tuning papers no threshold reaches precision {settings.precision:g} with "
            f"{settings.confidence:.0%} confidence, so nothing will be selected; {promise.bound:.3f} is the most "
            "that can be promised: lower decision.precision or decision.confidence, or train on more papers"
        )
    decision = Decision("precision", promise.threshold, 0, settings.at_most)
    chosen = decision.select(probabilities)
    hits, selected = int((chosen & relevant).sum()), int(chosen.sum())
    reached = {"precision": hits / selected, "precision_bound": promise.bound} if selected else {}
    papers = max(1, len(gold_sizes))
    coverage = {
        "recall": hits / max(1, int(gold_sizes.sum())),
        "papers_with_any": int(chosen.any(axis=1).sum()) / papers,
        "mean_selected": selected / papers,
    }
    return replace(decision, seen={"papers": len(gold_sizes), **reached, **coverage})


def _global(settings: DecisionSettings, threshold: float, shares: npt.NDArray[np.float32]) -> Decision:
    own = (threshold * shares).astype(np.float32) if settings.rare_discount else None
    return Decision("global", threshold, settings.at_least, settings.at_most, own)


def _best_threshold(
    settings: DecisionSettings,
    probabilities: Scores,
    relevant: Mask,
    gold_sizes: npt.NDArray[np.int64],
    shares: npt.NDArray[np.float32],
) -> float:
    """The threshold that is best by the metric; the middle of the gap between two values that were seen.

    A probability is seen as a share of its concept's threshold: divided by `shares`, what remains of it.
    """
    if settings.at_most and not settings.rare_discount:
        # Nothing beyond is ever selected.
        probabilities, relevant = probabilities.best(settings.at_most), relevant[:, : settings.at_most]
    values = probabilities.values / np.maximum(shares[probabilities.columns], 1e-6)
    seen = np.unique(np.round(values[probabilities.listed], 4))
    if not len(seen):
        return settings.threshold
    if len(seen) > 400:
        seen = np.unique(np.quantile(seen, np.linspace(0, 1, 400)))
    # From selecting all candidates to selecting none.
    candidates = np.concatenate([[max(0.0, seen[0] - 1e-4)], (seen[:-1] + seen[1:]) / 2, [min(1.0, seen[-1] + 1e-4)]])
    gains = []
    for threshold in candidates:
        chosen = _global(settings, float(threshold), shares).select(probabilities)
        gains.append(_f1(settings.metric, (chosen & relevant).sum(axis=1), chosen.sum(axis=1), gold_sizes))
    return float(candidates[int(np.argmax(gains))]) if max(gains) > 0 else settings.threshold


def _f1(metric: str, hits: npt.NDArray[np.int64], sizes: npt.NDArray[np.int64], gold: npt.NDArray[np.int64]) -> float:
    if metric == "micro_f1":
        return float(2 * hits.sum() / max(1, (sizes + gold).sum()))
    return float(np.mean(2 * hits / np.maximum(1, sizes + gold)))


def _label_thresholds(
    probabilities: Scores,
    relevant: Mask,
    label_counts: npt.NDArray[np.int64],
    drawn_to: npt.NDArray[np.float32],
    shrinkage: float,
) -> npt.NDArray[np.float32]:
    """The threshold with each concept's best F1, averaged with `drawn_to` by the number of positives (concepts,)."""
    listed = probabilities.listed
    columns, values, hits = probabilities.columns[listed], probabilities.values[listed], relevant[listed]
    order = np.lexsort((-values, columns))
    columns, values, hits = columns[order], values[order], hits[order]
    starts = np.flatnonzero(np.diff(columns, prepend=-1))
    thresholds = drawn_to.astype(np.float32)
    for start, end in zip(starts, np.append(starts[1:], len(columns)), strict=True):
        column, count = columns[start], label_counts[columns[start]]
        if count == 0:
            continue
        best = _best_cut(values[start:end], hits[start:end], int(count))
        thresholds[column] = (count * best + shrinkage * drawn_to[column]) / (count + shrinkage)
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
