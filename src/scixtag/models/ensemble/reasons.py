"""What moved the ranker, in words for people."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from scixtag.models.ensemble.candidates import Candidates
from scixtag.models.ensemble.ranker import Ranker
from scixtag.predictions.explanation import Reason

MOST = 4
"""So many reasons are told for a concept."""

_LEAST = 0.05
"""In log-odds; what moved the ranker less is left out."""

Integers = npt.NDArray[np.integer]
Floats = npt.NDArray[np.float32]


def reasons(
    ranker: Ranker, topics: Sequence[str], candidates: Candidates, features: Floats, concepts: Integers
) -> list[tuple[Reason, ...]]:
    """For each concept the topics that moved the ranker most, the largest first.

    Args:
        ranker: Grown.
        topics: What each feature is about, the record's at last; the contributions of features of one topic are added
            up.
        candidates: Of a single paper.
        features: float32 (pairs, features), of the candidates.
        concepts: Those to tell about; one that is no candidate has no reasons.
    """
    rows = np.searchsorted(candidates.concepts, concepts)
    known = np.isin(concepts, candidates.concepts)
    told: list[tuple[Reason, ...]] = [()] * len(concepts)
    if not known.any():
        return told
    names, topic = np.unique(topics, return_inverse=True)
    added = ranker.contributions(features[rows[known]], concepts[known]) @ np.eye(len(names), dtype=np.float32)[topic]
    for place, sums in zip(np.flatnonzero(known), added, strict=True):
        largest = np.argsort(-np.abs(sums), kind="stable")[:MOST]
        told[place] = tuple(Reason(str(names[i]), float(sums[i])) for i in largest if abs(sums[i]) >= _LEAST)
    return told
