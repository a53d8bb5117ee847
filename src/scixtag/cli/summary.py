"""An evaluation on a terminal: the protocol's table, and recall and F1 by band."""

from pathlib import Path

import click

from scixtag.cli.console import show_table
from scixtag.evaluation.bootstrap import Interval
from scixtag.evaluation.report import Report

SHOWN = (
    *("p@1", "p@3", "p@5", "r@1", "r@3", "r@5", "ndcg@5", "ndcg@10", "psp@5", "sample_f1@5"),
    *("micro_precision", "micro_recall", "micro_f1", "macro_f1", "macro_f1_all", "sample_f1"),
    *("h_precision", "h_recall", "h_f1", "subset_accuracy", "mean_set_size"),
    *("ece", "ece@10", "brier", "brier@10"),
)
"""Those of probabilities are left out where the scores are none."""


def publish(report: Report, folder: Path | None, *, quiet: bool, labels: bool = False) -> None:
    """Write the report's folder, if one is named, and print the tables, if anybody is to see them."""
    from scixtag.evaluation.report_files import write_report

    if folder is not None:
        write_report(report, folder)
    if quiet:
        return
    show_report(report)
    if labels:
        click.echo(report.labels_text())
    if folder is not None:
        click.echo(f"report: {folder / 'report.html'}")


def show_report(report: Report) -> None:
    """Print the tables."""
    counts = report.denominators
    title = (
        f"{report.system['model']}: {counts.papers:,} papers, {counts.gold:,} labels "
        f"({counts.never_seen:,} never seen in training, {counts.outside:,} outside the vocabulary), "
        f"{counts.scoreable_concepts:,} scoreable concepts, {report.system['training_papers']:,} training papers"
    )
    rows = [
        (name, report.metrics[name].value, _range(report.metrics[name])) for name in SHOWN if name in report.metrics
    ]
    show_table(title, ("metric", "value", "95 % interval"), rows)
    bands = [
        (f"{scheme.name}: {band.name}", band.size.concepts, band.size.gold, *map(_value, band.metrics.values()))
        for scheme in report.schemes
        for band in scheme.bands
    ]
    names = report.schemes[0].bands[0].metrics
    show_table("By number of training papers", ("band", "concepts", "labels", *names), bands)


def _range(interval: Interval) -> str:
    return f"{interval.low:.3f} to {interval.high:.3f}"


def _value(interval: Interval | None) -> str:
    return "-" if interval is None else f"{interval.value:.3f}"
