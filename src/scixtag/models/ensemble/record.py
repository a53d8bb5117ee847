"""How concepts fared as candidates of papers whose labels are known."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.integer]
Floats = npt.NDArray[np.float32]

RECORD = "how often it was right elsewhere"
RECORD_FEATURES = {"record: right, to expected": RECORD}
"""The columns of `Record.features`, in order, and what each is about, in words for people.

The plain share of right candidates is none of them: without a paper's own labels a concept of few papers has one less
of them just where it is right, which trees learn, and which is not so for papers to come. Beside the ratio it cost rare
concepts a point of recall.
"""

_SMOOTHING = 1.0


@dataclass(frozen=True, eq=False)
class Record:
    """The track record of each concept: how often it was a candidate, and how often rightly.

    Authors take to some concepts and pass over others, whatever the text says of them. A target encoding of the concept
    (Micci-Barreca 2001), corrected for what its candidates looked like: right ones are set against those that were
    expected by a ranker that knows nothing of the record.

    Attributes:
        right: float32 (concepts,), how many papers of which it was a candidate carry it.
        expected: float32 (concepts,), how many were expected to.
    """

    right: Floats
    expected: Floats

    def features(self, concepts: Integers) -> Floats:
        """What it says of the concept of each pair: float32 (pairs, features)."""
        return _features(self.right[concepts], self.expected[concepts])

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """For storage."""
        return {"record.right": self.right, "record.expected": self.expected}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[Any]]) -> Self:
        """The inverse of `arrays`."""
        return cls(arrays["record.right"], arrays["record.expected"])


class RecordByGroup:
    """The record of each group of papers by itself, so that no paper is told of its own labels.

    Args:
        groups: int (pairs,), the group of each pair, from 0.
        concepts: int (pairs,), the concept of each pair.
        right: bool (pairs,), whether the paper carries it.
        expected: float32 (pairs,), the probability of that by a ranker that saw nothing of the group.
        shape: The number of groups and of concepts.
    """

    def __init__(
        self,
        groups: Integers,
        concepts: Integers,
        right: npt.NDArray[np.bool_],
        expected: Floats,
        shape: tuple[int, int],
    ) -> None:
        cells = np.ravel_multi_index((groups, concepts), shape)
        sums = [np.bincount(cells, weights, shape[0] * shape[1]) for weights in (right, expected)]
        self._sums = [np.asarray(one, np.float32).reshape(shape) for one in sums]

    @classmethod
    def unknown(cls, shape: tuple[int, int]) -> Self:
        """Nothing is known of any group."""
        nothing = np.empty(0, np.int64)
        return cls(nothing, nothing, nothing.astype(bool), nothing.astype(np.float32), shape)

    def whole(self) -> Record:
        """The record of all groups."""
        return Record(*(one.sum(axis=0) for one in self._sums))

    def elsewhere(self, groups: Integers, concepts: Integers) -> Floats:
        """As `Record.features` of each pair, by the record of all groups but its own (pairs, features)."""
        return _features(*((one.sum(axis=0) - one)[groups, concepts] for one in self._sums))


def _features(right: Floats, expected: Floats) -> Floats:
    return np.log((right + _SMOOTHING) / (expected + _SMOOTHING)).astype(np.float32)[:, None]
