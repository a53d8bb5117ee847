"""A self-contained HTML page from sections of text, facts, tables and charts.

The page needs no network and no other file, follows the reader's light or dark setting, and is whole without
JavaScript; with it, tables sort, long ones can be searched, and what is folded is printed.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from jinja2 import Template

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]")
SEARCHABLE = 25
"""Tables with more rows than this get a search box."""
MARK = b'<meta name="generator" content="scixtag">'
"""Near the top of every page."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A text with the number that it sorts by; it may have several lines."""

    text: str
    value: float


Value = str | int | float | Cell | None
"""What a table or a list of facts holds; None is shown as a dash."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its name, the decimals of its fractions, and a note that explains it."""

    name: str
    digits: int = 3
    note: str = ""


@dataclass(frozen=True)
class Text:
    """Paragraphs of plain text."""

    paragraphs: Sequence[str]
    kind: ClassVar[str] = "text"


@dataclass(frozen=True)
class Facts:
    """Names and what they stand for."""

    entries: Sequence[tuple[str, Value]]
    kind: ClassVar[str] = "facts"


@dataclass(frozen=True)
class Table:
    """Rows under columns; the first column names the row."""

    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Value]]
    kind: ClassVar[str] = "table"

    @property
    def searchable(self) -> bool:
        """Whether the table is too long to be taken in at a glance."""
        return len(self.rows) > SEARCHABLE


@dataclass(frozen=True)
class Chart:
    """A chart of `scixtag.pages.chart`, which is put into the page as it is, and what it shows."""

    svg: str
    caption: str
    kind: ClassVar[str] = "chart"


@dataclass(frozen=True)
class Details:
    """Parts that stay folded under a line of text until the reader opens them, or prints the page."""

    summary: str
    parts: Sequence["Part"]
    kind: ClassVar[str] = "details"


Part = Text | Facts | Table | Chart | Details


@dataclass(frozen=True)
class Section:
    """Parts under a heading."""

    title: str
    parts: Sequence[Part]


def render(title: str, sections: Sequence[Section], *, summary: str = "", warning: str = "") -> str:
    """The whole page.

    Args:
        title: Of the page; its first heading.
        sections: In order of reading; with more than two, the page begins with links to them.
        summary: A sentence or two below the title.
        warning: What the reader must know before believing anything below; stands out.
    """
    html = _template().render(title=title, sections=sections, summary=summary, warning=warning)
    return _FORBIDDEN.sub(_picture, html)


def _picture(found: re.Match[str]) -> str:
    """A visible sign for a character that HTML forbids: its control picture, or the sign of a lost one."""
    code = ord(found[0])
    return chr(0x2400 + code) if code < 0x20 else "\u2421" if code == 0x7F else "\ufffd"


def shown(value: Value, digits: int | None = None) -> str:
    """A value as the page writes it: 12,345 or 0.417, and a dash where there is none.

    Without `digits`, a fraction has as many decimals as it needs, at most three.
    """
    if value is None:
        return "–"
    if isinstance(value, Cell):
        return value.text
    if isinstance(value, bool | str):
        return str(value)
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:,.3f}".rstrip("0").rstrip(".") if digits is None else f"{value:,.{digits}f}"


def sort_value(value: Value) -> float | None:
    """The number that a cell sorts by; None for text and for a dash."""
    if isinstance(value, Cell):
        return value.value
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


@cache
def _template() -> "Template":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("scixtag.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"shown": shown, "sort_value": sort_value}
    return environment.get_template("page.html")
