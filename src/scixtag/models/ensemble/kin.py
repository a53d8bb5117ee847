"""What is said of the concepts around a candidate."""

import numpy as np
import numpy.typing as npt

from scixtag.models.ensemble.candidates import Candidates
from scixtag.models.ensemble.concepts import Places
from scixtag.models.ensemble.ragged import Ragged, largest
from scixtag.models.mentions import Mentions

Floats = npt.NDArray[np.float32]


def kin_columns(candidates: Candidates, blend: Floats, mentions: Mentions, places: Places) -> list[Floats]:
    """The best blend, and whether a name occurs, among the concepts around each candidate.

    Args:
        candidates: Pairs.
        blend: float32 (papers, concepts), not negative.
        mentions: The names that stand in the texts.
        places: Where concepts stand.

    Returns:
        Of the blend the best among parents, children, siblings and related concepts, and of the words of names those
        among parents, children and siblings (pairs,).
    """
    named = np.zeros(candidates.shape, np.float32)
    named[mentions.papers, mentions.concepts] = mentions.words
    near = [_around(candidates, blend, kin) for kin in (places.parents, places.children)]
    far = [_around(candidates, named, kin) for kin in (places.parents, places.children)]
    related = _around(candidates, blend, places.related)
    return [*near, siblings(candidates, blend, places), related, *far, siblings(candidates, named, places)]


def siblings(candidates: Candidates, values: Floats, places: Places) -> Floats:
    """The largest value of a concept that shares a parent with each candidate, itself left out (pairs,).

    By way of the parents, each of which knows its best two children: lists of siblings would take the square of the
    children of a concept.
    """
    below = places.children
    slots = np.cumsum(below.lengths > 0) - 1
    best, second = _best_two(values, below)
    above = places.parents.take(candidates.concepts)
    papers, slot = candidates.papers[above.owners], slots[above.items]
    own = values[papers, candidates.concepts[above.owners]]
    others = np.where(own < best[papers, slot], best[papers, slot], second[papers, slot])
    return largest(others, above.starts)


def _best_two(values: Floats, below: Ragged) -> tuple[Floats, Floats]:
    """The two largest values of the children of each concept that has any (papers, concepts with children)."""
    starts = below.starts[:-1][below.lengths > 0]
    if not len(starts):
        nothing = np.zeros((len(values), 0), np.float32)
        return nothing, nothing
    children = values[:, below.items]
    best = np.maximum.reduceat(children, starts, axis=1)
    leads = children == np.repeat(best, below.lengths[below.lengths > 0], axis=1)
    second = np.maximum.reduceat(np.where(leads, np.float32(0), children), starts, axis=1)
    return best, np.where(np.add.reduceat(leads, starts, axis=1, dtype=np.int64) > 1, best, second)


def _around(candidates: Candidates, values: Floats, kin: Ragged) -> Floats:
    around = kin.take(candidates.concepts)
    return largest(values[candidates.papers[around.owners], around.items], around.starts)
