"""Forms for LaTeX and BibTeX."""

import re
from collections.abc import Iterable, Sequence

from scixtag.formats.keywords.names import listed, names_of, plain
from scixtag.formats.keywords.scheme import check_uat
from scixtag.vocabulary.concept import Concept, Vocabulary

_MEANING = {
    **{character: f"\\{character}" for character in "#$%&_"},
    "\\": r"\textbackslash{}",
    # Not \{ and \}: BibTeX counts these braces, too.
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    # Without a font encoding of one's own these are other characters in text.
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
}
_SPECIAL = re.compile(r"[#$%&_\\{}^~<>|]|-(?=-)")


def escaped(text: str) -> str:
    """A text that LaTeX sets as it is; hyphens side by side stay hyphens, and cannot be taken for a separator."""
    return _SPECIAL.sub(lambda found: _MEANING.get(found[0], "-{}"), text)


def aastex7(concepts: Sequence[Concept], _vocabulary: Vocabulary) -> str:
    r"""AASTeX 7: `\keywords{\uat{Galaxy evolution}{594} --- \uat{Quasars}{1319}}`.

    Raises:
        InputError: No concept, or one that is not of the UAT.
    """
    check_uat(concepts, "AASTeX 7")
    return _keywords(f"\\uat{{{escaped(plain(one.name))}}}{{{one.id}}}" for one in concepts)


def aastex63(concepts: Sequence[Concept], _vocabulary: Vocabulary) -> str:
    r"""AASTeX 6.3: `\keywords{Galaxy evolution (594) --- Quasars (1319)}`.

    Raises:
        InputError: No concept, or one that is not of the UAT.
    """
    check_uat(concepts, "AASTeX 6.3")
    return _keywords(f"{escaped(plain(one.name))} ({one.id})" for one in concepts)


def bibtex(concepts: Sequence[Concept], _vocabulary: Vocabulary) -> str:
    """A field of an entry: `keywords = {Galaxy evolution, Quasars},`."""
    return f"keywords = {{{listed([escaped(name) for name in names_of(concepts)])}}},"


def _keywords(parts: Iterable[str]) -> str:
    return f"\\keywords{{{' --- '.join(parts)}}}"
