"""The classification report: quality of every concept that is true or selected somewhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scixtag.evaluation.judgements import Judgements
from scixtag.evaluation.metrics.per_label import f1, label_counts, precision, recall
from scixtag.evaluation.metrics.weighting import Array, divide
from scixtag.vocabulary.concept import ConceptId, Vocabulary

_AVERAGES = {"micro avg": "micro", "macro avg": "macro", "weighted avg": "weighted", "samples avg": "sample"}


@dataclass(frozen=True, slots=True)
class LabelRow:
    """How one concept fares.

    Attributes:
        id: The concept.
        name: Its preferred name.
        precision: Share of the papers it was selected for that carry it; 0 if it was never selected.
        recall: Share of the papers that carry it for which it was selected; 0 if no paper carries it.
        f1: Their harmonic mean, or 0.
        support: Papers that carry it.
        selected: Papers it was selected for.
        train_count: Training papers that carry it, averaged over the judged papers.
        average_precision: Area under its precision-recall curve over papers; None where no paper carries it.
    """

    id: ConceptId
    name: str
    precision: float
    recall: float
    f1: float
    support: int
    selected: int
    train_count: float
    average_precision: float | None


def label_rows(judgements: Judgements, vocabulary: Vocabulary) -> tuple[LabelRow, ...]:
    """A row for every concept that some paper carries or that was selected for some paper, in vocabulary order."""
    used = np.union1d(judgements.gold.concepts, judgements.selected.concepts)
    (counts,) = label_counts(judgements.gold, judgements.selected, judgements.unit_weights)
    qualities = np.hstack([quality(counts) for quality in (precision, recall, f1)])
    areas = average_precision(judgements)
    rows = []
    for column, support, selected, (p, r, f) in zip(
        used.tolist(), counts.gold[:, 0], counts.selected[:, 0], qualities.tolist(), strict=True
    ):
        concept, area = vocabulary[column], areas[column].item() if support else None
        train_count = judgements.train_counts[column].item()
        rows.append(LabelRow(concept.id, concept.name, p, r, f, int(support), int(selected), train_count, area))
    return tuple(rows)


def average_precision(judgements: Judgements) -> Array:
    """The average precision of each concept over papers (concepts,), as in scikit-learn; 0 without support.

    Papers are ranked by the concept's score; those that do not list it tie at the bottom.
    """
    rows, places = np.nonzero(judgements.scores.listed)
    columns = judgements.scores.columns[rows, places].astype(np.int64)
    values, relevant = judgements.scores.values[rows, places], judgements.relevant[rows, places]
    order = np.lexsort((-values, columns))
    columns, values, relevant = columns[order], values[order], relevant[order]
    support = np.bincount(judgements.gold.concepts, minlength=judgements.concepts).astype(np.float64)
    level = _precision_at_each(columns, values, relevant)
    listed = np.bincount(columns, weights=relevant * level, minlength=judgements.concepts)
    missed = support - np.bincount(columns, weights=relevant, minlength=judgements.concepts)
    return divide(listed + missed * support / len(judgements), support)


def _precision_at_each(
    columns: npt.NDArray[np.int64], values: npt.NDArray[np.float32], relevant: npt.NDArray[np.bool_]
) -> Array:
    """Precision of a concept's papers down to each one and its ties (pairs,); pairs by concept, best first."""
    n = len(columns)
    index = np.arange(n)
    new_concept = np.ones(n, np.bool_)
    new_concept[1:] = columns[1:] != columns[:-1]
    tie_ends = np.ones(n, np.bool_)
    tie_ends[:-1] = new_concept[1:] | (values[1:] != values[:-1])
    first = np.maximum.accumulate(np.where(new_concept, index, 0))
    last = np.minimum.accumulate(np.where(tie_ends, index, n)[::-1])[::-1]
    hits = np.concatenate([[0], np.cumsum(relevant)])
    return np.asarray((hits[last + 1] - hits[first]) / (last + 1 - first), dtype=np.float64)


def label_text(rows: Sequence[LabelRow], metrics: Mapping[str, float], *, gold: int, selected: int) -> str:
    """The rows and four averages as text, laid out like scikit-learn's `classification_report`.

    Args:
        rows: The concepts.
        metrics: Values by the names of the registry, of which the averages are taken. `macro avg` is over the concepts
            that a paper carries.
        gold: True labels, those outside the vocabulary included.
        selected: Selected concepts, over all papers.
    """
    width = max(len(name) for name in (*_AVERAGES, *(f"{row.id} {row.name}" for row in rows)))
    line = f"{{:>{width}}}  {{:>9}} {{:>9}} {{:>9}} {{:>9}} {{:>9}} {{:>9}} {{:>9}}"
    lines = [line.format("", "precision", "recall", "f1-score", "support", "selected", "training", "avg-prec"), ""]
    for row in rows:
        area = "" if row.average_precision is None else f"{row.average_precision:.2f}"
        qualities = (f"{x:.2f}" for x in (row.precision, row.recall, row.f1))
        counts = (row.support, row.selected, f"{row.train_count:.0f}", area)
        lines.append(line.format(f"{row.id} {row.name}", *qualities, *counts))
    lines.append("")
    for name, prefix in _AVERAGES.items():
        qualities = (f"{metrics[f'{prefix}_{quality}']:.2f}" for quality in ("precision", "recall", "f1"))
        lines.append(line.format(name, *qualities, gold, selected, "", ""))
    return "\n".join(text.rstrip() for text in lines) + "\n"
