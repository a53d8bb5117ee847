"""Texts as every database can hold them, and moments as text."""

import datetime
import re

from scixtag.corpus.characters import first_unseen
from scixtag.corpus.text import clean
from scixtag.errors import InputError
from scixtag.vocabulary.search import unaccented

LONGEST_NAME = 200
"""Characters of a name or a key."""

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def storable(text: str) -> str:
    """Without what no database takes, NUL and half characters: each becomes the sign for a broken character."""
    return _UNSTORABLE.sub("\ufffd", text)


def checked_name(text: str, what: str) -> str:
    """A name that can be stored, compared, and shown in one line: two that look alike are to be one.

    Raises:
        InputError: It is empty, too long, or holds characters that nobody sees.
    """
    if not text.strip() or text != text.strip():
        raise InputError(f"{what} '{storable(text)}': write a name without blanks around it")
    if len(text) > LONGEST_NAME:
        raise InputError(f"{what}: {len(text):,} characters; at most {LONGEST_NAME} are kept")
    if told := unseen_in(text):
        raise InputError(f"{what}: {told}")
    return text


def unseen_in(text: str) -> str:
    """What to say of a character that nobody sees; empty if there is none."""
    found = first_unseen(text)
    return "" if found is None else f"holds the character U+{ord(found):04X}, which nobody sees; leave it out"


def sought_in(title: str, paper: str) -> str:
    """What the queue's search looks at: a title as people see it, and an id; without accents and upper case."""
    return storable(f"{_plain(clean(title))}\n{_plain(paper)}")


def spellings(part: str) -> frozenset[str]:
    """How what is looked for may stand there: as it is, and without markup, which titles lose; none if it is empty.

    `H<sub>2</sub>O` and `H2O` are the same, and `a_b` may be a part of an id.
    """
    return frozenset(storable(_plain(one)) for one in (part, clean(part))) - {""}


def _plain(text: str) -> str:
    return " ".join(unaccented(text).split())


def now() -> datetime.datetime:
    """This moment, UTC."""
    return datetime.datetime.now(datetime.UTC)


def moment(when: datetime.datetime) -> str:
    """As stored: UTC, ISO 8601 with microseconds, so that texts sort as moments do."""
    return when.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
