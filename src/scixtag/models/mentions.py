"""Names of concepts found in texts: which, where, and in what way."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from scixtag.corpus.text import Text
from scixtag.models.phrases import Phrases
from scixtag.models.tokens import Analyser, Tokens
from scixtag.vocabulary.concept import Vocabulary

_QUALIFIER = re.compile(r"\s+\([^()]*\)$")
_PREFERRED, _ALTERNATIVE = 2, 1

Integers = npt.NDArray[np.integer]


class Mentions(NamedTuple):
    """Concepts whose names stand in papers: one row a pair, rising by paper and concept.

    Attributes:
        papers: int64, the paper.
        concepts: int64, the concept.
        in_title: bool, whether the title names it.
        preferred: bool, whether its preferred name occurs.
        words: int64, the number of words of its longest name that occurs.
        mentions: int64, how often the abstract names it.
        place: float32, where the abstract first names it, as a share of its words; 1 where it does not.
        rivals: int64, how many other concepts share its least ambiguous name that occurs.
    """

    papers: Integers
    concepts: Integers
    in_title: npt.NDArray[np.bool_]
    preferred: npt.NDArray[np.bool_]
    words: Integers
    mentions: Integers
    place: npt.NDArray[np.float32]
    rivals: Integers


class NamePlaces(NamedTuple):
    """Where names of concepts stand in one paper: one row for each concept that a found name may mean.

    Attributes:
        concepts: int64, the concept.
        in_title: bool, whether the name stands in the title; else in the abstract.
        starts: int64, its first character there.
        ends: int64, the character after its last one.
    """

    concepts: Integers
    in_title: npt.NDArray[np.bool_]
    starts: Integers
    ends: Integers


class NameFinder:
    """Finds the names of concepts, compared by their stems; a name that lies inside another found one does not count.

    Attributes:
        analyser: The words of the names. Stop words stay: without them "Be stars" would be any star.
        phrases: The distinct names.
        names: csr (names, concepts): 2 where it is the concept's preferred name, 1 where an alternative one.
    """

    def __init__(self, analyser: Analyser, phrases: Phrases, names: csr_array) -> None:
        self.analyser, self.phrases, self.names = analyser, phrases, names

    @classmethod
    def of(cls, vocabulary: Vocabulary, counts: Integers) -> Self:
        """The names of all concepts that may be assigned: those in use, and those that `counts` papers carry."""
        analyser = Analyser(stop_words=frozenset())
        names = [
            name for name in _names(vocabulary) if counts[name.concept] > 0 or not vocabulary[name.concept].deprecated
        ]
        tokens = analyser.learn([name.text for name in names])
        phrases: dict[tuple[int, ...], int] = {}
        best: dict[tuple[int, int], int] = {}
        for name, start, end in zip(names, tokens.offsets[:-1], tokens.offsets[1:], strict=True):
            if end > start:
                phrase = phrases.setdefault(tuple(tokens.ids[start:end].tolist()), len(phrases))
                best[phrase, name.concept] = max(best.get((phrase, name.concept), 0), name.rank)
        rows, columns = np.array(list(best), dtype=np.int64).reshape(-1, 2).T
        ranks = np.fromiter(best.values(), np.float32, len(best))
        matrix = csr_array((ranks, (rows, columns)), shape=(len(phrases), len(vocabulary)))
        return cls(analyser, Phrases(list(phrases), len(analyser.stems)), matrix)

    def read(self, texts: Sequence[Text]) -> Tokens:
        """The words of the names that stand in texts: all titles, then all abstracts."""
        return self.analyser.read([text.title for text in texts] + [text.abstract for text in texts])

    def find(self, texts: Sequence[Text]) -> Mentions:
        """Find the names in titles and abstracts."""
        return self.find_in(self.read(texts))

    def find_in(self, tokens: Tokens) -> Mentions:
        """As `find`, in texts that `read` has read."""
        papers = (len(tokens.offsets) - 1) // 2
        found = self.phrases.find(tokens)
        number = np.diff(self.names.indptr)[found.phrases]
        each, places = self._meant(found.phrases)
        fields = (np.searchsorted(tokens.offsets, found.starts, side="right") - 1)[each]
        pairs = (fields % max(papers, 1)) * self.names.shape[1] + self.names.indices[places]
        pairs, row = np.unique(pairs, return_inverse=True)
        in_title, preferred = np.zeros(len(pairs), bool), np.zeros(len(pairs), bool)
        words, rivals = np.zeros(len(pairs), np.int64), np.full(len(pairs), self.names.shape[1])
        in_title[row[fields < papers]] = True
        preferred[row[self.names.data[places] == _PREFERRED]] = True
        np.maximum.at(words, row, (found.ends - found.starts)[each])
        np.minimum.at(rivals, row, (number - 1)[each])
        inside = fields >= papers
        mentions = np.bincount(row[inside], minlength=len(pairs))
        place = np.ones(len(pairs), np.float32)
        begins, sizes = tokens.offsets[:-1], np.diff(tokens.offsets)
        shares = (found.starts[each] - begins[fields]) / np.maximum(sizes[fields], 1)
        np.minimum.at(place, row[inside], shares[inside].astype(np.float32))
        concepts = self.names.shape[1]
        return Mentions(*np.divmod(pairs, concepts), in_title, preferred, words, mentions, place, rivals)

    def locate(self, text: Text) -> NamePlaces:
        """Where the names that `find` finds stand in title and abstract."""
        title, abstract = map(self.analyser.locate, text)
        offsets = np.cumsum([0, len(title.ids), len(abstract.ids)])
        found = self.phrases.find(Tokens(np.concatenate([title.ids, abstract.ids]), offsets))
        each, places = self._meant(found.phrases)
        starts = np.concatenate([title.starts, abstract.starts])[found.starts]
        ends = np.concatenate([title.ends, abstract.ends])[found.ends - 1]
        in_title = found.starts < offsets[1]
        return NamePlaces(self.names.indices[places].astype(np.int64), in_title[each], starts[each], ends[each])

    def _meant(self, phrases: Integers) -> tuple[Integers, Integers]:
        """For each concept that each phrase may mean: the row of `phrases`, and the place in the data of `names`."""
        first, number = self.names.indptr[phrases], np.diff(self.names.indptr)[phrases]
        each = np.repeat(np.arange(len(phrases)), number)
        return each, np.arange(len(each)) + np.repeat(first - (np.cumsum(number) - number), number)

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """What is needed to find names again, for storage; `names` is stored as a matrix."""
        stems = np.frombuffer("\n".join(self.analyser.stems).encode(), np.uint8)
        return self.phrases.arrays() | {"stems": stems}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[Any]], names: csr_array) -> Self:
        """The inverse of `arrays`."""
        analyser = Analyser(arrays["stems"].tobytes().decode().split(), stop_words=frozenset())
        return cls(analyser, Phrases.from_arrays(arrays, len(analyser.stems)), names)


class _Name(NamedTuple):
    text: str
    concept: int
    rank: int


def _names(vocabulary: Vocabulary) -> Iterator[_Name]:
    """All names, and those with a qualifier, such as "Mercury (planet)", without it too, as alternative ones."""
    for column, concept in enumerate(vocabulary):
        for rank, name in [(_PREFERRED, concept.name), *((_ALTERNATIVE, other) for other in concept.alternatives)]:
            yield _Name(name, column, rank)
            if _QUALIFIER.search(name):
                yield _Name(_QUALIFIER.sub("", name), column, _ALTERNATIVE)
