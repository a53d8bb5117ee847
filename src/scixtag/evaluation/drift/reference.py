"""What is kept of the training papers, to tell whether new ones are like them: aggregate numbers, no text.

Words stand in it as they are only if at least `FEWEST` papers hold them; all others as numbers of 32 bits that tell
whether a word was there, not which.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array, hstack

from scixtag.corpus.examples import Examples, stable_hash
from scixtag.corpus.text import Text
from scixtag.corpus.words import words_of
from scixtag.evaluation.drift.distance import FEWEST, ChanceDistances, chance_distances
from scixtag.evaluation.drift.profile import Profile, answer_values, histograms, selected_counts, text_values
from scixtag.predictions.scores import Scores

MOST_WORDS = 5_000
"""In the table of words."""
MOST_KNOWN = 125_000
"""Words that can be recognised; with more, those that the fewest papers hold are not."""
_SIMULATED_WORDS = 2 * MOST_WORDS
_MOST_REMEMBERED = 500_000
_OTHER, _UNSEEN = -1, -2

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Reference:
    """The training papers in aggregate numbers.

    Attributes:
        profile: Of their texts and labels, and of predictions by models that did not see them.
        table: The words that `profile.words` counts, in their order.
        fewest_papers: What a word must have to stand in the table.
        known: uint32, rising: hashes of the words that count as seen.
        chance: By name ("words", "concepts", "labels"), how far random samples of these papers are from them.
            "concepts" is missing where nothing was held out at training.
    """

    profile: Profile
    table: tuple[str, ...]
    fewest_papers: int
    known: npt.NDArray[np.uint32]
    chance: Mapping[str, ChanceDistances]

    @cached_property
    def lexicon(self) -> "Lexicon":
        """Recognises words."""
        return Lexicon(self.table, self.known)


class Lexicon:
    """Places of words in the table, and which others training papers held."""

    def __init__(self, table: Sequence[str], known: npt.NDArray[np.uint32]) -> None:
        self._table = {word: place for place, word in enumerate(table)}
        self._known = frozenset(known.tolist())
        self._places = self._table.copy()

    def read(self, words: Sequence[str]) -> tuple[list[int], list[str]]:
        """The places of words in the table, with -1 for those beyond it; and the words that training never saw."""
        if len(self._places) > _MOST_REMEMBERED:
            self._places = self._table.copy()
        places, unseen = [], []
        for word in words:
            place = self._places.get(word)
            if place is None:
                place = self._places[word] = _OTHER if word_hash(word) in self._known else _UNSEEN
            if place == _UNSEEN:
                unseen.append(word)
            places.append(max(place, _OTHER))
        return places, unseen


def word_hash(word: str) -> int:
    """32 bits, the same everywhere; of 125,000 known words one in 34,000 new words looks like one of them."""
    return int.from_bytes(stable_hash(word)[:4], "little")


@dataclass(frozen=True, eq=False)
class HeldOutAnswers:
    """What models said of training papers that they did not see; none if nothing was held out.

    Attributes:
        probabilities: (papers, k), as the tagger gives them.
        selected: (papers, k).
        from_prior: (papers,).
    """

    probabilities: Scores
    selected: Mask
    from_prior: Mask


def reference_of(train: Examples, answers: HeldOutAnswers, seed: int = 0) -> Reference:
    """Describe training papers.

    Args:
        train: All of them.
        answers: Of some or all of them, in any order.
        seed: Of the simulated samples.
    """
    words, papers = _count_words(train.texts)
    found = np.bincount(papers.indices, minlength=len(words))
    # Of a training paper, a word is seen if another paper holds it as well.
    known_from = _smallest_count(found, MOST_KNOWN, 1)
    unseen = papers @ (found <= known_from).astype(np.float64)
    fewest = _smallest_count(found, MOST_WORDS, FEWEST)
    columns = np.array(sorted(np.flatnonzero(found >= fewest).tolist(), key=words.__getitem__), np.int64)
    concepts, count = len(train.vocabulary), len(answers.probabilities)
    chosen = selection_matrix(answers, concepts)
    labels = csr_array(hstack([train.targets, csr_array(train.unknown[:, None])]))
    chance = {"words": chance_distances(_simulated_words(papers, found), fewest, seed=seed)}
    if count:
        chance["concepts"] = chance_distances(chosen, seed=seed)
    chance["labels"] = chance_distances(labels, seed=seed)
    values = {
        **text_values(train.texts, np.diff(papers.indptr), unseen),
        **(answer_values(answers.probabilities, answers.selected, answers.from_prior) if count else {}),
    }
    profile = Profile(
        papers=len(train),
        predicted=count,
        labelled=len(train),
        histograms=histograms(values),
        words=np.append(found[columns], found.sum() - found[columns].sum()).astype(np.int64),
        concepts=selected_counts(answers.probabilities, answers.selected, concepts),
        labels=np.append(train.label_counts, train.unknown.sum()).astype(np.int64),
    )
    known = np.unique(np.array([word_hash(words[i]) for i in np.flatnonzero(found >= known_from)], np.uint32))
    return Reference(profile, tuple(words[i] for i in columns), fewest, known, chance)


def _count_words(texts: Sequence[Text]) -> tuple[list[str], csr_array]:
    """All words in order of first appearance, and which paper holds which (papers x words)."""
    places: dict[str, int] = {}
    indices, lengths = [], [0]
    for text in texts:
        found = [places.setdefault(word, len(places)) for word in words_of(text.joined)]
        indices.append(np.array(found, np.int32))
        lengths.append(len(found))
    joined = np.concatenate([np.empty(0, np.int32), *indices])
    shape = (len(texts), len(places))
    return list(places), csr_array((np.ones(len(joined)), joined, np.cumsum(lengths)), shape=shape)


def _smallest_count(found: npt.NDArray[np.integer], most: int, at_least: int) -> int:
    """The smallest number of papers, at least `at_least`, that no more than `most` words reach."""
    if int((found >= at_least).sum()) <= most:
        return at_least
    return int(-np.partition(-found, most)[most]) + 1


def _simulated_words(papers: csr_array, found: npt.NDArray[np.integer]) -> csr_array:
    """The words that could stand in the table of another draw of the same papers, and all others in one more column."""
    own = found >= _smallest_count(found, _SIMULATED_WORDS, 2)
    other = papers @ (~own).astype(np.float64)
    return csr_array(hstack([papers[:, np.flatnonzero(own)], csr_array(other[:, None])]))


def cell_matrix(cells: Sequence[Sequence[int]], count: int) -> csr_array:
    """What each paper holds, given as cells, once or more; -1 is the last of them (papers x count)."""
    ends = np.cumsum([0, *map(len, cells)])
    columns = np.array(list(chain.from_iterable(cells)), np.int64) % count
    return csr_array((np.ones(len(columns)), columns, ends), shape=(len(cells), count))


def selection_matrix(answers: HeldOutAnswers, concepts: int) -> csr_array:
    """Ones where a concept is selected for a paper (papers x concepts + 1)."""
    rows, places = np.nonzero(answers.selected)
    columns = answers.probabilities.columns[rows, places]
    shape = (len(answers.probabilities), concepts + 1)
    return csr_array((np.ones(len(rows)), (rows, columns)), shape=shape)
