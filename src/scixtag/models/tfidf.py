"""Texts to TF-IDF vectors of words and pairs of words, in bulk."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from scixtag.corpus.text import Text
from scixtag.errors import ConfigError
from scixtag.models.compiled import compiled, constant
from scixtag.models.tokens import UNKNOWN, Analyser, ReadTexts, Tokens, read_texts

Integers = npt.NDArray[np.integer]


@dataclass(frozen=True)
class TfIdfSettings:
    """How texts become vectors.

    Attributes:
        title_weight: A word of the title counts as this many of the abstract.
        min_df: Words and pairs of words that fewer papers hold are left out.
    """

    title_weight: int = 3
    min_df: int = 2

    def __post_init__(self) -> None:
        if self.title_weight < 1 or self.min_df < 1:
            raise ConfigError(f"title_weight {self.title_weight} and min_df {self.min_df} must be at least 1")


def tfidf_settings(settings: TfIdfSettings) -> TfIdfSettings:
    """The part of a model's settings that says how texts become vectors: equal parts, equal vectors."""
    return TfIdfSettings(**{field.name: getattr(settings, field.name) for field in fields(TfIdfSettings)})


@dataclass(frozen=True, eq=False)
class ColumnPlaces:
    """Where the columns of one paper's vector stand in its text.

    Attributes:
        columns: int64 (places,), the column.
        in_title: bool (places,), whether it stands in the title; else in the abstract.
        starts: int64 (places,), the first character there.
        ends: int64 (places,), the one after the last; a pair reaches from its first word to its second.
        weights: float32 (places,), what each place counts, `title_weight` or 1.
    """

    columns: Integers
    in_title: npt.NDArray[np.bool_]
    starts: Integers
    ends: Integers
    weights: npt.NDArray[np.float32]


class TfIdf:
    """Stems and pairs of stems; (1 + log tf) x idf with idf = log((1 + n) / (1 + df)) + 1; length one.

    The weights are those of Salton & Buckley (1988), the idf is smoothed as in scikit-learn. A pair reaches neither
    from the title into the abstract nor across an unknown word; stop words do not part a pair.

    Attributes:
        stems_: The stems, which are the first columns; sorted.
        pairs_: int64, rising: `first * len(stems_) + second` of each pair, which are the remaining columns.
        idf_: float32 (columns,).
    """

    def __init__(self, settings: TfIdfSettings | None = None) -> None:
        self.settings = settings or TfIdfSettings()
        self._slots: tuple[Integers, Integers] | None = None

    def fit_transform(self, texts: Sequence[Text]) -> csr_array:
        """Learn the columns from texts, and return the texts' vectors as `transform` does."""
        analyser = Analyser()
        tokens, idf = self._fit_stems(analyser, analyser.learn(read_texts(texts).words), len(texts))
        firsts, keys = self._pairs(tokens)
        distinct, codes = np.unique(keys, return_inverse=True)
        frequency = paper_counts(codes, _papers(tokens, len(texts))[firsts], len(distinct))
        self.pairs_, self._slots = distinct[frequency >= self.settings.min_df], None
        self.idf_ = np.concatenate([idf, _idf(frequency[frequency >= self.settings.min_df], len(texts))])
        return self._vectors(tokens, len(texts))

    def transform(self, texts: Sequence[Text] | ReadTexts) -> csr_array:
        """Vectors of texts: float32 (texts, columns), rows of length one, or empty where no word is known."""
        return self._vectors(self._analyser.read(read_texts(texts).words), len(texts))

    def locate(self, text: Text) -> ColumnPlaces:
        """Where the columns of a text's vector stand in title and abstract."""
        title, abstract = map(self._analyser.locate, text)
        starts = np.concatenate([title.starts, abstract.starts])
        ends = np.concatenate([title.ends, abstract.ends])
        offsets = np.cumsum([0, len(title.ids), len(abstract.ids)])
        places, lasts, columns = self._columns(Tokens(np.concatenate([title.ids, abstract.ids]), offsets))
        in_title = places < offsets[1]
        weights = np.where(in_title, self.settings.title_weight, 1).astype(np.float32)
        return ColumnPlaces(columns, in_title, starts[places], ends[lasts], weights)

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """What was learned, for storage."""
        stems = np.frombuffer("\n".join(self.stems_).encode(), np.uint8)
        return {"tfidf.stems": stems, "tfidf.pairs": self.pairs_, "tfidf.idf": self.idf_}

    @classmethod
    def from_arrays(cls, settings: TfIdfSettings, arrays: Mapping[str, npt.NDArray[Any]]) -> Self:
        """The inverse of `arrays`."""
        model = cls(settings)
        model._know(arrays["tfidf.stems"].tobytes().decode().split())
        model.pairs_, model.idf_ = np.asarray(arrays["tfidf.pairs"]), np.asarray(arrays["tfidf.idf"])
        return model

    def _know(self, stems: list[str]) -> None:
        self.stems_ = stems
        self._analyser = Analyser(stems)

    def _fit_stems(self, analyser: Analyser, tokens: Tokens, n: int) -> tuple[Tokens, npt.NDArray[np.float32]]:
        """Choose the stems, and return the tokens in terms of the chosen ones, and these ones' idf."""
        frequency = paper_counts(tokens.ids, _papers(tokens, n), len(analyser.stems))
        places = np.flatnonzero(frequency >= self.settings.min_df)
        places = np.array(sorted(places.tolist(), key=analyser.stems.__getitem__), dtype=np.int64)
        self._know([analyser.stems[place] for place in places])
        chosen = np.full(len(analyser.stems), UNKNOWN, np.int32)
        chosen[places] = np.arange(len(places), dtype=np.int32)
        return Tokens(chosen[tokens.ids], tokens.offsets), _idf(frequency[places], n)

    def _pairs(self, tokens: Tokens) -> tuple[Integers, Integers]:
        """Where each pair of neighbouring known stems begins, and its key."""
        owners, known = tokens.texts, tokens.ids != UNKNOWN
        firsts = np.flatnonzero((owners[1:] == owners[:-1]) & known[1:] & known[:-1])
        return firsts, tokens.ids[firsts].astype(np.int64) * len(self.stems_) + tokens.ids[firsts + 1]

    def _columns(self, tokens: Tokens) -> tuple[Integers, Integers, Integers]:
        """The first and the last token of each known word and pair, and its column."""
        words = np.flatnonzero(tokens.ids != UNKNOWN)
        firsts, keys = self._pairs(tokens)
        columns = np.searchsorted(self.pairs_, keys)
        known = columns < len(self.pairs_)
        known[known] = self.pairs_[columns[known]] == keys[known]
        firsts = firsts[known]
        columns = np.concatenate([tokens.ids[words], columns[known] + len(self.stems_)])
        return np.concatenate([words, firsts]), np.concatenate([words, firsts + 1]), columns

    def _vectors(self, tokens: Tokens, n: int) -> csr_array:
        weight = self.settings.title_weight
        ids, offsets = constant(tokens.ids, np.int32), constant(tokens.offsets, np.int64)
        longest = int(np.diff(tokens.offsets).max(initial=0))
        # By NumPy for all counts that can be: its logarithm is not the one that compiled code would call.
        logarithms = constant(1 + np.log(np.arange(1, (weight + 1) * 2 * longest + 2, dtype=np.float32)), np.float32)
        stops, places, counts = _count(ids, offsets, n, weight, len(self.stems_), *self._table())
        data = logarithms[counts - 1] * self.idf_[places]
        narrow = stops.astype(np.int32) if len(places) <= np.iinfo(np.int32).max else stops
        return with_unit_rows(csr_array((data, places, narrow), shape=(n, len(self.idf_))))

    def _table(self) -> tuple[Integers, Integers]:
        """The pairs, and a hash table of them."""
        if self._slots is None:
            pairs = constant(self.pairs_, np.int64)
            slots = np.full(1 << (4 * len(pairs)).bit_length(), -1, np.int32)
            _fill(pairs, slots)
            self._slots = pairs, constant(slots, np.int32)
        return self._slots


@compiled
def _slot(key: Any, last: Any) -> Any:
    """Where to look for a pair first: Fibonacci hashing (Knuth 1973, 6.4)."""
    value = np.uint64(key) * np.uint64(0x9E3779B97F4A7C15)
    return np.int64((value ^ (value >> np.uint64(32))) & np.uint64(last))


@compiled
def _fill(pairs: Integers, slots: Integers) -> None:
    last = len(slots) - 1
    for place in range(len(pairs)):
        slot = _slot(pairs[place], last)
        while slots[slot] >= 0:
            slot = (slot + 1) & last
        slots[slot] = place


@compiled
def _count(
    ids: Integers, offsets: Integers, papers: int, title_weight: int, stems: int, pairs: Integers, slots: Integers
) -> tuple[Integers, Integers, Integers]:
    """The columns of each paper, rising, and how often each stands there, a title's words by their weight.

    Returns:
        Where the columns of each paper end, from 0 (papers + 1,), the columns, and the counts (columns,).
    """
    last = len(slots) - 1
    stops = np.zeros(papers + 1, np.int64)
    columns = np.empty(2 * len(ids), np.int32)
    counts = np.empty(2 * len(ids), np.int32)
    keys = np.empty(2 * len(ids) + 1, np.int64)
    end = 0
    for paper in range(papers):
        size = 0
        for field in range(2):
            before: Any = -1
            for place in range(offsets[paper + field * papers], offsets[paper + field * papers + 1]):
                stem = np.int64(ids[place])
                if stem >= 0:
                    keys[size] = 2 * stem + field
                    size += 1
                    if before >= 0:
                        key = before * stems + stem
                        slot = _slot(key, last)
                        while slots[slot] >= 0:
                            if pairs[slots[slot]] == key:
                                keys[size] = 2 * (stems + np.int64(slots[slot])) + field
                                size += 1
                                break
                            slot = (slot + 1) & last
                before = stem
        found = np.sort(keys[:size])
        column = np.int64(-1)
        for key in found:
            if key >> 1 != column:
                column = key >> 1
                columns[end] = column
                counts[end] = 0
                end += 1
            counts[end - 1] += 1 if key & 1 else title_weight
        stops[paper + 1] = end
    return stops, columns[:end], counts[:end]


def with_unit_rows(matrix: csr_array) -> csr_array:
    """The matrix with every row scaled to Euclidean length one; empty rows stay empty."""
    lengths = np.diff(matrix.indptr)
    squares = np.add.reduceat(np.append(matrix.data, 0) ** 2, matrix.indptr[:-1]) if len(lengths) else lengths
    norms = np.sqrt(np.where(lengths > 0, squares, 1))
    norms[norms == 0] = 1
    data = (matrix.data / np.repeat(norms, lengths)).astype(np.float32)
    return csr_array((data, matrix.indices, matrix.indptr), shape=matrix.shape)


def _papers(tokens: Tokens, n: int) -> npt.NDArray[np.int64]:
    """The paper that each token belongs to."""
    return tokens.texts % max(n, 1)


def paper_counts(codes: Integers, papers: Integers, n: int) -> npt.NDArray[np.int64]:
    """In how many papers each of `n` codes occurs."""
    width = int(papers.max(initial=0)) + 1
    distinct = np.unique(codes.astype(np.int64) * width + papers)
    return np.bincount(distinct // width, minlength=n)


def _idf(frequency: Integers, n: int) -> npt.NDArray[np.float32]:
    idf: npt.NDArray[np.float32] = (np.log((1 + n) / (1 + frequency)) + 1).astype(np.float32)
    return idf
