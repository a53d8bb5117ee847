"""Entities and tags of HTML, JATS and MathML."""

import html
import re

from scixtag.corpus.characters import SIGNS

_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")

_ISO_GREEK = {
    "a": "alpha", "b": "beta", "g": "gamma", "d": "delta", "e": "epsilon", "z": "zeta", "ee": "eta", "th": "theta",
    "i": "iota", "k": "kappa", "l": "lambda", "m": "mu", "n": "nu", "x": "xi", "o": "omicron", "p": "pi", "r": "rho",
    "s": "sigma", "t": "tau", "u": "upsilon", "ph": "phi", "kh": "chi", "ps": "psi", "oh": "omega",
}  # fmt: skip
# Only names that stand in abstracts: a paper may well write "a <Teff> of".
_BLOCK = (
    "abstract blockquote break br dd disp-formula div dl dt fig figure h1 h2 h3 h4 h5 h6 hr label li list list-item ol "
    "p pre sec table tbody td tfoot th thead title tr ul"
)
_INLINE = (
    "a abbr alternatives altname astrobj b big bold cite code del dfn em email ext-link fn font graphic i img "
    "inline-formula inline-graphic ins institution italic kbd large math monospace named-content object overline q "
    "roman s samp sans-serif sc small span strike strong styled-content sub sup tex-math tt u underline uri var xref"
)
_MATHML = (
    "annotation annotation-xml maction menclose merror mfenced mfrac mi mmultiscripts mn mo mover mpadded mphantom "
    "mprescripts mroot mrow ms mspace msqrt mstyle msub msubsup msup mtable mtd mtext mtr munder munderover semantics"
)
_BLOCKS = frozenset(_BLOCK.split())
_NAMES = "|".join(["sub", "sup", *_BLOCK.split(), *_INLINE.split(), *_MATHML.split()])  # the frequent ones first
_ATTRIBUTES = r"""(?:\s+[A-Za-z_:][-\w:.]*\s*=\s*(?:"[^"<]*"|'[^'<]*'|[^\s"'<>=]+))*"""
_TAG = re.compile(rf"<(/?)(?:jats:|mml:|m:|xhtml:)?({_NAMES})({_ATTRIBUTES})\s*/?>", re.IGNORECASE)
_HIDDEN = re.compile(
    r"<!--.{0,2000}?-->|<\?xml[^<>]*\?>|<!DOCTYPE[^<>]*>|<!\[CDATA\[|\]\]>"
    r"|<((?:mml:|m:)?annotation(?:-xml)?)\b[^<>]*>.{0,5000}?</\1>",
    re.IGNORECASE | re.DOTALL,
)
# JATS gives a formula in TeX and again in MathML.
_AGAIN = re.compile(r"(</(?:jats:)?tex-math>)\s*<((?:mml:|m:)?math)\b[^<>]*>.{0,5000}?</\2>", re.IGNORECASE | re.DOTALL)
_NUMBER = re.compile(rf"[{SIGNS}]?\d")


def unescape(text: str) -> str:
    """Resolve entities that end in a semicolon; R&D, AT&T and the parameters of an address stay."""
    if "&'" in text:
        text = text.replace("&'", "'")
    return _ENTITY.sub(_character, text)


def _character(match: re.Match[str]) -> str:
    """HTML's entities, and those of ISO 8879 for Greek letters, which publishers use (&agr;)."""
    entity = match[0]
    name = _ISO_GREEK.get(entity[1:-3].lower()) if entity.endswith("gr;") else None
    if name is None:
        return html.unescape(entity)
    return html.unescape(f"&{name if entity[1].islower() else name.capitalize()};")


def has_tags(text: str) -> bool:
    """Whether `strip_tags` would find a tag, escaped or not."""
    if "lt;" in text:
        text = unescape(unescape(text))
    return "<" in text and any(_is_tag(match) for match in _TAG.finditer(text))


def strip_tags(text: str) -> str:
    """Without tags. Those of blocks leave a blank, others nothing; numeric exponents keep a caret.

    Only known names with well-formed attributes are tags: "z<0.5", "a < b and c > d" and "<z>" stay.
    """
    if "</SU" in text:
        text = text.replace("</SUB>", "").replace("</SUP>", "")
    if "<!" in text or "nnotation" in text or "math>" in text or "<?" in text:
        text = _AGAIN.sub(r"\1", _HIDDEN.sub("", text))
    return _TAG.sub(_replacement, text)


def _is_tag(match: re.Match[str]) -> bool:
    """A single letter in angle brackets may be a mean value; as a tag it has its partner."""
    name = match[2]
    if len(name) > 1 or name in "pP":
        return True
    return bool(match[1]) or f"</{name.lower()}>" in match.string.lower()


def _replacement(match: re.Match[str]) -> str:
    name = match[2].lower()
    if name in _BLOCKS:
        return " "
    if not _is_tag(match):
        return match[0]
    if name in ("sup", "sub") and not match[1]:
        return raised(match) if name == "sup" else lowered(match)
    return ""


def raised(match: re.Match[str]) -> str:
    """What marks an exponent: a caret between a base and a number, else nothing (13CO, 5th)."""
    return "^" if _follows_base(match) and _number_follows(match) else ""


def lowered(match: re.Match[str]) -> str:
    """What marks an index: nothing (H2O), but an underscore before a signed number (an error bar)."""
    return "_" if match.string[match.end() : match.end() + 1] in tuple(SIGNS) and _number_follows(match) else ""


def _number_follows(match: re.Match[str]) -> bool:
    return _NUMBER.match(match.string, match.end()) is not None


def _follows_base(match: re.Match[str]) -> bool:
    before = match.string[max(match.start() - 1, 0) : match.start()]
    return before.isalnum() or before in (")", "]", "}", ">", "⊙")
