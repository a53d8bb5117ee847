"""What a linear classifier has learned of one concept."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array


class Separator(NamedTuple):
    """What tells the papers of a concept from others.

    Attributes:
        columns: int32 (n,), those of the vectors that have a weight, in no order.
        weights: float32 (n,).
        intercept: Added to the weighted sum.
    """

    columns: npt.NDArray[np.integer]
    weights: npt.NDArray[np.float32]
    intercept: float

    def pruned(self, least: float) -> "Separator":
        """Without the weights that are smaller than this."""
        kept = np.abs(self.weights) >= least
        return Separator(self.columns[kept], self.weights[kept], self.intercept)


EVERYWHERE = Separator(np.empty(0, np.int32), np.empty(0, np.float32), 1.0)
"""Of a concept that all papers carry: nothing tells them apart."""


def weights_of(separators: Sequence[Separator], columns: int) -> csr_array:
    """The weights of several concepts: csr float32 (columns of the vectors, separators)."""
    ends = np.cumsum([0, *(len(one.columns) for one in separators)])
    values = np.concatenate([np.empty(0, np.float32), *(one.weights for one in separators)])
    indices = np.concatenate([np.empty(0, np.int32), *(one.columns for one in separators)])
    by_concept = csr_array((values, indices, ends), shape=(len(separators), columns))
    return csr_array(by_concept.T)
