"""What is known of each concept before any paper is looked at."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array, diags_array

from scixtag.models.ensemble.ragged import Ragged
from scixtag.vocabulary.concept import Vocabulary
from scixtag.vocabulary.hierarchy import Hierarchy

Integers = npt.NDArray[np.integer]
Floats = npt.NDArray[np.float32]

_COMPANY_SMOOTHING = 5.0


@dataclass(frozen=True, eq=False)
class Places:
    """Where concepts stand in the vocabulary; the same whatever the training papers.

    Attributes:
        parents: The concepts directly above each one.
        children: Those directly below.
        related: Those that the vocabulary calls related.
        depths: int64 (concepts,), steps up to the top.
        names: int64 (concepts,), how many names each has.
        words: int64 (concepts,), the words of its preferred name.
    """

    parents: Ragged
    children: Ragged
    related: Ragged
    depths: Integers
    names: Integers
    words: Integers

    @classmethod
    def of(cls, vocabulary: Vocabulary) -> Self:
        """Read the vocabulary."""
        hierarchy, columns = Hierarchy(vocabulary), range(len(vocabulary))
        known = {concept.id: column for column, concept in enumerate(vocabulary)}
        return cls(
            parents=Ragged.of(map(hierarchy.parents, columns)),
            children=Ragged.of(map(hierarchy.children, columns)),
            related=Ragged.of(
                [[known[other] for other in concept.related if other in known] for concept in vocabulary]
            ),
            depths=np.array([hierarchy.depth(column) for column in columns]),
            names=np.array([1 + len(concept.alternatives) for concept in vocabulary]),
            words=np.array([len(concept.name.split()) for concept in vocabulary]),
        )

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """For storage."""
        stored: dict[str, npt.NDArray[Any]] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, Ragged):
                stored |= {f"places.{field.name}.starts": value.starts, f"places.{field.name}.items": value.items}
            else:
                stored[f"places.{field.name}"] = value
        return stored

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[Any]]) -> Self:
        """The inverse of `arrays`."""
        found: dict[str, Any] = {}
        for field in fields(cls):
            name = f"places.{field.name}"
            ragged = field.type in (Ragged, "Ragged")
            found[field.name] = Ragged(arrays[f"{name}.starts"], arrays[f"{name}.items"]) if ragged else arrays[name]
        return cls(**found)


@dataclass(frozen=True, eq=False)
class Usage:
    """How training papers use concepts.

    Attributes:
        counts: int64 (concepts,), the papers that carry each.
        company: csr float32 (concepts, concepts): row a, column b: the share of the papers with a that carry b too.
    """

    counts: Integers
    company: csr_array

    @classmethod
    def of(cls, targets: csr_array) -> Self:
        """Count in a binary indicator matrix (papers x concepts). Shares are drawn to 0 as by five papers without b."""
        counts = np.bincount(targets.indices, minlength=targets.shape[1])
        together = csr_array(targets.T @ targets)
        together.setdiag(0)
        together.eliminate_zeros()
        company = csr_array(diags_array(1 / (counts + _COMPANY_SMOOTHING)) @ together, dtype=np.float32)
        company.sort_indices()
        return cls(counts, company)
