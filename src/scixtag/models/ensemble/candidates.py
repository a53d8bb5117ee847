"""Which concepts of a paper the ranker looks at."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from scixtag.predictions.scores import Scores, assigned

Integers = npt.NDArray[np.integer]
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Candidates:
    """Pairs of a paper and a concept, rising by paper, then by concept.

    Attributes:
        papers: int64 (pairs,), rows of the batch.
        concepts: int64 (pairs,), columns of the vocabulary.
        shape: The number of papers in the batch and of concepts in the vocabulary.
    """

    papers: Integers
    concepts: Integers
    shape: tuple[int, int]

    def __len__(self) -> int:
        return len(self.papers)

    @property
    def starts(self) -> Integers:
        """Where each paper's pairs begin, and the end (papers + 1,)."""
        return np.searchsorted(self.papers, np.arange(self.shape[0] + 1))

    def assigned(self, targets: csr_array) -> npt.NDArray[np.bool_]:
        """Which pairs are labels of their paper (pairs,); `targets` has the shape of the batch."""
        return assigned(self.papers, self.concepts, targets)

    def shifted(self, by: int) -> "Candidates":
        """The same pairs of papers that stand `by` rows further down a larger batch."""
        return replace(self, papers=self.papers + by)

    @classmethod
    def concatenate(cls, parts: Sequence["Candidates"], papers: int) -> "Candidates":
        """The pairs of several batches, `shifted` to their rows among `papers`."""
        rows = np.concatenate([part.papers for part in parts])
        return cls(rows, np.concatenate([part.concepts for part in parts]), (papers, parts[0].shape[1]))

    def scores(self, values: Floats) -> Scores:
        """A value of each pair (pairs,) as scores; one that is not above 0 is no evidence."""
        return Scores.from_sparse(csr_array((values, self.concepts, self.starts), shape=self.shape))


def unite(members: Sequence[Scores], depth: int, concepts: int) -> Candidates:
    """The best concepts of every member.

    Args:
        members: Scores of the same papers by each member.
        depth: How many concepts of a paper are taken from each.
        concepts: The size of the vocabulary.
    """
    papers = len(members[0])
    keys = []
    for scores in members:
        best = scores.best(depth)
        rows, places = np.nonzero(best.listed)
        keys.append(rows * concepts + best.columns[rows, places])
    return Candidates(*np.divmod(np.unique(np.concatenate(keys)), concepts), (papers, concepts))
