"""How much of a concept's name stands in a text, whether or not its words stand together."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from scixtag.models.ensemble.candidates import Candidates
from scixtag.models.ensemble.ragged import Ragged, largest, total
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

    def overlaps(self, candidates: Candidates, tokens: Tokens) -> tuple[Floats, Floats]:
        """Of each pair's best name the share of words that occur, by idf: in title or abstract, and in the title."""
        names = self.names.take(candidates.concepts)
        words = self.words.take(names.items)
        weights = self.idf[words.items]
        whole = np.maximum(total(weights, words.starts), np.float32(1e-6))
        papers = np.repeat(candidates.papers[names.owners], words.lengths)
        found = []
        for abstracts in (True, False):
            present = _present(tokens, len(self.idf), abstracts=abstracts)
            shares = (total(weights * present[papers, words.items], words.starts) / whole).astype(np.float32)
            found.append(largest(shares, names.starts))
        return found[0], found[1]

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


def _present(tokens: Tokens, words: int, *, abstracts: bool) -> npt.NDArray[np.bool_]:
    """Whether each paper of a batch holds each word, in its title or also in its abstract (papers, words)."""
    papers = (len(tokens.offsets) - 1) // 2
    present = np.zeros((papers, words), bool)
    end = tokens.offsets[2 * papers if abstracts else papers]
    ids, owners = tokens.ids[:end], tokens.texts[:end] % max(papers, 1)
    present[owners[ids != UNKNOWN], ids[ids != UNKNOWN]] = True
    return present
