"""From the characters of a normalised text back to those of the text as it was given."""

import unicodedata

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]

# Vowels and final consonants of Hangul are letters that join the letter before them; all else that does is a mark.
_JAMO = (("\u1160", "\u11ff"), ("\ud7b0", "\ud7ff"))


def normalised(text: str) -> tuple[str, Integers, Integers]:
    """Unicode NFKC, and where each of its characters comes from.

    Returns:
        The normalised text; and for each of its characters the first character of `text` that it comes from, and the
        one after the last. Characters that are normalised together (a letter and its accents, ½ to 1⁄2) come from the
        same stretch.
    """
    if text.isascii() or unicodedata.is_normalized("NFKC", text):
        places = np.arange(len(text), dtype=np.int64)
        return text, places, places + 1
    borders = [place for place, character in enumerate(text) if place == 0 or not _joins(character)]
    parts: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for start, end in zip(borders, [*borders[1:], len(text)], strict=True):
        part = text[start:end]
        normal = unicodedata.normalize("NFKC", part)
        kept = normal == part
        parts.append(normal)
        starts += range(start, end) if kept else [start] * len(normal)
        ends += range(start + 1, end + 1) if kept else [end] * len(normal)
    return "".join(parts), np.array(starts, np.int64), np.array(ends, np.int64)


def _joins(character: str) -> bool:
    """Whether normalising may join a character to the one before it, or change their order (UAX 15)."""
    if character.isascii():
        return False
    first = unicodedata.normalize("NFKD", character)[0]
    return unicodedata.category(first)[0] == "M" or any(low <= first <= high for low, high in _JAMO)
