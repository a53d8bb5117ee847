"""Names of concepts found in the text, and how often such a match is right."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, NamedTuple, Self

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from scixtag.corpus.examples import Examples
from scixtag.corpus.text import Text
from scixtag.errors import ConfigError
from scixtag.models.phrases import Phrases
from scixtag.models.storage import load_model, not_fitted, save_model
from scixtag.models.tokens import Analyser
from scixtag.predictions.scores import Scores
from scixtag.vocabulary.concept import Vocabulary

_QUALIFIER = re.compile(r"\s+\([^()]*\)$")
_PREFERRED, _ALTERNATIVE = 2, 1
_MOST_WORDS, _MOST_MENTIONS = 3, 3
_KINDS = (2, 2, _MOST_WORDS + 1, _MOST_MENTIONS + 1)

Integers = npt.NDArray[np.integer]


@dataclass(frozen=True)
class LexicalSettings:
    """How the share of right matches is smoothed.

    Attributes:
        kind_smoothing: Matches at the overall share that are added to those of each kind.
        concept_smoothing: Right matches, as many found as expected, that are added to those of each concept.
    """

    kind_smoothing: float = 10.0
    concept_smoothing: float = 0.5

    def __post_init__(self) -> None:
        if self.kind_smoothing <= 0 or self.concept_smoothing <= 0:
            raise ConfigError("kind_smoothing and concept_smoothing must be above 0")


class Matches(NamedTuple):
    """Concepts whose names stand in papers: one row a pair, rising by paper and concept.

    Attributes:
        papers: int64, the paper.
        concepts: int64, the concept.
        in_title: bool, whether the title names it.
        preferred: bool, whether its preferred name occurs.
        words: int64, the number of words of its longest name that occurs.
        mentions: int64, how often the abstract names it.
    """

    papers: Integers
    concepts: Integers
    in_title: npt.NDArray[np.bool_]
    preferred: npt.NDArray[np.bool_]
    words: Integers
    mentions: Integers

    @property
    def kinds(self) -> Integers:
        """A number for each combination of the last four, large ones cut off."""
        sizes = np.minimum(self.words, _MOST_WORDS), np.minimum(self.mentions, _MOST_MENTIONS)
        kinds: Integers = np.ravel_multi_index((self.in_title.astype(np.int64), self.preferred, *sizes), _KINDS)
        return kinds


class Lexical:
    """The estimated probability that a concept is assigned, given how its names occur in title and abstract.

    Names are compared by their stems; of overlapping names, one that lies inside another does not count. The share of
    right matches is estimated for each kind of match, and corrected for each concept by what its own matches tell, as
    far as there are any: for a concept never seen, its kinds decide.

    Attributes:
        phrases_: The distinct names, or None before `fit`.
        names_: csr (names, concepts): 2 where it is the concept's preferred name, 1 where an alternative one.
        kind_shares_: float32 (kinds,), the share of right matches.
        concept_factors_: float32 (concepts,), how much likelier than its kind a match of the concept is right.
    """

    Settings: ClassVar = LexicalSettings

    def __init__(self, settings: LexicalSettings | None = None, seed: int = 0) -> None:
        self.settings = settings or LexicalSettings()
        self.seed = seed
        self.phrases_: Phrases | None = None

    def fit(self, train: Examples, validation: Examples | None = None) -> Self:
        """See `Model.fit`."""
        self._know_names(train.vocabulary, train.label_counts)
        matches = self.matches(train.texts)
        kinds, right = matches.kinds, _assigned(matches, train.targets)
        number, smoothing = int(np.prod(_KINDS)), self.settings.kind_smoothing
        overall = right.mean() if len(right) else 0.0
        shares = (np.bincount(kinds, right, number) + smoothing * overall) / (
            np.bincount(kinds, minlength=number) + smoothing
        )
        observed = np.bincount(matches.concepts, right, len(train.vocabulary))
        expected = np.bincount(matches.concepts, shares[kinds], len(train.vocabulary))
        smoothing = self.settings.concept_smoothing
        self.concept_factors_ = ((observed + smoothing) / (expected + smoothing)).astype(np.float32)
        self.kind_shares_ = shares.astype(np.float32)
        return self

    def matches(self, texts: Sequence[Text]) -> Matches:
        """Find the names in titles and abstracts.

        Raises:
            ModelError: The model is not fitted.
        """
        if self.phrases_ is None:
            raise not_fitted(self)
        tokens = self._analyser.read([text.title for text in texts] + [text.abstract for text in texts])
        found = self.phrases_.find(tokens)
        first, number = self.names_.indptr[found.phrases], np.diff(self.names_.indptr)[found.phrases]
        each = np.repeat(np.arange(len(found.starts)), number)
        places = np.arange(len(each)) + np.repeat(first - (np.cumsum(number) - number), number)
        fields = (np.searchsorted(tokens.offsets, found.starts, side="right") - 1)[each]
        pairs = (fields % max(len(texts), 1)) * self.names_.shape[1] + self.names_.indices[places]
        pairs, row = np.unique(pairs, return_inverse=True)
        in_title, preferred = np.zeros(len(pairs), bool), np.zeros(len(pairs), bool)
        words = np.zeros(len(pairs), np.int64)
        in_title[row[fields < len(texts)]] = True
        preferred[row[self.names_.data[places] == _PREFERRED]] = True
        np.maximum.at(words, row, (found.ends - found.starts)[each])
        mentions = np.bincount(row[fields >= len(texts)], minlength=len(pairs))
        return Matches(*np.divmod(pairs, self.names_.shape[1]), in_title, preferred, words, mentions)

    def scores(self, texts: Sequence[Text]) -> Scores:
        """See `Model.scores`."""
        matches = self.matches(texts)
        values = self.kind_shares_[matches.kinds] * self.concept_factors_[matches.concepts]
        shape = (len(texts), len(self.concept_factors_))
        return Scores.from_sparse(csr_array((values, (matches.papers, matches.concepts)), shape=shape))

    def save(self, folder: Path) -> None:
        """See `Model.save`."""
        if self.phrases_ is None:
            raise not_fitted(self)
        arrays = {"kind_shares": self.kind_shares_, "concept_factors": self.concept_factors_}
        stems = np.frombuffer("\n".join(self._analyser.stems).encode(), np.uint8)
        save_model(folder, self, arrays | self.phrases_.arrays() | {"stems": stems}, {"names": self.names_})

    @classmethod
    def load(cls, folder: Path) -> Self:
        """See `Model.load`."""
        model, _, arrays, matrices = load_model(cls, folder)
        model._analyser = Analyser(arrays["stems"].tobytes().decode().split(), stop_words=frozenset())
        model.phrases_ = Phrases.from_arrays(arrays, len(model._analyser.stems))
        model.names_ = matrices["names"]
        model.kind_shares_, model.concept_factors_ = arrays["kind_shares"], arrays["concept_factors"]
        return model

    def _know_names(self, vocabulary: Vocabulary, counts: Integers) -> None:
        """Build the trie of the names of all concepts that may be assigned."""
        # Stop words stay: without them "Be stars" would be any star.
        self._analyser = Analyser(stop_words=frozenset())
        names = [
            name for name in _names(vocabulary) if counts[name.concept] > 0 or not vocabulary[name.concept].deprecated
        ]
        tokens = self._analyser.learn([name.text for name in names])
        phrases: dict[tuple[int, ...], int] = {}
        best: dict[tuple[int, int], int] = {}
        for name, start, end in zip(names, tokens.offsets[:-1], tokens.offsets[1:], strict=True):
            if end > start:
                phrase = phrases.setdefault(tuple(tokens.ids[start:end].tolist()), len(phrases))
                best[phrase, name.concept] = max(best.get((phrase, name.concept), 0), name.rank)
        self.phrases_ = Phrases(list(phrases), len(self._analyser.stems))
        rows, columns = np.array(list(best), dtype=np.int64).reshape(-1, 2).T
        ranks = np.fromiter(best.values(), np.float32, len(best))
        self.names_ = csr_array((ranks, (rows, columns)), shape=(len(phrases), len(vocabulary)))


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


def _assigned(matches: Matches, targets: csr_array) -> npt.NDArray[np.bool_]:
    """Which matches are concepts that the paper carries."""
    papers = np.repeat(np.arange(targets.shape[0]), np.diff(targets.indptr))
    assigned: npt.NDArray[np.bool_] = np.isin(
        matches.papers * targets.shape[1] + matches.concepts, papers * targets.shape[1] + targets.indices
    )
    return assigned
