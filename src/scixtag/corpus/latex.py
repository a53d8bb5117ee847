r"""LaTeX to text: mathematics, accents, symbols, and the commands that authors leave in titles and abstracts.

Not a parser of TeX but a reader of what stands in bibliographic records, where braces are often unbalanced and half of
a formula was cut away. An unknown command gives its name (\kms: kms), for it is often a word.
"""

import re
import unicodedata
from collections.abc import Callable

from scixtag.corpus.characters import SIGNS
from scixtag.corpus.symbols import ACCENTS, ESCAPED, LETTERS, STYLES, SYMBOLS

_LATEX = re.compile(r"\\|\{[^{}\s]+\}|[_^]\{|\$[^$]+\$")
_BODY = r"(?:[^$\\]|\\.)+"
# A dollar sign opens mathematics if what it encloses looks like TeX or has no blanks at its ends: not "$5 to $10".
_MATH = re.compile(
    rf"\$(?<!\\\$)(?:\$({_BODY}?)\$\$|(?=[^$]*[\\^_{{])({_BODY})\$|(?!\s)({_BODY})(?<!\s)\$(?!\d))"
    r"|\\(?:\((.{1,1000}?)\\\)|\[(.{1,1000}?)\\\])",
    re.DOTALL,
)
_GROUP = r"\s*\{([^{}]*)\}"
_SILENT = re.compile(
    r"\\(?:label|[cC]ite[a-z]*|ref|eqref|[hv]space|[hv]?phantom|color|textcolor|href|begin|end|vskip|hskip|usepackage"
    r"|documentclass|setlength|fontsize|selectfont)(?![A-Za-z])\*?\s*(?:\[[^\]]*\]\s*)*\{[^{}]*\}"
)
_UNICODE = re.compile(r"\\unicode\s*(?:\[[^\]]*\])?\{\s*(?:[xX\"]([0-9A-Fa-f]{2,6})|(\d{2,7}))\s*\}")
_FRACTION = re.compile(rf"\\[dtc]?frac{_GROUP}{_GROUP}")
_ACCENT = re.compile(
    r"\\(?:([\"'`^~=.])|([cvHkrudb]|dot|ddot)(?![A-Za-z]))\s*"
    r"(?:\{\s*(\\[ij](?![A-Za-z])|[A-Za-z])\s*\}|(\\[ij](?![A-Za-z])|[A-Za-z]))"
)
_COMMAND = re.compile(r"\\(?:([A-Za-z]+)\*?(\s*)|(.)|$)", re.DOTALL)
_SCRIPT = re.compile(r"([_^])\s*\{\s*")
_SHORT_SCRIPT = re.compile(r"([_^])\{([^{}]*)\}")
_BLANKS_IN_GROUP = re.compile(r"\{\s+|\s+(?=\})")
_UPPER = re.compile(r"\^(?=[°'\"⊙⊕⋆*†])|(?<![\w)\]}'\".⊙])\^|\^(?=$|[\s,;.)])")
_LOWER = re.compile(rf"_(?![{SIGNS}]\d)")
_ALIGNMENT = re.compile(r"(?<!\\)[&~]")
_BARE_GROUP = re.compile(r"\{([^{}\s,]+)\}")
# Half a formula: its other dollar sign was cut away.
_STRAY = re.compile(r"\$(?=[A-Za-z])")
_DEPTH = 9
_TIE = re.compile(r"(?<=[A-Za-z.])~(?=\w)")


def has_latex(text: str) -> bool:
    """Whether something in `text` looks like LaTeX."""
    if "\\" not in text and "$" not in text and "{" not in text:
        return False
    return _LATEX.search(text) is not None


def latex_to_text(text: str) -> str:
    """Plain text; may hold Unicode symbols (Greek letters, ⊙, ≲). Never raises, whatever is unbalanced."""
    pieces = []
    position = 0
    for match in _MATH.finditer(text):
        pieces.append(_prose(text[position : match.start()]))
        body = next(group for group in match.groups() if group is not None)
        start, end = match.span()
        before, after = text[max(start - 1, 0) : start], text[end : end + 1]
        pieces.append(f"{_gap(body[0], before)}{_mathematics(body, before)}{_gap(body[-1], after)}")
        position = end
    pieces.append(_prose(text[position:]))
    joined = "".join(pieces).replace("''", '"').replace("--", "–")
    return _STRAY.sub("", joined) if "\\" in text else joined


def _gap(inside: str, outside: str) -> str:
    """A blank at the edge of a formula counts where words would run together without it."""
    return " " if inside.isspace() and (outside.isalnum() or outside in ("{", "\\")) else ""


def _prose(text: str) -> str:
    """The part between formulas."""
    if "{" in text:
        text = _SHORT_SCRIPT.sub(_short_script, text)
    if "\\" not in text:
        return _repeated(_BARE_GROUP, r"\1", text)
    if "~" in text:
        text = _TIE.sub(" ", text)
    text = _expanded(text, _prose_command)
    return text.replace("{", "").replace("}", "")


def _mathematics(body: str, before: str = "") -> str:
    """A formula on one line, with indices joined to their base and a caret before exponents.

    The base of the first exponent may be the character before the formula: 10$^5$.
    """
    text = _ALIGNMENT.sub(" ", body)
    if "\\" in text:
        text = _expanded(text, _formula_command)
    text = _SCRIPT.sub(r"\1", _BLANKS_IN_GROUP.sub(lambda match: match[0].strip(), text))
    text = text.replace("{", "").replace("}", "")
    if text[:1] == "^" and before.isalnum():
        return _LOWER.sub("", _UPPER.sub("", before + text))[1:].strip()
    return _LOWER.sub("", _UPPER.sub("", text)).strip()


def _expanded(text: str, command: Callable[[re.Match[str]], str]) -> str:
    """Commands replaced by what they print; groups keep their braces."""
    text = _UNICODE.sub(_character, _SILENT.sub("", text))
    text = _ACCENT.sub(_accented, text)
    return _COMMAND.sub(command, _repeated(_FRACTION, r"\1/\2", text))


def _repeated(pattern: re.Pattern[str], replacement: str, text: str) -> str:
    """From the inside out, as deep as authors nest groups; deeper is not text but an attack on the clock."""
    for _ in range(_DEPTH):
        text, count = pattern.subn(replacement, text)
        if not count:
            break
    return text


def _formula_command(match: re.Match[str]) -> str:
    """In a formula blanks after a symbol mean nothing, and words must not run into what follows."""
    name, _, escaped = match.groups()
    if name is None:
        return _escaped(escaped)
    printed = _printed(name)
    if printed is not None:
        return printed
    following = match.string[match.end() : match.end() + 1]
    return f"{name} " if following.isalnum() or following == "\\" else name


def _prose_command(match: re.Match[str]) -> str:
    """Between formulas a blank after a command was meant to be one, except after a change of style."""
    name, blanks, escaped = match.groups()
    if name is None:
        return _escaped(escaped)
    printed = _printed(name)
    if printed == "":
        return ""
    return (name if printed is None else printed) + (" " if blanks else "")


def _printed(name: str) -> str | None:
    """What a known command prints."""
    return "" if name in STYLES else SYMBOLS.get(name) or LETTERS.get(name)


def _escaped(character: str | None) -> str:
    if character is None:
        return ""
    if character.isalnum():
        return f" {character}"
    return ESCAPED.get(character, character)


def _short_script(match: re.Match[str]) -> str:
    """An index or exponent outside any formula."""
    kind, content = match[1], match[2].strip()
    signed = content[:1] in tuple(SIGNS)
    numeric = content.lstrip(SIGNS)[:1].isdigit()
    if kind == "^":
        return (
            f"^{content}" if numeric and match.string[max(match.start() - 1, 0) : match.start()].isalnum() else content
        )
    return f"_{content}" if signed and numeric else content


def _accented(match: re.Match[str]) -> str:
    letter = (match[3] or match[4]).lstrip("\\")
    return unicodedata.normalize("NFC", letter + ACCENTS[match[1] or match[2]])


def _character(match: re.Match[str]) -> str:
    code = int(match[1], 16) if match[1] else int(match[2])
    return chr(code) if code < 0x110000 else ""
