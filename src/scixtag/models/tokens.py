"""The analyser that all models of words share: texts to stems, in bulk and as integers."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scixtag.corpus.text import Text
from scixtag.models.lexicon import Lexicon, WordNumbers
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
_NOT_MET = -3
_TOKEN = re.compile(r"\w+(?:['’]s\b)?")
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})
_MOST_REMEMBERED = 500_000


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
        self._forget()

    def learn(self, texts: Sequence[str] | WordNumbers) -> Tokens:
        """Analyse texts, and give every new stem the next number."""
        self._forget()
        tokens = self._analyse(texts, self._learned)
        self._forget()
        return tokens

    def read(self, texts: Sequence[str] | WordNumbers) -> Tokens:
        """Analyse texts; an unknown stem becomes `UNKNOWN`."""
        return self._analyse(texts, self._known)

    def locate(self, text: str) -> Words:
        """As `read` of one text, and where each token stands."""
        normal, starts, ends = normalised(text)
        found = list(_TOKEN.finditer(normal))
        codes = np.fromiter((self._code(*_analysed(match[0]), self._known) for match in found), np.int32, len(found))
        kept = codes >= UNKNOWN
        firsts = np.array([match.start() for match in found], np.int64)[kept]
        lasts = np.array([match.end() - 1 for match in found], np.int64)[kept]
        return Words(codes[kept], starts[firsts], ends[lasts])

    def _forget(self) -> None:
        """Forget which code the words of a lexicon have."""
        self._lexicon: Lexicon | None = None
        self._codes = np.empty(0, np.int32)

    def _analyse(self, texts: Sequence[str] | WordNumbers, number: Callable[[str], int]) -> Tokens:
        words = texts if isinstance(texts, WordNumbers) else read_words(texts)
        codes = self._codes_of(words, number)
        kept = codes >= UNKNOWN
        before = np.concatenate([[0], np.cumsum(kept)])
        return Tokens(codes[kept], before[words.offsets])

    def _codes_of(self, words: WordNumbers, number: Callable[[str], int]) -> npt.NDArray[np.int32]:
        """The code of each word; those that were not met before are numbered in the order in which they appear."""
        lexicon = words.lexicon
        with lexicon.lock:
            if self._lexicon is not lexicon:
                self._lexicon, self._codes = lexicon, np.empty(0, np.int32)
            if len(self._codes) < len(lexicon.words):
                more = np.full(len(lexicon.words) - len(self._codes), _NOT_MET, np.int32)
                self._codes = np.concatenate([self._codes, more])
            codes = self._codes[words.numbers]
            unmet = words.numbers[codes == _NOT_MET]
            if not len(unmet):
                return codes
            distinct, firsts = np.unique(unmet, return_index=True)
            for word in distinct[np.argsort(firsts)].tolist():
                self._codes[word] = self._code(*lexicon.analysed(word), number)
            return self._codes[words.numbers]

    def _code(self, folded: str, stem: str, number: Callable[[str], int]) -> int:
        return _STOP if not folded or folded in self._stop_words else number(stem)

    def _known(self, stem: str) -> int:
        return self._places.get(stem, UNKNOWN)

    def _learned(self, stem: str) -> int:
        place = self._places.setdefault(stem, len(self.stems))
        if place == len(self.stems):
            self.stems.append(stem)
        return place


@dataclass(frozen=True, eq=False)
class ReadTexts:
    """Papers cut into words, which several models can be given instead of the papers.

    Attributes:
        words: All titles, then all abstracts.
    """

    words: WordNumbers

    def __len__(self) -> int:
        return (len(self.words.offsets) - 1) // 2


def read_texts(texts: Sequence[Text] | ReadTexts) -> ReadTexts:
    """Cut titles and abstracts into words, unless they are already."""
    if isinstance(texts, ReadTexts):
        return texts
    return ReadTexts(read_words([text.title for text in texts] + [text.abstract for text in texts]))


class _Process:
    """The words of all texts that this process read, which analysers share, until they are too many."""

    lexicon: Lexicon | None = None


def read_words(texts: Sequence[str]) -> WordNumbers:
    """Cut texts into words, once for all analysers that are to read them."""
    if _Process.lexicon is None or len(_Process.lexicon.words) > _MOST_REMEMBERED:
        _Process.lexicon = Lexicon(_analysed)
    return _Process.lexicon.read(texts)


def _analysed(word: str) -> tuple[str, str]:
    import Stemmer

    folded = _fold(word)
    return folded, Stemmer.Stemmer("english").stemWord(folded)


def _fold(word: str) -> str:
    """Without case, accents, typographic letters, and what else decomposing a letter leaves behind."""
    if word.isascii():
        return word.lower().strip("_")
    decomposed = unicodedata.normalize("NFKD", word.replace("’", "'").casefold().translate(_LETTERS))
    return "".join(c for c in decomposed if c.isalnum() or c in "_'").strip("_")
