"""A report's files."""

import csv
import json
from dataclasses import asdict
from pathlib import Path

from scixtag.evaluation.labels import LabelRow
from scixtag.evaluation.report import Report
from scixtag.evaluation.report_markdown import markdown
from scixtag.evaluation.report_page import page
from scixtag.files import strangers, writing_folder

FILES = ("labels.csv", "labels.txt", "report.html", "report.json", "report.md")


def write_report(report: Report, folder: Path) -> None:
    """Write the folder of `FILES` whole or not at all; an earlier report is replaced.

    Raises:
        InputError: The folder holds something else than a report.
    """
    with writing_folder(folder, foreign=foreign_content, overwrite=True) as draft:
        texts = {
            "report.json": json.dumps(report.to_document(), indent=2, ensure_ascii=False) + "\n",
            "report.md": markdown(report),
            "report.html": page(report),
            "labels.txt": report.labels_text(),
        }
        for name, text in texts.items():
            (draft / name).write_text(text, encoding="utf-8")
        with (draft / "labels.csv").open("w", encoding="utf-8", newline="") as stream:
            table = csv.DictWriter(stream, fieldnames=list(LabelRow.__dataclass_fields__), lineterminator="\n")
            table.writeheader()
            table.writerows(asdict(row) for row in report.labels)


def foreign_content(folder: Path) -> str:
    """Why a folder may not be replaced by a report: it holds something else; empty if it may."""
    strange = strangers(folder, FILES)
    return f"it holds {strange}, which no report has" if strange else ""
