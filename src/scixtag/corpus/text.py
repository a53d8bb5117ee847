"""HTML, LaTeX, entities and odd blanks to plain text."""

from typing import NamedTuple

from scixtag.corpus.characters import one_spelling, printable
from scixtag.corpus.latex import has_latex, latex_to_text
from scixtag.corpus.markup import strip_tags, unescape
from scixtag.corpus.record import Record


class Text(NamedTuple):
    """The cleaned text of one paper; what every model reads."""

    title: str
    abstract: str

    @property
    def joined(self) -> str:
        """Title and abstract as one text."""
        return f"{self.title}. {self.abstract}" if self.title and self.abstract else self.title or self.abstract


def text_of(record: Record) -> Text:
    """The cleaned text of a record."""
    return Text(clean(record.title), clean(record.abstract or ""))


def clean(raw: str) -> str:
    r"""Plain text without markup, for models and for people.

    Entities are resolved twice (publishers escape what was escaped), tags and LaTeX go, characters are brought to
    Unicode NFKC. Composed, not decomposed (NFKD): accents stay readable, and a model that folds them can still do so.

    Two spellings of one thing become one, whether the source wrote it as HTML, LaTeX or Unicode: indices join their
    base (H<SUB>2</SUB>O and $H_2O$ are H2O), numeric exponents keep a caret (10^12), Greek letters that stand as
    symbols are spelled out as thesauri do (γ-ray, $\gamma$-ray: gamma-ray), M⊙ and $M_\odot$ are M_sun.

    Never raises. Text without markup comes back unchanged, but for its blanks.
    """
    text = raw
    if "&" in text:
        text = unescape(unescape(text))
    if "<" in text:
        text = strip_tags(text)
    if has_latex(text):
        text = latex_to_text(text)
    if not text.isascii():
        text = one_spelling(text)
    return printable(text)
