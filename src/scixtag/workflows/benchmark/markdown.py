"""A benchmark as Markdown tables."""

from collections.abc import Iterator, Sequence

from scixtag.evaluation.bootstrap import Interval
from scixtag.evaluation.markdown_table import table
from scixtag.workflows.benchmark import tables
from scixtag.workflows.benchmark.published import CAVEATS
from scixtag.workflows.benchmark.results import COST_COLUMNS, SET_COLUMNS, Benchmark, SystemResult


def markdown(benchmark: Benchmark) -> str:
    """The main tables, differences and costs."""
    return "\n\n".join(_blocks(benchmark)) + "\n"


def _blocks(benchmark: Benchmark) -> Iterator[str]:
    yield "# Benchmark"
    yield table(["", ""], [[name, str(value)] for name, value in benchmark.protocol.items()])
    yield (
        f"Brackets hold {benchmark.level:.0%} intervals from {benchmark.replicates:,} bootstrap resamples of papers "
        f"(seed {benchmark.seed}). True labels that training never showed, or that the vocabulary does not hold, count "
        "as missed."
    )
    yield from (f"**{remark}**" for remark in benchmark.remarks)
    failed = tables.failure_rows(benchmark)
    if failed:
        yield table(["system without numbers", "why"], [list(row) for row in failed])
    for title, metrics in (("The ranking", tables.ranking_columns(benchmark)), ("The decided sets", SET_COLUMNS)):
        yield f"## {title}"
        yield _main(benchmark, metrics)
    if any(one.spread for one in benchmark.finished):
        yield tables.SPREAD_NOTE
    yield "\n".join(f"- `{name}`: {meaning}" for name, meaning in tables.meanings(benchmark.metrics).items())
    yield from _differences(benchmark)
    yield "## By training frequency"
    yield _bands(benchmark)
    yield "## Cost"
    yield _costs(benchmark)
    yield tables.COST_NOTE
    yield from _learning(benchmark)
    if benchmark.official:
        yield from CAVEATS


def _main(benchmark: Benchmark, metrics: Sequence[str]) -> str:
    rows = []
    for one in benchmark.finished:
        cells = [_value((one.metrics or {}).get(metric), metric, tables.spread_of(one, metric)) for metric in metrics]
        rows.append([one.name, *cells, *_source(one, metrics)])
    for name, values in tables.published_rows(benchmark, metrics):
        if any(value is not None for value in values):
            cells = ["" if v is None else tables.number(v, m) for v, m in zip(values, metrics, strict=True)]
            rows.append([f"*published:* {name}", *cells, *([""] if metrics == SET_COLUMNS else [])])
    return table(["system", *metrics, *(["threshold source"] if metrics == SET_COLUMNS else [])], rows)


def _source(one: SystemResult, metrics: Sequence[str]) -> list[str]:
    """Sets are nothing without the papers on which the decision rule was fitted."""
    return [str((one.decisions or {})["threshold source"])] if metrics == SET_COLUMNS else []


def _value(found: Interval | None, metric: str, spread: str = "") -> str:
    if found is None:
        return "–"
    return f"{tables.number(found.value, metric)} ({tables.span(found, metric)}) {spread}".rstrip()


def _learning(benchmark: Benchmark) -> Iterator[str]:
    curves = [one for one in benchmark.finished if one.learning]
    if not curves:
        return
    yield "## Learning curves"
    sizes = [f"{point.training_papers:,.0f} papers" for point in curves[0].learning]
    for metric in tables.LEARNED:
        rows = [[one.name, *(_value(point.metrics[metric], metric) for point in one.learning)] for one in curves]
        yield table([metric, *sizes], rows)


def _differences(benchmark: Benchmark) -> Iterator[str]:
    compared = [one for one in benchmark.finished if one.differences]
    if not compared:
        return
    yield f"## Differences from {benchmark.against}"
    rows = []
    for one in compared:
        for metric, found in (one.differences or {}).items():
            cells = [f"{found.value:+.{tables.digits_of(metric)}f}", tables.signed_span(found, metric)]
            cells.append(tables.detectable(found, metric))
            rows.append([one.name, metric, *cells, tables.verdict(found)])
    yield table(["system", "metric", "difference", "interval", "smallest that these papers can show", ""], rows)
    yield tables.DIFFERENCE_NOTE


def _bands(benchmark: Benchmark) -> str:
    bands = list(benchmark.finished[0].bands or {})
    header = ["system", *(f"{name}, {band}" for name in ("r@5", "macro_f1") for band in bands)]
    rows = []
    for one in benchmark.finished:
        found = [(one.bands or {})[band][name] for name in ("r@5", "macro_f1") for band in bands]
        rows.append([one.name, *("" if i is None else f"{i.value:.3f} ({tables.span(i, '')})" for i in found)])
    return table(header, rows)


def _costs(benchmark: Benchmark) -> str:
    rows = []
    for one in benchmark.finished:
        costs = [tables.cost(one, name) for name in COST_COLUMNS]
        rows.append([one.name, *costs, *(str(value) for value in tables.decisions(one).values())])
    header = ["system", *(tables.COST_NAMES[name] for name in COST_COLUMNS), *tables.decisions(benchmark.finished[0])]
    return table(header, rows)
