"""Names as they can be pasted: whatever somebody's vocabulary holds, on one line, and as it looks."""

import unicodedata
from collections.abc import Sequence

from scixtag.vocabulary.concept import Concept

_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""What turns the direction of text: pasted into a source file, it would make that read otherwise than it is."""
_NOWHERE = frozenset("\ufffe\uffff")
"""No characters at all; XML refuses them."""


def plain(text: str) -> str:
    """A text without control characters, half characters and marks of direction; white space is one blank."""
    kept = (" " if unicodedata.category(one) == "Cc" else one for one in text if one not in _TURNING | _NOWHERE)
    return " ".join("".join(one for one in kept if unicodedata.category(one) != "Cs").split())


def listed(names: Sequence[str]) -> str:
    """Names on one line, with commas between them; with semicolons if a name holds a comma."""
    return ("; " if any("," in name for name in names) else ", ").join(names)


def names_of(concepts: Sequence[Concept]) -> list[str]:
    """The names of concepts, as they can be pasted."""
    return [plain(concept.name) for concept in concepts]
