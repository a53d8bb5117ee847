"""Grown trees, laid out so that many pairs go through them at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from scixtag.models.compiled import compiled, constant

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Integers = npt.NDArray[np.integer]
Bits = npt.NDArray[np.uint32]

_MOST_LEAVES = 32
# 2 to the power of i, times this, has in its upper five bits a number of its own for each i (a de Bruijn sequence).
_SEQUENCE = np.uint32(0x077CB531)
_PLACES = np.zeros(32, np.uint8)
_PLACES[[(1 << i) * int(_SEQUENCE) % (1 << 32) >> 27 for i in range(32)]] = np.arange(32)
_EVERYTHING = np.uint32(0xFFFFFFFF)
_SIDE_BY_SIDE = 128


@dataclass(frozen=True, eq=False)
class Forest:
    """Boosted trees of several boosters, whose probabilities are averaged.

    Each split has a set of bits, one for each leaf of its tree: those that can still be reached by a pair that goes to
    the right. What is left over of all sets begins with the leaf that the pair ends in (QuickScorer: Lucchese et al.
    2015), so that no pair jumps from node to node by itself, and many are compared at once. Results equal LightGBM's.

    Attributes:
        features: int32 (splits,), the feature that each split looks at.
        thresholds: float32 (splits,); what is larger goes to the right.
        bits: uint32 (splits,), the leaves that are left to those that go to the right.
        trees: int64 (trees + 1,), where the splits of each tree begin.
        values: float64 (leaves,), from left to right in each tree.
        leaves: int64 (trees + 1,), where the leaves of each tree begin.
        boosters: int64 (boosters + 1,), where the trees of each booster begin.
    """

    features: Integers
    thresholds: Floats
    bits: Bits
    trees: Integers
    values: Doubles
    leaves: Integers
    boosters: Integers

    @classmethod
    def of(cls, texts: Sequence[str]) -> Self | None:
        """From boosters in LightGBM's text format.

        Returns:
            None for trees of another kind than scixtag grows: splits of categories or with a way of their own for
            missing values, linear leaves, or more than 32 leaves.
        """
        boosters = [[_fields(tree) for tree in text.split("end of trees", 1)[0].split("\nTree=")[1:]] for text in texts]
        trees = [tree for booster in boosters for tree in booster]
        if not all(_is_plain(tree) for tree in trees):
            return None
        parts = [_splits(tree) for tree in trees]
        return cls(
            features=constant(np.concatenate([part[0] for part in parts]), np.int32),
            thresholds=constant(np.concatenate([part[1] for part in parts]), np.float32),
            bits=constant(np.concatenate([part[2] for part in parts]), np.uint32),
            trees=constant(np.cumsum([0, *(len(part[0]) for part in parts)]), np.int64),
            values=constant(np.concatenate([part[3] for part in parts]), np.float64),
            leaves=constant(np.cumsum([0, *(len(part[3]) for part in parts)]), np.int64),
            boosters=constant(np.cumsum([0, *map(len, boosters)]), np.int64),
        )

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """For storage."""
        return {f"forest.{field.name}": getattr(self, field.name) for field in fields(self)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[Any]]) -> Self | None:
        """The inverse of `arrays`; None where folders of an earlier scixtag hold none."""
        names = [field.name for field in fields(cls)]
        if f"forest.{names[0]}" not in arrays:
            return None
        return cls(**{name: constant(arrays[f"forest.{name}"], arrays[f"forest.{name}"].dtype) for name in names})

    def probabilities(self, features: Floats) -> Floats:
        """The mean of the boosters' probabilities of each pair: float32 (pairs,).

        Args:
            features: float32 (pairs, features), without NaN.
        """
        found = np.empty(len(features), np.float64)
        layout = (self.features, self.thresholds, self.bits, self.trees, self.values, self.leaves, self.boosters)
        _fall(constant(features, np.float32), *layout, _PLACES, found)
        return found.astype(np.float32)


def _fields(tree: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in tree.splitlines() if "=" in line)


def _is_plain(tree: dict[str, str]) -> bool:
    kinds = set(tree.get("decision_type", "").split())
    return (
        # Bit 1, where missing values go, says nothing where there are none.
        kinds <= {"0", "2"}
        and tree.get("num_cat", "0") == "0"
        and tree.get("is_linear", "0") == "0"
        and int(tree["num_leaves"]) <= _MOST_LEAVES
    )


def _splits(tree: dict[str, str]) -> tuple[Integers, Floats, Bits, Doubles]:
    """Features, thresholds, bits and leaf values of a tree; a tree without splits has a single leaf."""
    values = np.array(tree["leaf_value"].split(), np.float64)
    left, right = (list(map(int, tree.get(side, "").split())) for side in ("left_child", "right_child"))
    order: list[int] = []
    below: dict[int, list[int]] = {}

    def walk(node: int) -> list[int]:
        """The places of the leaves below a node; nodes are numbered from 0, and leaves by their complement."""
        if node < 0:
            order.append(~node)
            return [len(order) - 1]
        below[node] = walk(left[node])
        return below[node] + walk(right[node])

    walk(0 if left else ~0)
    everything = (1 << len(values)) - 1
    bits = [everything & ~sum(1 << place for place in below[node]) for node in range(len(left))]
    features = np.array(tree.get("split_feature", "").split(), np.int32)
    thresholds = _largest_below(np.array(tree.get("threshold", "").split(), np.float64))
    return features, thresholds, np.array(bits, np.uint32), values[order]


def _largest_below(thresholds: Doubles) -> Floats:
    """The largest float32 that is not above each threshold: a feature in float32 is above both or neither."""
    near = thresholds.astype(np.float32)
    down = np.nextafter(near, np.float32(-np.inf))
    return np.where(near > thresholds, down, near).astype(np.float32)


@compiled
def _fall(
    pairs: Floats,
    features: Integers,
    thresholds: Floats,
    bits: Bits,
    trees: Integers,
    values: Doubles,
    leaves: Integers,
    boosters: Integers,
    places: npt.NDArray[np.uint8],
    found: Doubles,
) -> None:
    columns = np.zeros((pairs.shape[1], _SIDE_BY_SIDE), np.float32)
    left = np.empty(_SIDE_BY_SIDE, np.uint32)
    for start in range(0, len(pairs), _SIDE_BY_SIDE):
        size = min(_SIDE_BY_SIDE, len(pairs) - start)
        for i in range(size):
            for feature in range(pairs.shape[1]):
                columns[feature, i] = pairs[start + i, feature]
        mean = np.zeros(_SIDE_BY_SIDE, np.float64)
        for booster in range(len(boosters) - 1):
            total = np.zeros(_SIDE_BY_SIDE, np.float64)
            for tree in range(boosters[booster], boosters[booster + 1]):
                left[:] = _EVERYTHING
                for split in range(trees[tree], trees[tree + 1]):
                    threshold, rest, column = thresholds[split], bits[split], columns[features[split]]
                    for i in range(_SIDE_BY_SIDE):
                        left[i] &= rest if column[i] > threshold else _EVERYTHING
                for i in range(_SIDE_BY_SIDE):
                    lowest = left[i] & (~left[i] + np.uint32(1))
                    left[i] = np.uint32(lowest * _SEQUENCE) >> np.uint32(27)
                for i in range(_SIDE_BY_SIDE):
                    total[i] += values[leaves[tree] + places[left[i]]]
            for i in range(size):
                mean[i] += 1 / (1 + np.exp(-total[i]))
        for i in range(size):
            found[start + i] = mean[i] / (len(boosters) - 1)
