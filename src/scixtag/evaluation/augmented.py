"""Selected and true sets with all their ancestors, for metrics that give partial credit in a hierarchy."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from scixtag.errors import InputError

Counts = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class AugmentedSizes:
    """How large each paper's sets are once the ancestors of all their concepts belong to them, each once.

    Sizes are all that the metrics of Kiritchenko et al. (2006) need, and they can be resampled and pooled by paper.

    Attributes:
        shared: Concepts in both sets; float64 (papers,).
        selected: Concepts in the selected set; float64 (papers,).
        gold: Concepts in the true set, and true labels that the vocabulary does not hold; float64 (papers,).
    """

    shared: Counts
    selected: Counts
    gold: Counts

    def take(self, rows: npt.NDArray[np.integer]) -> "AugmentedSizes":
        """The papers at `rows`, in that order."""
        return AugmentedSizes(self.shared[rows], self.selected[rows], self.gold[rows])

    @classmethod
    def concatenate(cls, parts: Sequence["AugmentedSizes"]) -> "AugmentedSizes":
        """The papers of one part after those of another."""
        return cls(
            np.concatenate([part.shared for part in parts]),
            np.concatenate([part.selected for part in parts]),
            np.concatenate([part.gold for part in parts]),
        )


def augmented_sizes(
    selected: csr_array, gold: csr_array, unknown: npt.NDArray[np.integer], ancestors: csr_array | None
) -> AugmentedSizes:
    """Count the sets with their ancestors.

    Args:
        selected: Ones where a concept is selected (papers x concepts).
        gold: Ones where it is true (papers x concepts).
        unknown: True labels of each paper that the vocabulary does not hold (papers,).
        ancestors: Ones where a row's concept has a column's one above it (concepts x concepts); None: no hierarchy.

    Raises:
        InputError: The ancestors are those of another vocabulary.
    """
    concepts = gold.shape[1]
    above = csr_array((concepts, concepts)) if ancestors is None else ancestors
    if above.shape != (concepts, concepts):
        raise InputError(
            f"the ancestors are those of {above.shape[0]} concepts and the targets have {concepts}; "
            "use the vocabulary of the model for both"
        )
    all_selected, all_gold = selected + selected @ above, gold + gold @ above
    return AugmentedSizes(_sizes(all_selected.multiply(all_gold)), _sizes(all_selected), _sizes(all_gold) + unknown)


def _sizes(matrix: csr_array) -> Counts:
    """How many entries each row has; all are above zero."""
    sizes: Counts = np.diff(matrix.indptr).astype(np.float64)
    return sizes
