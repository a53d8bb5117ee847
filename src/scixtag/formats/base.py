"""What all formats share: the answers of a batch, as flat arrays of what is to be written."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from scixtag.predictions.scores import Scores

Mask = npt.NDArray[np.bool_]


class Shown(NamedTuple):
    """The suggestions of some papers, one after the other.

    Attributes:
        ids: Of the papers.
        ends: int64 (papers,), how many suggestions there are up to and with each paper.
        columns: int64 (suggestions,), of the vocabulary.
        probabilities: float32 (suggestions,), falling within each paper.
        selected: (suggestions,) True where the concept belongs to the paper's set.
        from_prior: (papers,) True where nothing in the text was known.
    """

    ids: Sequence[str]
    ends: npt.NDArray[np.int64]
    columns: npt.NDArray[np.int64]
    probabilities: npt.NDArray[np.float32]
    selected: Mask
    from_prior: Mask

    @property
    def lengths(self) -> npt.NDArray[np.int64]:
        """How many suggestions each paper has (papers,)."""
        return np.diff(self.ends, prepend=0)


def shown(ids: Sequence[str], probabilities: Scores, selected: Mask, from_prior: Mask, limit: int) -> Shown:
    """Of each paper its best `limit` concepts and all that are selected, as `build_suggestions` takes them.

    Args:
        ids: Of the papers.
        probabilities: (papers, k).
        selected: (papers, k) True where the decision rule takes the concept.
        from_prior: (papers,) True where nothing in the text was known.
        limit: How many at most, beside the selected ones.
    """
    taken = probabilities.listed & (selected | (np.arange(probabilities.columns.shape[1]) < limit))
    return Shown(
        ids,
        taken.sum(axis=1).cumsum(dtype=np.int64),
        probabilities.columns[taken].astype(np.int64),
        probabilities.values[taken],
        selected[taken],
        from_prior,
    )


def together(batches: Sequence[Shown]) -> Shown:
    """One batch after the other; at least one."""
    starts = np.cumsum([0, *(len(batch.columns) for batch in batches)])
    return Shown(
        [one for batch in batches for one in batch.ids],
        np.concatenate([batch.ends + start for batch, start in zip(batches, starts, strict=False)]),
        np.concatenate([batch.columns for batch in batches]),
        np.concatenate([batch.probabilities for batch in batches]),
        np.concatenate([batch.selected for batch in batches]),
        np.concatenate([batch.from_prior for batch in batches]),
    )


class Format(Protocol):
    """How suggestions are written."""

    def rendered(self, suggestions: Shown) -> bytes:
        """A part: the suggestions of some papers, in their order."""
