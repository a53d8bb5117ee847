"""Words of texts as numbers: text is cut and its words are looked up by compiled code."""

import threading
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scixtag.models.compiled import compiled

Integers = npt.NDArray[np.integer]
Characters = npt.NDArray[np.uint32]
Classes = npt.NDArray[np.uint8]
Hashes = npt.NDArray[np.uint64]

_NEW, _BLANK, _LETTER = 0, 1, 2
_CODE_POINTS, _ASCII = 0x110000, 128
_TEXTS_AT_ONCE = 2_000
_APOSTROPHES = (0x27, 0x2019)
_LOWER_S = ord("s")
# FNV-1a, over code points instead of bytes.
_OFFSET, _PRIME = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)


@dataclass(frozen=True, eq=False)
class WordNumbers:
    """Texts as numbers of words.

    Attributes:
        numbers: int32 (words,), all texts one after the other; places in `Lexicon.words`.
        offsets: int64 (texts + 1,); text `i` is `numbers[offsets[i]:offsets[i + 1]]`.
        lexicon: What the numbers mean.
    """

    numbers: Integers
    offsets: Integers
    lexicon: "Lexicon"


class Lexicon:
    r"""The distinct words that were read so far, in the order in which they appeared.

    A word is what the regular expression `\w+(?:['’]s\b)?` finds in a text's Unicode NFKC: letters, digits and low
    lines, and a possessive 's.

    Args:
        analyse: What is to be known of a word beside its number, worked out once.

    Attributes:
        words: The words, as they stood in the text.
        lock: To be held where more is read from it than `read` gives.
    """

    def __init__(self, analyse: Callable[[str], tuple[str, str]]) -> None:
        self.words: list[str] = []
        self._analyse = analyse
        self._analysed: dict[int, tuple[str, str]] = {}
        self.lock = threading.RLock()
        self._classes = np.zeros(_CODE_POINTS, np.uint8)
        self._classify(np.arange(_ASCII, dtype=np.uint32))
        self._slots = np.full(1 << 12, -1, np.int32)
        self._hashes = np.empty(1 << 11, np.uint64)
        self._ends = np.zeros((1 << 11) + 1, np.int64)
        self._letters = np.empty(1 << 14, np.uint32)

    def read(self, texts: Sequence[str]) -> WordNumbers:
        """Cut texts into words, and number those that are new."""
        parts = [self._read_part(texts[i : i + _TEXTS_AT_ONCE]) for i in range(0, len(texts), _TEXTS_AT_ONCE)]
        numbers = np.concatenate([np.empty(0, np.int32), *(part[0] for part in parts)])
        lengths = np.concatenate([np.zeros(1, np.int64), *(np.diff(part[1]) for part in parts)])
        return WordNumbers(numbers, np.cumsum(lengths), self)

    def _read_part(self, texts: Sequence[str]) -> tuple[Integers, Integers]:
        texts = [text if text.isascii() else unicodedata.normalize("NFKC", text) for text in texts]
        borders = np.cumsum([0, *map(len, texts)])
        characters = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32)
        numbers = np.empty(len(characters) // 2 + len(texts) + 1, np.int32)
        offsets = np.zeros(len(texts) + 1, np.int64)
        done = 0
        with self.lock:
            self._classify(characters[characters >= _ASCII])
            while True:
                tables = self._classes, self._slots, self._hashes, self._ends, self._letters
                done, known = _read(characters, borders, done, *tables, len(self.words), numbers, offsets)
                self._learn(known)
                if done == len(texts):
                    return numbers[: offsets[-1]], offsets
                self._grow(int(borders[done + 1] - borders[done]))

    def analysed(self, number: int) -> tuple[str, str]:
        """What `analyse` makes of a word."""
        if number not in self._analysed:
            self._analysed[number] = self._analyse(self.words[number])
        return self._analysed[number]

    def _classify(self, characters: Characters) -> None:
        """Decide which characters are parts of words, as regular expressions do."""
        for code in np.unique(characters[self._classes[characters] == _NEW]).tolist():
            character = chr(code)
            self._classes[code] = _LETTER if character.isalnum() or character == "_" else _BLANK

    def _learn(self, known: int) -> None:
        for number in range(len(self.words), known):
            letters = self._letters[self._ends[number] : self._ends[number + 1]]
            self.words.append(letters.tobytes().decode("utf-32-le", "surrogatepass"))

    def _grow(self, length: int) -> None:
        """Make room for the words of one more text of so many characters."""
        known, used = len(self.words), int(self._ends[len(self.words)])
        words = 2 * max(len(self._hashes), known + length)
        self._hashes = np.resize(self._hashes, words)
        self._ends = np.resize(self._ends, words + 1)
        self._letters = np.resize(self._letters, 2 * max(len(self._letters), used + length))
        self._slots = np.full(1 << (2 * words - 1).bit_length(), -1, np.int32)
        _fill(self._slots, self._hashes, known)


@compiled
def _fill(slots: Integers, hashes: Hashes, known: int) -> None:
    last = np.uint64(len(slots) - 1)
    for number in range(known):
        slot = hashes[number] & last
        while slots[slot] >= 0:
            slot = (slot + np.uint64(1)) & last
        slots[slot] = number


@compiled
def _read(
    characters: Characters,
    borders: Integers,
    first: int,
    classes: Classes,
    slots: Integers,
    hashes: Hashes,
    ends: Integers,
    letters: Characters,
    known: int,
    numbers: Integers,
    offsets: Integers,
) -> tuple[int, int]:
    """Read texts from `first` on as long as there is room for all that may be new in the next one.

    Returns:
        The text that was not read any more, and how many words are known.
    """
    last = np.uint64(len(slots) - 1)
    size = offsets[first]
    for text in range(first, len(borders) - 1):
        place, end = borders[text], borders[text + 1]
        if known + (end - place + 1) // 2 > len(hashes) or ends[known] + end - place > len(letters):
            return text, known
        while place < end:
            if classes[characters[place]] != _LETTER:
                place += 1
                continue
            start = place
            value = _OFFSET
            while place < end and classes[characters[place]] == _LETTER:
                value = (value ^ np.uint64(characters[place])) * _PRIME
                place += 1
            if place + 1 < end and characters[place + 1] == _LOWER_S:
                mark = characters[place]
                closed = place + 2 == end or classes[characters[place + 2]] != _LETTER
                if closed and (mark == _APOSTROPHES[0] or mark == _APOSTROPHES[1]):
                    value = (value ^ np.uint64(mark)) * _PRIME
                    value = (value ^ np.uint64(_LOWER_S)) * _PRIME
                    place += 2
            # The lower bits of a product say little of the upper bits of its factors.
            value ^= value >> np.uint64(32)
            slot = value & last
            length = place - start
            while True:
                number = slots[slot]
                if number < 0:
                    number = known
                    slots[slot] = number
                    hashes[number] = value
                    used = ends[number]
                    for i in range(length):
                        letters[used + i] = characters[start + i]
                    ends[number + 1] = used + length
                    known += 1
                    break
                if hashes[number] == value and ends[number + 1] - ends[number] == length:
                    same = True
                    for i in range(length):
                        if letters[ends[number] + i] != characters[start + i]:
                            same = False
                            break
                    if same:
                        break
                slot = (slot + np.uint64(1)) & last
            numbers[size] = number
            size += 1
        offsets[text + 1] = size
    return len(borders) - 1, known
