"""Names of concepts found in texts: which, where, and in what way."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from scixtag.corpus.text import Text
from scixtag.models.compiled import compiled, constant
from scixtag.models.phrases import Phrases
from scixtag.models.tokens import Analyser, ReadTexts, Tokens, read_texts
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

    def read(self, texts: Sequence[Text] | ReadTexts) -> Tokens:
        """The words of the names that stand in texts: all titles, then all abstracts."""
        return self.analyser.read(read_texts(texts).words)

    def find(self, texts: Sequence[Text] | ReadTexts) -> Mentions:
        """Find the names in titles and abstracts."""
        return self.find_in(self.read(texts))

    def find_in(self, tokens: Tokens) -> Mentions:
        """As `find`, in texts that `read` has read."""
        names = (
            constant(self.names.indptr, np.int64),
            constant(self.names.indices, np.int64),
            constant(self.names.data, np.float32),
        )
        starts, ends, phrases = (constant(part, np.int64) for part in self.phrases.find(tokens))
        offsets = constant(tokens.offsets, np.int64)
        return Mentions(*_gathered(starts, ends, phrases, offsets, *names, self.names.shape[1]))

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

    def equals(self, other: "NameFinder") -> bool:
        """Whether it finds the same names."""
        mine, yours = self.arrays(), other.arrays()
        return all(np.array_equal(mine[name], yours[name]) for name in mine) and all(
            np.array_equal(getattr(self.names, part), getattr(other.names, part))
            for part in ("indptr", "indices", "data")
        )

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """What is needed to find names again, for storage; `names` is stored as a matrix."""
        stems = np.frombuffer("\n".join(self.analyser.stems).encode(), np.uint8)
        return self.phrases.arrays() | {"stems": stems}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[Any]], names: csr_array) -> Self:
        """The inverse of `arrays`."""
        analyser = Analyser(arrays["stems"].tobytes().decode().split(), stop_words=frozenset())
        return cls(analyser, Phrases.from_arrays(arrays, len(analyser.stems)), names)


@compiled
def _gathered(
    starts: Integers,
    ends: Integers,
    phrases: Integers,
    offsets: Integers,
    name_starts: Integers,
    name_concepts: Integers,
    name_ranks: npt.NDArray[np.float32],
    concepts: int,
) -> tuple[
    Integers,
    Integers,
    npt.NDArray[np.bool_],
    npt.NDArray[np.bool_],
    Integers,
    Integers,
    npt.NDArray[np.float32],
    Integers,
]:
    """The columns of `Mentions`, from the occurrences of names in all titles, then all abstracts."""
    papers = (len(offsets) - 1) // 2
    most = 0
    for phrase in phrases:
        most += name_starts[phrase + 1] - name_starts[phrase]
    paper_of, concept_of = np.empty(most, np.int64), np.empty(most, np.int64)
    in_title, preferred = np.zeros(most, np.bool_), np.zeros(most, np.bool_)
    words, mentions = np.zeros(most, np.int64), np.zeros(most, np.int64)
    shares, rivals = np.ones(most, np.float32), np.full(most, concepts, np.int64)
    row_of = np.full(concepts, -1, np.int64)
    size = title = abstract = 0
    while abstract < len(starts) and starts[abstract] < offsets[papers]:
        abstract += 1
    titles = abstract
    for paper in range(papers):
        first, begin = size, title
        while title < titles and starts[title] < offsets[paper + 1]:
            title += 1
        middle = abstract
        while abstract < len(starts) and starts[abstract] < offsets[papers + paper + 1]:
            abstract += 1
        # Concepts are given their rows in rising order, so they are collected and sorted first.
        for part in range(2):
            for place in range(begin if part == 0 else middle, title if part == 0 else abstract):
                for name in range(name_starts[phrases[place]], name_starts[phrases[place] + 1]):
                    if row_of[name_concepts[name]] < 0:
                        row_of[name_concepts[name]] = 0
                        concept_of[size] = name_concepts[name]
                        size += 1
        concept_of[first:size] = np.sort(concept_of[first:size])
        for row in range(first, size):
            row_of[concept_of[row]] = row
            paper_of[row] = paper
        start, length = offsets[papers + paper], offsets[papers + paper + 1] - offsets[papers + paper]
        for part in range(2):
            for place in range(begin if part == 0 else middle, title if part == 0 else abstract):
                meant = name_starts[phrases[place] + 1] - name_starts[phrases[place]]
                for name in range(name_starts[phrases[place]], name_starts[phrases[place] + 1]):
                    row = row_of[name_concepts[name]]
                    preferred[row] |= name_ranks[name] == _PREFERRED
                    words[row] = max(words[row], ends[place] - starts[place])
                    rivals[row] = min(rivals[row], meant - 1)
                    if part == 0:
                        in_title[row] = True
                    else:
                        mentions[row] += 1
                        shares[row] = min(shares[row], np.float32((starts[place] - start) / length))
        for row in range(first, size):
            row_of[concept_of[row]] = -1
    return (
        paper_of[:size],
        concept_of[:size],
        in_title[:size],
        preferred[:size],
        words[:size],
        mentions[:size],
        shares[:size],
        rivals[:size],
    )


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
