"""Sparse scores of a batch: for every paper its best concepts, best first."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

CANDIDATES = 100
"""How many concepts a model scores for a paper, at most."""


@dataclass(frozen=True, eq=False)
class Scores:
    """The best concepts of each paper.

    Attributes:
        columns: int32 (papers, k). Columns of the vocabulary in falling order of score; -1 where a paper has fewer.
        values: float32 (papers, k), in [0, 1], falling along each row; 0 beside a -1. Equal scores stand in rising
            order of column. A concept that is not listed scored lower than every listed one, or had no evidence at all.
    """

    columns: npt.NDArray[np.int32]
    values: npt.NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.columns)

    @property
    def listed(self) -> npt.NDArray[np.bool_]:
        """True where a concept stands (papers, k)."""
        return self.columns >= 0

    def take(self, rows: slice | Sequence[int] | npt.NDArray[np.integer]) -> "Scores":
        """The papers at `rows`, in that order."""
        chosen = rows if isinstance(rows, slice) else np.asarray(rows, dtype=np.int64)
        return Scores(self.columns[chosen], self.values[chosen])

    def best(self, k: int) -> "Scores":
        """The best `k` concepts of each paper."""
        return Scores(self.columns[:, :k], self.values[:, :k])

    def renamed(self, columns: npt.NDArray[np.integer]) -> "Scores":
        """With `columns[c]` in the place of each column c; `columns` rise, so that ties keep their order."""
        names = np.append(columns, -1).astype(np.int32)
        return Scores(names[self.columns], self.values)

    def filled(self, rows: npt.NDArray[np.bool_], one: "Scores") -> "Scores":
        """With the scores of the single paper `one` in the place of those at `rows` (papers,)."""
        if not rows.any():
            return self
        width = max(self.columns.shape[1], one.columns.shape[1])
        wide, given = self.widened(width), one.widened(width)
        result = Scores(wide.columns.copy(), wide.values.copy())
        result.columns[rows], result.values[rows] = given.columns[0], given.values[0]
        return result

    @classmethod
    def from_dense(
        cls,
        matrix: npt.NDArray[np.floating],
        columns: npt.NDArray[np.integer] | None = None,
        k: int = CANDIDATES,
    ) -> "Scores":
        """From a dense matrix (papers, m); zero and less means no evidence.

        Args:
            matrix: Scores; values above 1 are cut to 1.
            columns: What the m columns mean, rising; by default the vocabulary's first m.
            k: How many to keep.
        """
        n, m = matrix.shape
        k = min(k, m)
        meaning = np.arange(m) if columns is None else np.asarray(columns)
        if k == 0:
            return cls.empty(n)
        values = np.clip(matrix, 0.0, 1.0).astype(np.float32)
        # A stable sort of all m columns would be exact and slow; cut to k first, breaking ties at the border by
        # column, so that equal scores give equal results whatever the batch.
        kth = -np.partition(-values, k - 1, axis=1)[:, k - 1]
        above = values > kth[:, None]
        level = values == kth[:, None]
        room = k - above.sum(axis=1, keepdims=True)
        kept = above | (level & (np.cumsum(level, axis=1) <= room))
        chosen = np.nonzero(kept)[1].reshape(n, k)
        picked = np.take_along_axis(values, chosen, axis=1)
        order = np.argsort(-picked, axis=1, kind="stable")
        picked = np.take_along_axis(picked, order, axis=1)
        named = meaning[np.take_along_axis(chosen, order, axis=1)].astype(np.int32)
        named[picked <= 0] = -1
        return cls(named, picked)

    @classmethod
    def from_sparse(cls, matrix: csr_array, k: int = CANDIDATES) -> "Scores":
        """From a sparse matrix (papers, concepts); only stored values above zero count."""
        n = matrix.shape[0]
        lengths = np.diff(matrix.indptr)
        rows = np.repeat(np.arange(n), lengths)
        values = np.clip(matrix.data, 0.0, 1.0).astype(np.float32)
        order = np.lexsort((matrix.indices, -values, rows))
        rank = np.arange(len(order)) - np.repeat(matrix.indptr[:-1], lengths)
        keep = (rank < k) & (values[order] > 0)
        width = int(min(k, lengths.max(initial=0)))
        result = cls(np.full((n, width), -1, np.int32), np.zeros((n, width), np.float32))
        result.columns[rows[keep], rank[keep]] = matrix.indices[order][keep]
        result.values[rows[keep], rank[keep]] = values[order][keep]
        return result

    @classmethod
    def empty(cls, n: int) -> "Scores":
        """No evidence for anything, for `n` papers."""
        return cls(np.full((n, 0), -1, np.int32), np.zeros((n, 0), np.float32))

    @classmethod
    def concatenate(cls, parts: Sequence["Scores"]) -> "Scores":
        """One batch after the other."""
        width = max((part.columns.shape[1] for part in parts), default=0)
        padded = [part.widened(width) for part in parts]
        if len(padded) < 2:
            return padded[0] if padded else cls.empty(0)
        return cls(np.concatenate([p.columns for p in padded]), np.concatenate([p.values for p in padded]))

    def widened(self, width: int) -> "Scores":
        """With room for `width` concepts a paper, no fewer than there is."""
        if width == self.columns.shape[1]:
            return self
        missing = ((0, 0), (0, width - self.columns.shape[1]))
        return Scores(np.pad(self.columns, missing, constant_values=-1), np.pad(self.values, missing))


def relevance(scores: Scores, targets: csr_array) -> npt.NDArray[np.bool_]:
    """True where a listed concept is one of the paper's labels.

    Args:
        scores: (papers, k).
        targets: Binary indicator matrix (papers x concepts).

    Returns:
        Boolean array (papers, k).
    """
    return assigned(np.arange(len(scores))[:, None], scores.columns, targets)


def assigned(
    rows: npt.NDArray[np.integer], columns: npt.NDArray[np.integer], targets: csr_array
) -> npt.NDArray[np.bool_]:
    """True where a column's concept is one of the labels of the row's paper.

    Args:
        rows: Rows of `targets`, of any shape.
        columns: Columns of `targets`, of a shape that fits; -1 for no concept, which is never assigned.
        targets: Binary indicator matrix (papers x concepts).

    Returns:
        Boolean array of the shape of both.
    """
    papers, concepts = targets.shape
    gold = np.repeat(np.arange(papers, dtype=np.int64), np.diff(targets.indptr)) * concepts + targets.indices
    pairs = rows.astype(np.int64) * concepts + columns
    found: npt.NDArray[np.bool_] = np.isin(pairs, gold) & (columns >= 0)
    return found
