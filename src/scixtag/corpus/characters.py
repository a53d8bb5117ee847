"""Characters: one spelling for each thing, readable, without those that cannot be seen."""

import codecs
import re
import unicodedata

_SMALL = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "ζ": "zeta", "η": "eta", "θ": "theta",
    "ι": "iota", "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu", "ξ": "xi", "ο": "omicron", "π": "pi", "ρ": "rho",
    "σ": "sigma", "τ": "tau", "υ": "upsilon", "φ": "phi", "χ": "chi", "ψ": "psi", "ω": "omega",
}  # fmt: skip
GREEK = _SMALL | {letter.upper(): name.capitalize() for letter, name in _SMALL.items()}
"""The Greek letters and their names."""

SIGNS = "-+−‐‑"
"""What stands before a number."""

# NFKC would tear these apart (º is not an o, ´ no blank with an accent), so they are replaced before it.
_FRAGILE = {
    "\u2011": "-", "\u00b4": "'", "\u2033": '"', "\u00ba": "°", "\u02da": "°", "\u02dc": "~", "\u00a8": "",
    "\u00b8": "",
}  # fmt: skip
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-")
_TORN = re.compile(rf"[{''.join(_FRAGILE)}]|(?<=[\w)\]])[⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+")

# Look-alikes that tokenisers keep apart and people do not.
_ALIKE = {
    "\u2010": "-", "\u2212": "-", "\u02b9": "'", "\u2032": "'", "\u2018": "'", "\u2019": "'", "\u201b": "'",
    "\u02ba": '"', "\u201c": '"', "\u201d": '"', "\u201f": '"', "\u223c": "~", "\u2223": "|", "\u2217": "*",
    "\u25e6": "°", "\u22c5": "·", "\u2609": "⊙", "\u026a": "I",
}  # fmt: skip
# Letters, marks and signs that cannot be seen, though Unicode counts them among those that can: fillers of Hangul, the
# blank of Braille, what chooses between variants of a sign.
_UNSEEN = dict.fromkeys(
    (0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0, *range(0x180B, 0x1810), *range(0xFE00, 0xFE10),
     *range(0xE0100, 0xE01F0)),
    None,
)  # fmt: skip
# Controls, what changes direction or joins, halves of characters, ends of lines.
_WITHOUT_A_SIGN = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))
_RESPELLED = GREEK | _ALIKE | {"\u025b": "epsilon"}
_TABLE = str.maketrans(_ALIKE) | _UNSEEN
# Alone or in pairs (Δν) Greek letters are symbols; longer runs are words.
_SYMBOLS = re.compile(r"(?<![Ͱ-Ͽἀ-῿])(?:[α-ωΑ-Ωɛ]){1,2}(?![Ͱ-Ͽἀ-῿])")
_LETTER = re.compile(r"[A-Za-zṀ]")
_TERRESTRIAL = re.compile(r"(?<![A-Za-z])([MRLTSgFP]|eta) ?_?⊕")


def one_spelling(text: str) -> str:
    """Unicode NFKC, with what looks alike or means the same made one.

    Dashes, quotes and signs that look alike are one; exponents keep a caret (10^12); M⊙ is M_sun and M⊕ M_Earth; Greek
    letters that stand as symbols are spelled out, for thesauri spell them (Delta Scuti stars, gamma-ray bursts) where
    papers write them. Words in Greek stay, and so does the μ of units such as μm. Fillers that cannot be seen go.
    """
    if not unicodedata.is_normalized("NFKC", text):
        text = unicodedata.normalize("NFKC", _TORN.sub(_kept_whole, text))
    # Encoding comes to the characters that are not ASCII many times faster than a regular expression does.
    text = text.encode("ascii", _RESPELLING).decode("utf-8", "surrogatepass")
    if "⊙" in text:
        text = _sun_after_letters(text)
    if "⊕" in text:
        text = _TERRESTRIAL.sub(r"\1_Earth", text)
    return text


def _sun_after_letters(text: str) -> str:
    """M⊙, M_⊙ or M ⊙ to M_sun; as a regular expression it would look behind every character."""
    parts = text.split("⊙")
    for place, part in enumerate(parts[:-1]):
        stem = part
        for _ in range(2):
            stem = stem[:-1] if stem[-1:] in (" ", "_") else stem
        parts[place] = f"{stem}_sun" if _LETTER.fullmatch(stem[-1:]) else f"{part}⊙"
    return "".join(parts)


def printable(text: str) -> str:
    """Without control characters and zero-width ones, and with single blanks."""
    if text.isprintable():
        return " ".join(text.split()) if "  " in text else text.strip()
    return " ".join("".join(c for c in text if c.isprintable() or c.isspace()).split())


def first_unseen(text: str) -> str | None:
    """The first character that nobody sees, blanks aside; None if there is none."""
    if text.isascii() and text.isprintable():
        return None
    return next((c for c in text if ord(c) in _UNSEEN or unicodedata.category(c) in _WITHOUT_A_SIGN), None)


def _kept_whole(match: re.Match[str]) -> str:
    fragile = _FRAGILE.get(match[0])
    return f"^{match[0].translate(_RAISED)}" if fragile is None else fragile


def _respelled(text: str, start: int, end: int) -> str:
    """A run of characters that are not ASCII; most are of one character."""
    run = text[start:end]
    unit = run[-1] == "μ" and text[end : end + 1].isalpha()
    if not unit and (single := _RESPELLED.get(run)) is not None:
        return single
    if run.isspace():
        return " "
    kept, stop = ("μ", -1) if unit else ("", len(run))
    return _SYMBOLS.sub(_names, run[:stop]).translate(_TABLE) + kept


def _respell(error: UnicodeError) -> tuple[bytes, int]:
    """What stands in the place of characters that ASCII has none for."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return _respelled(error.object, error.start, error.end).encode("utf-8", "surrogatepass"), error.end


_RESPELLING = "scixtag-respelling"
codecs.register_error(_RESPELLING, _respell)


def _names(match: re.Match[str]) -> str:
    return " ".join(_RESPELLED.get(letter, letter) for letter in match[0])
