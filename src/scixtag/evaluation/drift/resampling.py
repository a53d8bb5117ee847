"""A bootstrap of counts that are added up batch by batch, so that no paper need be kept.

Each replicate counts each paper as often as a draw from a Poisson distribution of mean 1 says, which is what drawing
papers with replacement comes to for many papers (Hanley & MacGibbon 2006; Chamandy et al. 2012).
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from scixtag.corpus.examples import stable_hash
from scixtag.corpus.text import Text

REPLICATES = 200
"""For a standard error, which needs fewer than the ends of an interval."""

Weights = npt.NDArray[np.int32]


def paper_weights(texts: Sequence[Text], seed: int) -> Weights:
    """How often each paper counts in each replicate (papers, replicates).

    Drawn from the seed and the paper's own text, so that neither batches nor the order of papers matter.
    """
    drawn = np.empty((len(texts), REPLICATES), np.int32)
    for row, text in enumerate(texts):
        own = int.from_bytes(stable_hash(text.joined), "little")
        drawn[row] = np.random.Generator(np.random.Philox(key=[own, seed])).poisson(1.0, REPLICATES)
    return drawn


class ResampledCounts:
    """How many papers hold each cell, in each replicate.

    Attributes:
        counts: int32 (cells, replicates).
    """

    def __init__(self, cells: int) -> None:
        self.counts = np.zeros((cells, REPLICATES), np.int32)

    def add(self, papers: csr_array, weights: Weights) -> None:
        """Add papers (papers x cells), weighed by `paper_weights`."""
        cells = np.unique(papers.indices)
        self.counts[cells] += (papers[:, cells].T @ weights).astype(np.int32)
