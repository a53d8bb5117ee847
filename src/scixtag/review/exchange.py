"""Decisions in files: which kind a file is, and where each is written and read."""

import json
from pathlib import Path
from typing import Literal

from scixtag.errors import InputError
from scixtag.review.exchange_jsonl import FORMAT
from scixtag.review.exchange_tsv import is_decisions

Kind = Literal["papers", "bibcodes", "decisions", "review"]


def kind_of(source: str) -> Kind:
    """What a SOURCE holds: papers; bibcodes; SciX's TSV of decisions; or JSON Lines of `scixtag review export`.

    Raises:
        InputError: It is a file that cannot be read.
    """
    path = Path(source)
    if path.suffix == ".txt":
        return "bibcodes"
    if not path.is_file() or path.suffix not in (".tsv", ".jsonl"):
        return "papers"
    try:
        with path.open("rb") as stream:
            first = stream.readline(1 << 20).decode("utf-8", "replace").removeprefix("\ufeff")
    except OSError as error:
        raise InputError(f"{source}: cannot be read ({error.strerror})") from error
    if path.suffix == ".tsv":
        return "decisions" if is_decisions(first) else "papers"
    return "review" if _is_review(first) else "papers"


def _is_review(line: str) -> bool:
    # A paper with its events may be longer than what was read of it; its head says what it is.
    if line.startswith(f'{{"format": "{FORMAT}"'):
        return True
    try:
        document = json.loads(line)
    except ValueError:
        return False
    return isinstance(document, dict) and document.get("format") == FORMAT
