"""All that an ensemble knows beside its members: names, the vocabulary's order, and how training papers use it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from scixtag.corpus.examples import Examples
from scixtag.models.ensemble.concepts import Places, Usage
from scixtag.models.ensemble.names import NameWords
from scixtag.models.mentions import NameFinder


@dataclass(frozen=True, eq=False)
class Knowledge:
    """What features are made of beside the members' scores.

    Attributes:
        finder: Finds names in texts.
        names: The words of the names.
        places: Where concepts stand in the vocabulary.
        usage: How training papers use concepts.
    """

    finder: NameFinder
    names: NameWords
    places: Places
    usage: Usage

    @classmethod
    def of(cls, train: Examples) -> Self:
        """Learn it from labelled papers."""
        finder = NameFinder.of(train.vocabulary, train.label_counts)
        names = NameWords.of(train.vocabulary, finder, finder.read(train.texts))
        return cls(finder, names, Places.of(train.vocabulary), Usage.of(train))

    def as_of(self, train: Examples) -> "Knowledge":
        """As if only these papers had been labelled; the texts of all stay known."""
        return replace(self, usage=Usage.of(train))

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """For storage, with `matrices`."""
        return self.finder.arrays() | self.names.arrays() | self.places.arrays() | {"counts": self.usage.counts}

    def matrices(self) -> dict[str, csr_array]:
        """For storage, with `arrays`."""
        return {"names": self.finder.names, "company": self.usage.company}

    @classmethod
    def from_stored(cls, arrays: Mapping[str, npt.NDArray[Any]], matrices: Mapping[str, csr_array]) -> Self:
        """The inverse of `arrays` and `matrices`."""
        return cls(
            NameFinder.from_arrays(arrays, matrices["names"]),
            NameWords.from_arrays(arrays),
            Places.from_arrays(arrays),
            Usage(np.asarray(arrays["counts"]), matrices["company"]),
        )
