"""The words by which papers are compared as a whole, in any language: no stems, no stop words, no numbers."""

import re

_WORD = re.compile(r"\w+")
_SHORTEST = 3


def words_of(text: str) -> list[str]:
    """The distinct words of a cleaned text in order of appearance, in lower case: of letters only, at least three.

    What holds a digit (numbers, names of objects) is left out: it is new in every paper.
    """
    found = dict.fromkeys(_WORD.findall(text.casefold()))
    return [word for word in found if len(word) >= _SHORTEST and word.isalpha()]
