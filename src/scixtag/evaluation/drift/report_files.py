"""A drift report's files."""

import json
from pathlib import Path

from scixtag.evaluation.drift.report import DriftReport
from scixtag.evaluation.drift.report_page import markdown, page
from scixtag.files import strangers, writing_folder

FILES = ("drift.html", "drift.json", "drift.md")


def write_report(report: DriftReport, folder: Path) -> None:
    """Write the folder of `FILES` whole or not at all; an earlier drift report is replaced.

    Raises:
        InputError: The folder holds something else.
    """
    with writing_folder(folder, foreign=foreign_content, overwrite=True) as draft:
        texts = {
            "drift.json": json.dumps(report.to_document(), indent=2, ensure_ascii=False) + "\n",
            "drift.md": markdown(report),
            "drift.html": page(report),
        }
        for name, text in texts.items():
            (draft / name).write_text(text, encoding="utf-8")


def foreign_content(folder: Path) -> str:
    """Why a folder may not be replaced by a drift report: it holds something else; empty if it may."""
    strange = strangers(folder, FILES)
    return f"it holds {strange}, which no drift report has" if strange else ""
