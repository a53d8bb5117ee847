"""All that an ensemble knows beside its members: names, the vocabulary's order, and how training papers use it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from scixtag.corpus.examples import Examples
from scixtag.models.compiled import constant
from scixtag.models.ensemble.columns import Known
from scixtag.models.ensemble.concepts import Places, Usage
from scixtag.models.ensemble.kin import Lists
from scixtag.models.ensemble.names import NameWords
from scixtag.models.ensemble.ragged import Ragged
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
        return cls(finder, names, Places.of(train.vocabulary), Usage.of(train.targets))

    def as_of(self, train: Examples, rows: npt.NDArray[np.integer]) -> "Knowledge":
        """As if only the papers at `rows` had labels; the texts of all stay known."""
        usage = Usage.of(train.targets[rows])
        changed = np.flatnonzero((usage.counts > 0) != (self.usage.counts > 0))
        if not any(train.vocabulary[concept].deprecated for concept in changed.tolist()):
            return replace(self, usage=usage)
        # A retired concept has names only while a paper carries it, and a longer name hides a shorter one: names would
        # tell which papers carry it.
        finder = NameFinder.of(train.vocabulary, usage.counts)
        names = NameWords.of(train.vocabulary, finder, finder.read(train.texts))
        return replace(self, finder=finder, names=names, usage=usage)

    @cached_property
    def known(self) -> Known:
        """What compiled code reads of it."""
        places, company = self.places, self.usage.company
        parts = [np.log1p(self.usage.counts), places.depths, places.children.lengths, places.names, places.words]
        return Known(
            names=_lists(self.names.names),
            words=_lists(self.names.words),
            idf=constant(self.names.idf, np.float32),
            parents=_lists(places.parents),
            children=_lists(places.children),
            related=_lists(places.related),
            company=Lists(constant(company.indptr, np.int64), constant(company.indices, np.int64)),
            company_shares=constant(company.data, np.float32),
            fixed=constant(np.stack(parts, axis=1), np.float32),
        )

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


def _lists(ragged: Ragged) -> Lists:
    return Lists(constant(ragged.starts, np.int64), constant(ragged.items, np.int64))
