"""A label audit: concepts that the system is sure of and the authors did not choose, for a curator to go through.

Labels are incomplete, so that what counts as wrong may be a true label that nobody gave. Such pairs are looked for
where the system is surest, as in confident learning (Northcutt, Jiang & Chuang 2021). Only calibrated probabilities can
be compared between concepts; other scores would put first what a model overrates.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from scixtag.corpus.examples import Examples
from scixtag.errors import InputError
from scixtag.evaluation.judgements import Judgements
from scixtag.evaluation.relations import linked
from scixtag.vocabulary.concept import ConceptId

MOST = 200
"""So many pairs are told."""
SURE = 0.5
"""From this probability on the system holds a concept for more likely than not."""

EXPLANATION = (
    "Concepts that the authors did not choose, those of the highest probability first: missing labels stand here "
    "beside errors of the system, and a person must tell them apart. The probability is that of being chosen by "
    "authors, and they have not chosen these, so it orders the list and does not say how many of it apply. Where a "
    "true label stands above or below the concept, the question may be one of depth only."
)
"""How to read the list, for the readers of a report."""

Evidence = Mapping[tuple[int, int], str]
"""Why the system suggests a concept for a paper, in words, by the paper's row and the concept's column."""


@dataclass(frozen=True, slots=True)
class AuditRow:
    """A concept that a paper's authors did not choose, and how sure the system is of it.

    Attributes:
        rank: Its place in the list, from 1.
        paper: The paper's identifier.
        title: Its title.
        id: The concept.
        name: Its preferred name.
        probability: That authors would choose it.
        place: Its place among the paper's candidates, from 1.
        selected: Whether the decision rule selected it.
        label_above: Whether a label of the paper stands above it in the hierarchy: it is more specific.
        label_below: Whether a label of the paper stands below it: it is more general.
        labels: The names of the paper's labels.
        train_count: Training papers that carry the concept.
        evidence: Why the system suggests it, in words; empty where nobody asked.
    """

    rank: int
    paper: str
    title: str
    id: ConceptId
    name: str
    probability: float
    place: int
    selected: bool
    label_above: bool
    label_below: bool
    labels: tuple[str, ...]
    train_count: int
    evidence: str


@dataclass(frozen=True)
class Audit:
    """The list.

    Attributes:
        sure: How many pairs that are no labels have a probability of at least `SURE`, listed or not.
        rows: The most probable ones, at most as many as were asked for.
    """

    sure: int
    rows: tuple[AuditRow, ...]


@dataclass(frozen=True, eq=False)
class AuditPairs:
    """Candidates that are no labels, the most probable first.

    Attributes:
        papers: Rows (pairs,).
        places: Their places among the paper's candidates, from 0 (pairs,).
        concepts: Columns (pairs,).
    """

    papers: npt.NDArray[np.int64]
    places: npt.NDArray[np.int64]
    concepts: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.papers)


def audit_pairs(judgements: Judgements, papers: Examples, most: int = MOST) -> AuditPairs:
    """The most probable candidates that are no labels.

    Of equal ones the first candidate of its paper goes first, then the order is that of the papers' ids and of the
    concepts, so that the order in which papers come changes nothing.

    Raises:
        InputError: The papers are not those of the judgements.
    """
    check_same_papers(judgements, papers)
    rows, places = np.nonzero(judgements.scores.listed & ~judgements.relevant)
    columns, values = judgements.scores.columns[rows, places], judgements.scores.values[rows, places]
    order = np.lexsort((columns, place_by_id(papers)[rows], places, -values))[:most]
    return AuditPairs(rows[order], places[order], columns[order].astype(np.int64))


def audit(
    judgements: Judgements,
    papers: Examples,
    ancestors: csr_array,
    *,
    evidence: Evidence | None = None,
    most: int = MOST,
) -> Audit:
    """The list for a curator; only for scores that are calibrated probabilities.

    Args:
        judgements: The answers, judged.
        papers: What was judged, in the same order.
        ancestors: As `Relations.ancestors`.
        evidence: Why concepts are suggested, as far as it is known.
        most: How many pairs at most.

    Raises:
        InputError: The papers are not those of the judgements.
    """
    pairs = audit_pairs(judgements, papers, most)
    values = judgements.scores.values
    sure = int((judgements.scores.listed & ~judgements.relevant & (values >= SURE)).sum())
    gold, chosen = judgements.gold.matrix, linked(judgements.selected.matrix, pairs.papers, pairs.concepts)
    given, every = gold[pairs.papers], np.arange(len(pairs))
    above = linked(given @ ancestors.T, every, pairs.concepts)
    below = linked(given @ ancestors, every, pairs.concepts)
    known, names = evidence or {}, papers.vocabulary
    told = []
    for rank, (row, place, column) in enumerate(zip(pairs.papers, pairs.places, pairs.concepts, strict=True)):
        labels = gold.indices[gold.indptr[row] : gold.indptr[row + 1]]
        told.append(
            AuditRow(
                rank=rank + 1,
                paper=papers.ids[row],
                title=papers.texts[row].title,
                id=names[column].id,
                name=names[column].name,
                probability=float(values[row, place]),
                place=int(place) + 1,
                selected=bool(chosen[rank]),
                label_above=bool(above[rank]),
                label_below=bool(below[rank]),
                labels=tuple(names[label].name for label in labels),
                train_count=round(float(judgements.train_counts[column])),
                evidence=known.get((int(row), int(column)), ""),
            )
        )
    return Audit(sure, tuple(told))


def place_by_id(papers: Examples) -> npt.NDArray[np.int64]:
    """The place of each paper when they are sorted by id (papers,)."""
    places = np.empty(len(papers), np.int64)
    places[sorted(range(len(papers)), key=papers.ids.__getitem__)] = np.arange(len(papers))
    return places


def check_same_papers(judgements: Judgements, papers: Examples) -> None:
    """See that the papers are those that were judged, as far as their labels tell.

    Raises:
        InputError: They are not.
    """
    gold, targets = judgements.gold.matrix, papers.targets
    same = len(papers) == len(judgements) and targets.shape == gold.shape and len(papers.vocabulary) == gold.shape[1]
    if not (same and np.array_equal(targets.indptr, gold.indptr) and np.array_equal(targets.indices, gold.indices)):
        raise InputError(
            f"the {len(papers)} papers given are not the {len(judgements)} judged ones, or stand in another order; "
            "pass those that were judged"
        )
