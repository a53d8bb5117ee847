"""What is said of the concepts around a candidate."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from scixtag.models.compiled import compiled

Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.integer]


class Lists(NamedTuple):
    """Lists of different lengths in the types of compiled code, as in `Ragged`."""

    starts: Integers
    items: Integers


@compiled
def largest(values: Floats, lists: Lists, row: int) -> np.float32:
    """The largest value of the concepts in a list, and 0 if there is none.

    Args:
        values: float32 (concepts,), not negative.
        lists: Of concepts.
        row: Which list.
    """
    found = np.float32(0)
    for place in range(lists.starts[row], lists.starts[row + 1]):
        found = max(found, values[lists.items[place]])
    return found


@compiled
def largest_sibling(
    values: Floats, parents: Lists, children: Lists, concept: int, best_two: Floats, asked: npt.NDArray[np.bool_]
) -> np.float32:
    """The largest value of a concept that shares a parent with `concept`, itself left out; 0 if there is none.

    By way of the parents, each of which knows its best two children once it was asked: lists of siblings would take the
    square of the children of a concept.

    Args:
        values: float32 (concepts,), not negative.
        parents: Of each concept.
        children: Of each concept.
        concept: The concept.
        best_two: float32 (concepts, 2), the two largest values of the children of each parent that was asked.
        asked: bool (concepts,), which parents were asked for these values; all False at first.
    """
    found = np.float32(0)
    for place in range(parents.starts[concept], parents.starts[concept + 1]):
        parent = parents.items[place]
        if not asked[parent]:
            best, second = np.float32(0), np.float32(0)
            for below in range(children.starts[parent], children.starts[parent + 1]):
                value = values[children.items[below]]
                if value > best:
                    best, second = value, best
                elif value > second:
                    second = value
            best_two[parent, 0], best_two[parent, 1] = best, second
            asked[parent] = True
        # A concept as good as the best one is the best itself, or one of several; then the second is as good.
        own = values[concept] >= best_two[parent, 0]
        found = max(found, best_two[parent, 1] if own else best_two[parent, 0])
    return found
