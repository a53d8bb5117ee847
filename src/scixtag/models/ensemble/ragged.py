"""Lists of different lengths, one after the other in one array: gathered and reduced without a loop."""

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

    def take(self, rows: Integers) -> "Ragged":
        """The lists at `rows`, in that order."""
        lengths = self.lengths[rows]
        ends = np.cumsum(lengths)
        places = np.arange(ends[-1] if len(ends) else 0) + np.repeat(self.starts[rows] - ends + lengths, lengths)
        return Ragged(np.concatenate([[0], ends]), self.items[places])

    @property
    def owners(self) -> Integers:
        """The list that each item belongs to (items,)."""
        return np.repeat(np.arange(len(self.starts) - 1), self.lengths)


def largest(values: Floats, starts: Integers) -> Floats:
    """The largest value of each list, and 0 of an empty one; values are not negative (lists,)."""
    # One 0 more at the end: an empty last list then has a place to point to.
    found = np.maximum.reduceat(np.append(values, np.float32(0)), starts[:-1]) if len(starts) > 1 else values[:0]
    return np.where(np.diff(starts) > 0, found, np.float32(0))


def total(values: Floats, starts: Integers) -> Floats:
    """The sum of each list (lists,)."""
    found = np.add.reduceat(np.append(values, np.float32(0)), starts[:-1]) if len(starts) > 1 else values[:0]
    return np.where(np.diff(starts) > 0, found, np.float32(0))
