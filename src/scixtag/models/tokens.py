"""The analyser that all models of words share: texts to stems, in bulk and as integers."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scixtag.models.origins import normalised

UNKNOWN = -1
"""Stands in the place of a word that the analyser has not learned, so that no phrase reaches across it."""

_STOP_LIST = """
a about above after again all also although among an and any are as at be because been before being below between
both but by can could did do does doing down during each few for from further had has have having he her here hers
him his how however i if in into is it its itself just may me might more most must my nor not now of off on once
only or other our ours out over own same she should so some such than that the their theirs them themselves then
there therefore these they this those through thus to too under until up upon us very was we were what when where
whereas whether which while who whom whose why will with within without would you your
"""
STOP_WORDS = frozenset(_STOP_LIST.split())
"""English words without a subject. Not "s" and not "t": S and T are classes of stars."""

_STOP = -2
_END = -3
_SEPARATOR = "\0"
_NO_WORDS = {_SEPARATOR: _END}
_TOKEN = re.compile(r"\w+(?:['’]s\b)?|\0")
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})
_TEXTS_AT_ONCE = 2_000
_MOST_REMEMBERED = 1_000_000


@dataclass(frozen=True, eq=False)
class Tokens:
    """Texts as numbers.

    Attributes:
        ids: int32 (tokens,), all texts one after the other; `UNKNOWN` or a place in `Analyser.stems`.
        offsets: int64 (texts + 1,); text `i` is `ids[offsets[i]:offsets[i + 1]]`.
    """

    ids: npt.NDArray[np.int32]
    offsets: npt.NDArray[np.int64]

    @property
    def texts(self) -> npt.NDArray[np.int64]:
        """The text that each token belongs to (tokens,)."""
        return np.repeat(np.arange(len(self.offsets) - 1), np.diff(self.offsets))


@dataclass(frozen=True, eq=False)
class Words:
    """The tokens of one text, and where they stand in it.

    Attributes:
        ids: int32 (tokens,), as in `Tokens`.
        starts: int64 (tokens,), the first character of each token in the text as it was given.
        ends: int64 (tokens,), the character after its last one. Two tokens share a character that stands for more
            than one (½ is 1 and 2).
    """

    ids: npt.NDArray[np.int32]
    starts: npt.NDArray[np.int64]
    ends: npt.NDArray[np.int64]


class Analyser:
    """Lower case, accents folded, words of letters and digits, without stop words, as Snowball stems (Porter 2001).

    A hyphen separates words ("x-ray" is two); digits ("h2o", "m31") and a low line inside a word ("M_sun", which is not
    the Sun) do not. A possessive 's falls away.

    Args:
        stems: What it knows already.
        stop_words: Left out as if they were not there.
    """

    def __init__(self, stems: Iterable[str] = (), stop_words: frozenset[str] = STOP_WORDS) -> None:
        self.stems = list(stems)
        self._stop_words = stop_words
        self._places = {stem: place for place, stem in enumerate(self.stems)}
        self._words = _NO_WORDS.copy()

    def learn(self, texts: Sequence[str]) -> Tokens:
        """Analyse texts, and give every new stem the next number."""
        self._words = _NO_WORDS.copy()
        tokens = self._analyse(texts, self._learned)
        self._words = _NO_WORDS.copy()
        return tokens

    def read(self, texts: Sequence[str]) -> Tokens:
        """Analyse texts; an unknown stem becomes `UNKNOWN`."""
        self._forget_some()
        return self._analyse(texts, self._known)

    def locate(self, text: str) -> Words:
        """As `read` of one text, and where each token stands."""
        self._forget_some()
        normal, starts, ends = normalised(text.replace(_SEPARATOR, " "))
        found = list(_TOKEN.finditer(normal))
        codes = self._codes([match[0] for match in found], self._known)
        kept = codes >= UNKNOWN
        firsts = np.array([match.start() for match in found], np.int64)[kept]
        lasts = np.array([match.end() - 1 for match in found], np.int64)[kept]
        return Words(codes[kept], starts[firsts], ends[lasts])

    def _analyse(self, texts: Sequence[str], number: Callable[[str], int]) -> Tokens:
        ids, lengths = [np.empty(0, np.int32)], [np.zeros(1, np.int64)]
        for start in range(0, len(texts), _TEXTS_AT_ONCE):
            codes = self._codes(_words(texts[start : start + _TEXTS_AT_ONCE]), number)
            ids.append(codes[codes >= UNKNOWN])
            lengths.append(np.diff(np.cumsum(codes >= UNKNOWN)[codes == _END], prepend=0))
        return Tokens(np.concatenate(ids), np.cumsum(np.concatenate(lengths)))

    def _codes(self, words: Sequence[str], number: Callable[[str], int]) -> npt.NDArray[np.int32]:
        import Stemmer

        stem = Stemmer.Stemmer("english").stemWord
        for word in dict.fromkeys(words):
            if word not in self._words:
                folded = _fold(word)
                stops = not folded or folded in self._stop_words
                self._words[word] = _STOP if stops else number(stem(folded))
        return np.fromiter(map(self._words.__getitem__, words), np.int32, len(words))

    def _forget_some(self) -> None:
        if len(self._words) > _MOST_REMEMBERED:
            self._words = _NO_WORDS.copy()

    def _known(self, stem: str) -> int:
        return self._places.get(stem, UNKNOWN)

    def _learned(self, stem: str) -> int:
        place = self._places.setdefault(stem, len(self.stems))
        if place == len(self.stems):
            self.stems.append(stem)
        return place


def _words(texts: Sequence[str]) -> list[str]:
    """The words of all texts, with a separator after each text."""
    joined = "".join(f"{text.replace(_SEPARATOR, ' ')}\n{_SEPARATOR}" for text in texts)
    return _TOKEN.findall(unicodedata.normalize("NFKC", joined))


def _fold(word: str) -> str:
    """Without case, accents, typographic letters, and what else decomposing a letter leaves behind."""
    if word.isascii():
        return word.lower().strip("_")
    decomposed = unicodedata.normalize("NFKD", word.replace("’", "'").casefold().translate(_LETTERS))
    return "".join(c for c in decomposed if c.isalnum() or c in "_'").strip("_")
