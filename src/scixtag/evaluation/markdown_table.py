"""A Markdown table."""

import re
from collections.abc import Sequence

_CONTROL = re.compile(r"[\x00-\x1f\x7f\x80-\x9f]+")
_TAG = re.compile(r"<(?=[A-Za-z/!])")


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """The rows under their heads; bars and tags in a cell are escaped, line breaks and control characters blanks."""

    def line(cells: Sequence[str]) -> str:
        return "| " + " | ".join(map(_inert, cells)) + " |"

    return "\n".join([line(heads), "|" + "---|" * len(heads), *map(line, rows)])


def _inert(cell: str) -> str:
    return _TAG.sub("&lt;", _CONTROL.sub(" ", cell.replace("|", "\\|")))
