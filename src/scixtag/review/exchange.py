"""Decisions in files: which kind a file is, and where each is written and read."""

import json
from pathlib import Path
from typing import Literal

from scixtag.errors import InputError
from scixtag.files import check_new_file
from scixtag.review.decision_rows import is_decisions, is_nearly
from scixtag.review.exchange_jsonl import FORMAT

Kind = Literal["papers", "bibcodes", "decisions", "review"]


def kind_of(source: str, *, titled: bool = False) -> Kind:
    """What a SOURCE holds: papers; bibcodes; SciX's TSV of decisions; or JSON Lines of `scixtag review export`.

    A table that is nearly one of decisions is taken for one, so that its reader says what is wrong.

    Args:
        source: A file, or any SOURCE of papers.
        titled: Somebody has named the column of the titles, so that it can only be papers.

    Raises:
        InputError: It is a file that cannot be read.
    """
    path = Path(source)
    if path.suffix == ".txt":
        return "bibcodes"
    if titled or not path.is_file() or path.suffix not in (".tsv", ".csv", ".jsonl"):
        return "papers"
    first = _first_line(path)
    if path.suffix != ".jsonl":
        return "decisions" if is_decisions(first) or is_nearly(first) else "papers"
    return "review" if _is_review(first) else "papers"


def check_output(output: Path, *, overwrite: bool) -> None:
    """Refuse an output of an export, before any work, that would replace something else.

    Curators write into tables, so that even a file of an earlier export is replaced only by who says so.

    Args:
        output: A .tsv or .jsonl.
        overwrite: Replace a file of an earlier export.

    Raises:
        InputError: A folder is there, or a file, which no export wrote or `overwrite` does not allow to be replaced.
    """
    check_new_file(output, output.suffix)
    if not output.is_file() or not output.stat().st_size:
        return
    first = _first_line(output)
    if not (is_decisions(first) if output.suffix == ".tsv" else _is_review(first)):
        raise InputError(
            f"{output}: a file that no export of decisions wrote is not replaced; choose another name, or remove it"
        )
    if not overwrite:
        raise InputError(f"{output}: the file exists; choose another --output or pass --overwrite")


def _first_line(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            return stream.readline(1 << 20).decode("utf-8", "replace").removeprefix("\ufeff")
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error


def _is_review(line: str) -> bool:
    # A paper with its events may be longer than what was read of it; its head says what it is.
    if line.startswith(f'{{"format": "{FORMAT}"'):
        return True
    try:
        document = json.loads(line)
    except ValueError:
        return False
    return isinstance(document, dict) and document.get("format") == FORMAT
