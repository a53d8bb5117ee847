"""How much of a concept's name stands in a text, whether or not its words stand together."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from scixtag.models.ensemble.ragged import Ragged
from scixtag.models.mentions import NameFinder
from scixtag.models.tfidf import paper_counts
from scixtag.models.tokens import UNKNOWN, Tokens
from scixtag.vocabulary.concept import Vocabulary

Integers = npt.NDArray[np.integer]
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class NameWords:
    """The words of the names of each concept.

    Attributes:
        names: For each concept its names.
        words: For each name its words, as the name finder numbers them.
        idf: float32 (words,), how rare each word is in the training papers.
    """

    names: Ragged
    words: Ragged
    idf: Floats

    @classmethod
    def of(cls, vocabulary: Vocabulary, finder: NameFinder, tokens: Tokens) -> Self:
        """Read the names, and count words in the training papers' `tokens`."""
        spelt = [name for concept in vocabulary for name in (concept.name, *concept.alternatives)]
        read = finder.analyser.read(spelt)
        known = read.ids != UNKNOWN
        words = Ragged(np.concatenate([[0], np.cumsum(known)])[read.offsets], read.ids[known].astype(np.int64))
        numbers = np.cumsum([0, *(1 + len(concept.alternatives) for concept in vocabulary)])
        papers = max((len(tokens.offsets) - 1) // 2, 1)
        there = tokens.ids != UNKNOWN
        frequency = paper_counts(tokens.ids[there], tokens.texts[there] % papers, len(finder.analyser.stems))
        idf = np.log((1 + papers) / (1 + frequency)) + 0.1
        return cls(Ragged(numbers, np.arange(len(spelt))), words, idf.astype(np.float32))

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """For storage."""
        return {
            "names.starts": self.names.starts,
            "words.starts": self.words.starts,
            "words.items": self.words.items,
            "words.idf": self.idf,
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[Any]]) -> Self:
        """The inverse of `arrays`."""
        words = Ragged(arrays["words.starts"], arrays["words.items"])
        names = Ragged(arrays["names.starts"], np.arange(len(words.starts) - 1))
        return cls(names, words, arrays["words.idf"])
