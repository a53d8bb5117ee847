"""A report's files."""

import csv
from dataclasses import asdict
from pathlib import Path

from scixtag.evaluation.labels import LabelRow
from scixtag.evaluation.report import Report
from scixtag.evaluation.report_markdown import markdown
from scixtag.evaluation.report_page import page
from scixtag.files import write_json, writing


def write_report(report: Report, folder: Path) -> None:
    """Write `report.json`, `report.md`, `report.html`, `labels.csv` and `labels.txt`, each whole or not at all."""
    texts = {"report.md": markdown(report), "report.html": page(report), "labels.txt": report.labels_text()}
    for name, text in texts.items():
        with writing(folder / name) as stream:
            stream.write(text)
    with writing(folder / "labels.csv") as stream:
        table = csv.DictWriter(stream, fieldnames=list(LabelRow.__dataclass_fields__), lineterminator="\n")
        table.writeheader()
        table.writerows(asdict(row) for row in report.labels)
    write_json(folder / "report.json", report.to_document())
