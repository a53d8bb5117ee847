"""Lists of different lengths, one after the other in one array."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.integer]
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Ragged:
    """List `i` is `items[starts[i]:starts[i + 1]]`.

    Attributes:
        starts: int64 (lists + 1,), rising from 0.
        items: All lists, one after the other.
    """

    starts: Integers
    items: Integers

    @classmethod
    def of(cls, lists: Iterable[Sequence[int]]) -> "Ragged":
        """From lists of whole numbers."""
        rows = [np.asarray(row, dtype=np.int64) for row in lists]
        starts = np.cumsum([0, *(len(row) for row in rows)])
        return cls(starts, np.concatenate([np.empty(0, np.int64), *rows]))

    @property
    def lengths(self) -> Integers:
        """The length of each list (lists,)."""
        return np.diff(self.starts)
