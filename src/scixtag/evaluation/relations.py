"""How two concepts stand to each other in the hierarchy."""

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from scixtag.predictions.closure import ancestor_matrix
from scixtag.vocabulary.concept import Vocabulary

RELATIONS = ("parent", "child", "sibling", "ancestor", "descendant", "related", "none")
"""From the nearest to none at all; where several hold, the first one counts."""
NONE = len(RELATIONS) - 1

Columns = npt.NDArray[np.integer]
Mask = npt.NDArray[np.bool_]


class Relations:
    """The relations of a vocabulary's concepts.

    Attributes:
        ancestors: Ones where a row's concept has a column's one above it (concepts x concepts).

    Raises:
        InputError: The hierarchy has a cycle, or a broader concept does not exist.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.ancestors = ancestor_matrix(vocabulary)
        self._parents = _links(vocabulary, "broader")
        self._related = _links(vocabulary, "related")

    def nearest(self, first: Columns, second: Columns) -> npt.NDArray[np.int64]:
        """What the first concept of each pair is to the second, as a place in `RELATIONS` (pairs,).

        "parent": the first stands directly above the second. Siblings share a parent; to be related is to be named so
        by either of the two.
        """
        holds = (
            linked(self._parents, second, first),
            linked(self._parents, first, second),
            self._siblings(first, second),
            linked(self.ancestors, second, first),
            linked(self.ancestors, first, second),
            linked(self._related, first, second) | linked(self._related, second, first),
            np.ones(len(first), np.bool_),
        )
        nearest: npt.NDArray[np.int64] = np.argmax(np.stack(holds), axis=0)
        return nearest

    def _siblings(self, first: Columns, second: Columns) -> Mask:
        # Pair by pair, for all siblings of a flat vocabulary are as many as the square of its concepts.
        shared = self._parents[first].multiply(self._parents[second])
        return np.asarray((shared.sum(axis=1) > 0) & (first != second), dtype=np.bool_)


def linked(matrix: csr_array, rows: Columns, columns: Columns) -> Mask:
    """Whether the matrix holds an entry at each pair of a row and a column (pairs,).

    Args:
        matrix: In any order of its column indices, without stored zeros.
        rows: Of the pairs (pairs,).
        columns: Of the pairs (pairs,).
    """
    width = matrix.shape[1]
    held = np.sort(
        np.repeat(np.arange(matrix.shape[0], dtype=np.int64), np.diff(matrix.indptr)) * width + matrix.indices
    )
    wanted = np.asarray(rows, dtype=np.int64) * width + columns
    if not len(held):
        return np.zeros(len(wanted), np.bool_)
    place = np.minimum(np.searchsorted(held, wanted), len(held) - 1)
    return np.asarray(held[place] == wanted, dtype=np.bool_)


def _links(vocabulary: Vocabulary, field: str) -> csr_array:
    """Ones where a row's concept names a column's one (concepts x concepts); names that lead nowhere are left out."""
    known = {concept.id: column for column, concept in enumerate(vocabulary)}
    named = [sorted({known[i] for i in getattr(concept, field) if i in known}) for concept in vocabulary]
    starts = np.concatenate([[0], np.cumsum([len(columns) for columns in named])]).astype(np.int64)
    indices = np.array([column for columns in named for column in columns], dtype=np.int64)
    return csr_array((np.ones(len(indices)), indices, starts), shape=(len(vocabulary), len(vocabulary)))
