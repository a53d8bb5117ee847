"""Which concepts of a paper the ranker looks at."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from scixtag.errors import ModelError
from scixtag.models.compiled import compiled, constant
from scixtag.predictions.scores import CANDIDATES, Scores, assigned

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
        starts = self.starts
        width = min(CANDIDATES, int(np.diff(starts).max(initial=0)))
        columns = np.full((self.shape[0], width), -1, np.int32)
        found = np.zeros((self.shape[0], width), np.float32)
        concepts = constant(self.concepts, np.int64)
        _sort(constant(starts, np.int64), concepts, constant(values, np.float32), columns, found)
        return Scores(columns, found)


def unite(members: Sequence[Scores], depth: int, concepts: int) -> Candidates:
    """The best concepts of every member.

    Args:
        members: Scores of the same papers by each member.
        depth: How many concepts of a paper are taken from each.
        concepts: The size of the vocabulary.

    Raises:
        ModelError: A member lists a concept that the vocabulary does not have.
    """
    for scores in members:
        # Compiled code would write beside its arrays, and a member may be anybody's code.
        if len(scores) and scores.columns.max(initial=-1) >= concepts:
            raise ModelError(f"a member scores column {scores.columns.max()} of a vocabulary of {concepts} concepts")
    papers, most = len(members[0]), sum(min(depth, scores.columns.shape[1]) for scores in members)
    found = np.empty(papers * most, np.int64)
    starts = np.zeros(papers + 1, np.int64)
    listed = [constant(scores.best(depth).columns, np.int32) for scores in members]
    _unite(constant(np.concatenate(listed, axis=1), np.int32), np.zeros(concepts, np.bool_), starts, found)
    return Candidates(np.repeat(np.arange(papers), np.diff(starts)), found[: starts[-1]], (papers, concepts))


@compiled
def _unite(listed: Integers, seen: npt.NDArray[np.bool_], starts: Integers, found: Integers) -> None:
    """The distinct concepts of each row, rising; `seen` (concepts,) is all False before and after."""
    size = 0
    for paper in range(len(listed)):
        for concept in listed[paper]:
            if concept >= 0 and not seen[concept]:
                seen[concept] = True
                found[size] = concept
                size += 1
        found[starts[paper] : size] = np.sort(found[starts[paper] : size])
        seen[found[starts[paper] : size]] = False
        starts[paper + 1] = size


@compiled
def _sort(starts: Integers, concepts: Integers, values: Floats, columns: Integers, found: Floats) -> None:
    """The concepts of each paper by falling value, equal ones by rising concept; values at or below 0 are left out."""
    bits = values.view(np.uint32)
    keys = np.empty(len(values), np.uint64)
    for paper in range(len(starts) - 1):
        size = 0
        for pair in range(starts[paper], starts[paper + 1]):
            if values[pair] > 0:
                # Pairs of a paper stand in the order of their concepts.
                keys[size] = (np.uint64(0xFFFFFFFF) - np.uint64(bits[pair])) << np.uint64(32) | np.uint64(pair)
                size += 1
        first = np.sort(keys[:size])
        for place in range(min(size, columns.shape[1])):
            best = np.int64(first[place] & np.uint64(0xFFFFFFFF))
            columns[paper, place] = concepts[best]
            found[paper, place] = min(values[best], np.float32(1))
