"""A benchmark and a comparison on a terminal."""

import click

from scixtag.cli.console import show_table
from scixtag.workflows.benchmark.results import Benchmark
from scixtag.workflows.benchmark.tables import detectable, extra_columns, failure_rows, number, signed_span, span
from scixtag.workflows.compare import Comparison

_SHOWN = ("p@1", "p@5", "r@5", "sample_f1@5", "ndcg@10", "micro_f1", "macro_f1")


def show(result: Benchmark) -> None:
    """The main numbers, and what failed."""
    names = [*_SHOWN, *extra_columns(result)]
    rows = []
    for one in result.finished:
        found = one.metrics or {}
        seconds = (one.cost or {})["training_seconds"]
        told = [number(found[name].value, name) if name in found else "–" for name in names]
        rows.append((one.name, *told, f"{seconds:,.1f}"))
    papers = result.protocol["papers judged"]
    show_table(f"{papers:,} papers judged", ("system", *names, "training, s"), rows)
    failed = failure_rows(result)
    if failed:
        show_table("Systems without numbers", ("system", "why"), failed)
    for remark in result.remarks:
        click.echo(remark)


def show_comparison(result: Comparison) -> None:
    """Metric by metric: the values, the differences, and what the papers can show."""
    rows = []
    for row in result.rows:
        value = f"{number(row.value.value, row.metric)} ({span(row.value, row.metric)})"
        if row.difference is None:
            rows.append((row.metric, row.run, value, "", "", ""))
            continue
        found = row.difference
        told = (f"{found.value:+.4f}", signed_span(found, row.metric), detectable(found, row.metric))
        rows.append(("", row.run, value, *told))
    header = ("metric", "run", "value", f"less {result.runs[0]}", "95 % interval", "smallest to be shown")
    show_table(f"{result.papers:,} papers", header, rows)
    for note in result.notes:
        click.echo(note)
