"""What a system said beside what is true: the one data structure that every metric reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array, vstack

from scixtag.errors import InputError
from scixtag.evaluation.augmented import AugmentedSizes, augmented_sizes
from scixtag.predictions.scores import Scores

UNLISTED = 2**31 - 1
"""The rank of a concept that is not among a paper's candidates."""


@dataclass(frozen=True, eq=False)
class Pairs:
    """Pairs of a paper and a concept, by paper, then by concept.

    Attributes:
        matrix: Ones where a pair is (papers x concepts), float64, sorted column indices without duplicates. The other
            arrays are aligned with its `indices`.
        train_counts: How many training papers of this paper's model carry the concept; int64 (pairs,).
        ranks: Place among the paper's candidates, from 0; `UNLISTED` if it is none; int64 (pairs,).
        shared: For a gold pair, whether it was selected; for a selected pair, whether it is gold; bool (pairs,).
    """

    matrix: csr_array
    train_counts: npt.NDArray[np.int64]
    ranks: npt.NDArray[np.int64]
    shared: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.train_counts)

    @cached_property
    def papers(self) -> npt.NDArray[np.int64]:
        """The row of each pair (pairs,)."""
        return np.repeat(np.arange(self.matrix.shape[0], dtype=np.int64), np.diff(self.matrix.indptr))

    @cached_property
    def concepts(self) -> npt.NDArray[np.int64]:
        """The column of each pair (pairs,)."""
        return np.asarray(self.matrix.indices, dtype=np.int64)

    def per_paper(self, values: npt.NDArray[np.generic] | None = None) -> npt.NDArray[np.float64]:
        """The sum of a value of each pair (by default 1) over the pairs of each paper (papers,)."""
        sums = np.bincount(self.papers, weights=values, minlength=self.matrix.shape[0])
        return sums.astype(np.float64)

    def where(self, chosen: npt.NDArray[np.bool_]) -> "Pairs":
        """Only the chosen pairs."""
        kept = self.concepts[chosen]
        starts = np.concatenate([[0], np.cumsum(np.bincount(self.papers[chosen], minlength=self.matrix.shape[0]))])
        matrix = csr_array((np.ones(len(kept)), kept, starts), shape=self.matrix.shape)
        return Pairs(matrix, self.train_counts[chosen], self.ranks[chosen], self.shared[chosen])

    def take(self, rows: npt.NDArray[np.integer]) -> "Pairs":
        """The pairs of the papers at `rows`, in that order."""
        starts, lengths = self.matrix.indptr[rows], np.diff(self.matrix.indptr)[rows]
        ends = np.cumsum(lengths)
        places = np.arange(lengths.sum()) + np.repeat(starts - (ends - lengths), lengths)
        return Pairs(self.matrix[rows], self.train_counts[places], self.ranks[places], self.shared[places])

    @classmethod
    def concatenate(cls, parts: Sequence["Pairs"]) -> "Pairs":
        """The papers of one part after those of another."""
        return cls(
            vstack([part.matrix for part in parts], format="csr"),
            np.concatenate([part.train_counts for part in parts]),
            np.concatenate([part.ranks for part in parts]),
            np.concatenate([part.shared for part in parts]),
        )


@dataclass(frozen=True, eq=False)
class Judgements:
    """A system's answers for some papers, judged. Build it with `judge`.

    Training counts belong to pairs, not to concepts, so that the folds of a cross-validation, each with its own
    training papers, can be concatenated and measured as one.

    Attributes:
        scores: The ranked candidates (papers, k).
        relevant: Whether a candidate is gold; bool (papers, k).
        gold: The true pairs, as far as the vocabulary holds them.
        gold_sizes: True labels of each paper, those outside the vocabulary included; float64 (papers,), at least 1.
        selected: The pairs that the system's decision rule chose.
        augmented: The sizes of both sets with all ancestors.
        train_papers: How many papers this paper's model was trained on; int64 (papers,).
        train_counts: For each concept, the training papers that carry it, averaged over the judged papers; float64
            (concepts,). Above zero means that a model saw the concept.
    """

    scores: Scores
    relevant: npt.NDArray[np.bool_]
    gold: Pairs
    gold_sizes: npt.NDArray[np.float64]
    selected: Pairs
    augmented: AugmentedSizes
    train_papers: npt.NDArray[np.int64]
    train_counts: npt.NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.gold_sizes)

    @property
    def concepts(self) -> int:
        """The size of the vocabulary."""
        return len(self.train_counts)

    @cached_property
    def unknown(self) -> npt.NDArray[np.int64]:
        """True labels of each paper that the vocabulary does not hold (papers,)."""
        return np.asarray(self.gold_sizes - self.gold.per_paper(), dtype=np.int64)

    @property
    def unit_weights(self) -> npt.NDArray[np.float64]:
        """One replicate in which every paper counts once (papers, 1): the point estimate."""
        return np.ones((len(self), 1))

    def take(self, rows: npt.NDArray[np.integer]) -> "Judgements":
        """The papers at `rows`, in that order; `train_counts` stay as they are."""
        return Judgements(
            scores=self.scores.take(rows),
            relevant=self.relevant[rows],
            gold=self.gold.take(rows),
            gold_sizes=self.gold_sizes[rows],
            selected=self.selected.take(rows),
            augmented=self.augmented.take(rows),
            train_papers=self.train_papers[rows],
            train_counts=self.train_counts,
        )

    @classmethod
    def concatenate(cls, parts: Sequence["Judgements"]) -> "Judgements":
        """The papers of one part after those of another, such as the folds of a cross-validation.

        Raises:
            InputError: No part, or parts judged against vocabularies of different sizes.
        """
        sizes = sorted({part.concepts for part in parts})
        if len(sizes) != 1:
            raise InputError(
                f"cannot join judgements over vocabularies of {sizes or 'no'} concepts; use one vocabulary"
            )
        scores = Scores.concatenate([part.scores for part in parts])
        width = scores.columns.shape[1]
        papers = np.array([len(part) for part in parts])
        return cls(
            scores=scores,
            relevant=np.concatenate([np.pad(p.relevant, ((0, 0), (0, width - p.relevant.shape[1]))) for p in parts]),
            gold=Pairs.concatenate([part.gold for part in parts]),
            gold_sizes=np.concatenate([part.gold_sizes for part in parts]),
            selected=Pairs.concatenate([part.selected for part in parts]),
            augmented=AugmentedSizes.concatenate([part.augmented for part in parts]),
            train_papers=np.concatenate([part.train_papers for part in parts]),
            train_counts=np.average([part.train_counts for part in parts], axis=0, weights=papers),
        )


def judge(
    scores: Scores,
    selected: npt.NDArray[np.bool_],
    targets: csr_array,
    unknown: npt.NDArray[np.integer],
    train_counts: npt.NDArray[np.integer],
    train_papers: int,
    ancestors: csr_array | None = None,
) -> Judgements:
    """Set a system's answers beside the truth.

    Args:
        scores: Ranked candidates (papers, k).
        selected: Which candidates the decision rule chose (papers, k); only listed ones.
        targets: Binary indicator matrix (papers x concepts).
        unknown: For each paper, the true labels that the vocabulary does not hold (papers,).
        train_counts: How many training papers carry each concept (concepts,).
        train_papers: How many papers the system was trained on.
        ancestors: Ones where a row's concept has a column's one above it (concepts x concepts), for the hierarchical
            metrics; None: the vocabulary has no hierarchy.

    Raises:
        InputError: No paper, a paper without any true label, or arrays that do not fit together.
    """
    gold_matrix = _indicator(targets)
    _check_shapes(scores, selected, gold_matrix, unknown, train_counts)
    counts = np.asarray(train_counts, dtype=np.int64)
    relevant, gold = _gold_pairs(scores, selected, gold_matrix, counts)
    chosen = _selected_pairs(scores, selected, relevant, counts)
    return Judgements(
        scores=scores,
        relevant=relevant,
        gold=gold,
        gold_sizes=_gold_sizes(gold_matrix, unknown),
        selected=chosen,
        augmented=augmented_sizes(chosen.matrix, gold_matrix, unknown, ancestors),
        train_papers=np.full(len(scores), train_papers, dtype=np.int64),
        train_counts=counts.astype(np.float64),
    )


def _gold_pairs(
    scores: Scores, selected: npt.NDArray[np.bool_], matrix: csr_array, counts: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.bool_], Pairs]:
    """Which candidates are gold (papers, k), and the gold pairs with their ranks."""
    gold_keys = _keys(np.repeat(np.arange(len(scores)), np.diff(matrix.indptr)), matrix.indices, len(counts))
    rows, places = np.nonzero(scores.listed)
    positions, found = _find(_keys(rows, scores.columns[rows, places], len(counts)), gold_keys)
    relevant = np.zeros(scores.columns.shape, dtype=np.bool_)
    relevant[rows, places] = found
    ranks = np.full(len(gold_keys), UNLISTED, dtype=np.int64)
    chosen = np.zeros(len(gold_keys), dtype=np.bool_)
    ranks[positions[found]] = places[found]
    chosen[positions[found]] = selected[rows, places][found]
    return relevant, Pairs(matrix, counts[matrix.indices], ranks, chosen)


def _selected_pairs(
    scores: Scores, selected: npt.NDArray[np.bool_], relevant: npt.NDArray[np.bool_], counts: npt.NDArray[np.int64]
) -> Pairs:
    rows, places = np.nonzero(selected)
    columns = scores.columns[rows, places].astype(np.int64)
    order = np.argsort(_keys(rows, columns, len(counts)), kind="stable")
    rows, places, columns = rows[order], places[order], columns[order]
    starts = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=len(scores)))])
    matrix = csr_array((np.ones(len(rows)), columns, starts), shape=(len(scores), len(counts)))
    return Pairs(matrix, counts[columns], places.astype(np.int64), relevant[rows, places])


def _indicator(targets: csr_array) -> csr_array:
    """Ones only, sorted, without duplicates or stored zeros."""
    matrix = csr_array(targets, dtype=np.float64, copy=True)
    matrix.sum_duplicates()
    matrix.eliminate_zeros()
    matrix.data[:] = 1.0
    return matrix


def _keys(rows: npt.NDArray[np.integer], columns: npt.NDArray[np.integer], concepts: int) -> npt.NDArray[np.int64]:
    """One number for each pair, rising by row, then by column."""
    return rows.astype(np.int64) * concepts + columns


def _find(
    wanted: npt.NDArray[np.int64], rising: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Where each wanted key stands among the rising ones, and whether it does."""
    positions = np.searchsorted(rising, wanted)
    inside = np.minimum(positions, max(len(rising) - 1, 0))
    found = rising[inside] == wanted if len(rising) else np.zeros(len(wanted), dtype=np.bool_)
    return inside, found


def _gold_sizes(gold: csr_array, unknown: npt.NDArray[np.integer]) -> npt.NDArray[np.float64]:
    sizes = np.diff(gold.indptr) + np.asarray(unknown)
    if not sizes.all():
        rows = np.nonzero(sizes == 0)[0]
        raise InputError(
            f"{len(rows)} of {len(sizes)} papers have no true label (the first is row {rows[0]}); "
            "leave them out of the evaluation, for nothing can be recalled there"
        )
    return np.asarray(sizes, dtype=np.float64)


def _check_shapes(
    scores: Scores,
    selected: npt.NDArray[np.bool_],
    targets: csr_array,
    unknown: npt.NDArray[np.integer],
    train_counts: npt.NDArray[np.integer],
) -> None:
    papers, concepts = targets.shape
    if not papers:
        raise InputError("there are no papers to judge; does the test set hold any with labels?")
    sizes = {"scores": len(scores), "targets": papers, "unknown": len(unknown)}
    if len(set(sizes.values())) > 1:
        raise InputError(f"the numbers of papers differ: {sizes}; scores and targets must come from the same papers")
    if len(train_counts) != concepts or scores.columns.max(initial=-1) >= concepts:
        raise InputError(
            f"targets have {concepts} concepts, training counts {len(train_counts)}, "
            f"scores at least {scores.columns.max(initial=-1) + 1}; use the vocabulary of the model for all"
        )
    if selected.shape != scores.columns.shape or (selected & ~scores.listed).any():
        raise InputError("the selection must mark candidates of these scores; apply the decision rule to them")
