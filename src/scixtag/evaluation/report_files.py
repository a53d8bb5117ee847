"""A report's files."""

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from scixtag.evaluation.audit import Audit, AuditRow
from scixtag.evaluation.labels import LabelRow
from scixtag.evaluation.report import Report
from scixtag.evaluation.report_markdown import markdown
from scixtag.evaluation.report_page import page
from scixtag.files import strangers, writing_folder

FILES = ("audit.csv", "labels.csv", "labels.txt", "report.html", "report.json", "report.md")
DECISION = "decision"
"""The column of `audit.csv` that is left to a curator."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
AUDIT_COLUMNS = (*AuditRow.__dataclass_fields__, DECISION)


def write_report(report: Report, folder: Path) -> None:
    """Write the folder of `FILES` whole or not at all; an earlier report is replaced.

    Raises:
        InputError: The folder holds something else than a report, or a curator's work on one.
    """
    with writing_folder(folder, foreign=foreign_content, overwrite=True) as draft:
        texts = {
            "report.json": json.dumps(report.to_document(), indent=2, ensure_ascii=False) + "\n",
            "report.md": markdown(report),
            "report.html": page(report),
            "labels.txt": report.labels_text(),
        }
        for name, text in texts.items():
            (draft / name).write_text(text, encoding="utf-8", errors="backslashreplace")
        _write_table(draft / "labels.csv", tuple(LabelRow.__dataclass_fields__), map(asdict, report.labels))
        if report.audit is not None:
            _write_table(draft / "audit.csv", AUDIT_COLUMNS, _audit(report.audit))


def foreign_content(folder: Path) -> str:
    """Why a folder may not be replaced by a report: it holds something else, or a curator's work; empty if it may."""
    strange = strangers(folder, FILES)
    return f"it holds {strange}, which no report has" if strange else _work_in(folder / "audit.csv")


def _audit(audit: Audit) -> Iterable[Mapping[str, object]]:
    for row in audit.rows:
        told = {"probability": f"{row.probability:.4f}", "labels": "; ".join(row.labels), DECISION: ""}
        yield {name: _inert(value) for name, value in (asdict(row) | told).items()}


def _inert(value: object) -> object:
    """A text that a spreadsheet would take for a formula, behind an apostrophe, which makes it one no more."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _work_in(path: Path) -> str:
    """What a curator has done in an audit, which nobody wants to lose; empty if nothing."""
    if not path.is_file():
        return ""
    try:
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as stream:
            table = csv.DictReader(stream)
            # A spreadsheet may have saved it in a way of its own.
            changed = tuple(table.fieldnames or ()) != AUDIT_COLUMNS
            decided = sum(bool((row.get(DECISION) or "").strip()) for row in table)
    except csv.Error:
        changed, decided = True, 0
    if decided:
        return f"its {path.name} holds {decided:,} decision{'s' if decided > 1 else ''} of a curator"
    return f"somebody has changed its {path.name}" if changed else ""


def _write_table(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> None:
    with path.open("w", encoding="utf-8", errors="backslashreplace", newline="") as stream:
        table = csv.DictWriter(stream, fieldnames=columns, lineterminator="\n")
        table.writeheader()
        table.writerows(rows)
