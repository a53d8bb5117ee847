"""The papers with the worst scores, with their texts: where to look for what goes wrong."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from scixtag.corpus.examples import Examples
from scixtag.evaluation.audit import Evidence, check_same_papers, place_by_id
from scixtag.evaluation.judgements import Judgements
from scixtag.vocabulary.concept import ConceptId

MOST = 20
"""So many papers are told."""


@dataclass(frozen=True, slots=True)
class PaperConcept:
    """A concept that a paper carries, or that was selected for it.

    Attributes:
        id: The concept.
        name: Its preferred name.
        true: The paper carries it.
        selected: The decision rule selected it.
        probability: Its score; None if it was no candidate.
        place: Its place among the paper's candidates, from 1; None if it was none.
        train_count: Training papers that carry it.
        evidence: What speaks for it, in words; empty where nobody asked.
    """

    id: ConceptId
    name: str
    true: bool
    selected: bool
    probability: float | None
    place: int | None
    train_count: int
    evidence: str


@dataclass(frozen=True)
class WorstPaper:
    """A paper and its two sets.

    Attributes:
        id: Its identifier.
        title: Its title.
        abstract: Its abstract.
        f1: F1 of the selected set.
        missed: True labels that were not selected, those outside the vocabulary included.
        outside: True labels that the vocabulary does not hold.
        concepts: Selected ones in the order of the candidates, then missed ones likewise, those that were no
            candidates last.
    """

    id: str
    title: str
    abstract: str
    f1: float
    missed: int
    outside: int
    concepts: tuple[PaperConcept, ...]


def worst_rows(judgements: Judgements, papers: Examples, most: int = MOST) -> npt.NDArray[np.int64]:
    """The rows of the papers with the lowest F1; of equal ones, those that miss more, then those with more errors.

    What is still equal stands in the order of the ids. Papers whose set is right are none of them.

    Raises:
        InputError: The papers are not those of the judgements.
    """
    check_same_papers(judgements, papers)
    f1, missed, wrong = _quality(judgements)
    order = np.lexsort((place_by_id(papers), -wrong, -missed, f1))[:most]
    return np.asarray(order[f1[order] < 1], dtype=np.int64)


def worst_papers(
    judgements: Judgements, papers: Examples, *, evidence: Evidence | None = None, most: int = MOST
) -> tuple[WorstPaper, ...]:
    """The papers with the lowest F1.

    Args:
        judgements: The answers, judged.
        papers: What was judged, in the same order.
        evidence: Why concepts are suggested, as far as it is known.
        most: How many papers at most.

    Raises:
        InputError: The papers are not those of the judgements.
    """
    f1, missed, _ = _quality(judgements)
    return tuple(
        WorstPaper(
            id=papers.ids[row],
            title=papers.texts[row].title,
            abstract=papers.texts[row].abstract,
            f1=float(f1[row]),
            missed=int(missed[row]),
            outside=int(judgements.unknown[row]),
            concepts=_concepts(judgements, papers, row, evidence or {}),
        )
        for row in worst_rows(judgements, papers, most).tolist()
    )


def concepts_of(judgements: Judgements, row: int) -> list[int]:
    """The columns of a paper's selected and true concepts, in the order of `WorstPaper.concepts`."""
    chosen, places = _selected(judgements, row), _places(judgements, row)
    gold = _columns(judgements.gold.matrix, row)
    last = len(judgements.scores.columns[row])
    return sorted(chosen | set(gold), key=lambda column: (column not in chosen, places.get(column, last), column))


def _concepts(judgements: Judgements, papers: Examples, row: int, evidence: Evidence) -> tuple[PaperConcept, ...]:
    chosen, places = _selected(judgements, row), _places(judgements, row)
    gold = set(_columns(judgements.gold.matrix, row))
    told = []
    for column in concepts_of(judgements, row):
        concept, place = papers.vocabulary[column], places.get(column)
        told.append(
            PaperConcept(
                id=concept.id,
                name=concept.name,
                true=column in gold,
                selected=column in chosen,
                probability=None if place is None else float(judgements.scores.values[row, place]),
                place=None if place is None else place + 1,
                train_count=round(float(judgements.train_counts[column])),
                evidence=evidence.get((row, column), ""),
            )
        )
    return tuple(told)


def _quality(judgements: Judgements) -> tuple[npt.NDArray[np.float64], ...]:
    """F1 of each paper's set, how many true labels it misses, and how many concepts in it are wrong (papers,)."""
    sizes, hits = judgements.selected.per_paper(), judgements.gold.per_paper(judgements.gold.shared)
    return 2 * hits / (sizes + judgements.gold_sizes), judgements.gold_sizes - hits, sizes - hits


def _places(judgements: Judgements, row: int) -> dict[int, int]:
    columns = judgements.scores.columns[row].tolist()
    return {column: place for place, column in enumerate(columns) if column >= 0}


def _selected(judgements: Judgements, row: int) -> set[int]:
    return set(_columns(judgements.selected.matrix, row))


def _columns(matrix: csr_array, row: int) -> list[int]:
    columns: list[int] = matrix.indices[matrix.indptr[row] : matrix.indptr[row + 1]].tolist()
    return columns
