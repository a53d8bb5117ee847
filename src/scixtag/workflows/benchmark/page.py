"""A benchmark as one HTML page that needs no network."""

from collections.abc import Iterator, Mapping, Sequence

from scixtag.evaluation.bootstrap import Difference, Interval
from scixtag.evaluation.report_errors_page import error_sections
from scixtag.pages import chart
from scixtag.pages.page import Cell, Chart, Column, Facts, Part, Section, Table, Text, Value, render
from scixtag.workflows.benchmark import tables
from scixtag.workflows.benchmark.curves_page import QUALITY, coverage, curves, probabilities, shown, which
from scixtag.workflows.benchmark.published import CAVEATS
from scixtag.workflows.benchmark.results import COST_COLUMNS, SET_COLUMNS, Benchmark, SystemResult
from scixtag.workflows.runs import folder_name


def page(benchmark: Benchmark) -> str:
    """The whole page."""
    summary = (
        f"{len(benchmark.finished)} systems on the same {benchmark.protocol['papers judged']:,} papers. Intervals are "
        f"{benchmark.level:.0%} intervals from {benchmark.replicates:,} bootstrap resamples of papers "
        f"(seed {benchmark.seed})."
    )
    sections = [
        Section("The protocol", list(_protocol(benchmark))),
        Section(
            "The ranking", list(_main(benchmark, "Metrics of the ranked candidates", tables.ranking_columns(benchmark)))
        ),
        Section("The decided sets", list(_main(benchmark, "Metrics at each system's own decision rule", SET_COLUMNS))),
    ]
    if any(one.differences for one in benchmark.finished):
        sections.append(Section(f"Differences from {benchmark.against}", list(_differences(benchmark))))
    sections += [
        Section("Precision and recall", list(curves(benchmark))),
        Section("The probabilities", list(probabilities(benchmark))),
        Section("Risk against coverage", list(coverage(benchmark))),
        Section("By training frequency", list(_bands(benchmark))),
        Section("What it costs", list(_costs(benchmark))),
    ]
    if any(one.learning for one in benchmark.finished):
        sections.append(Section("Learning curves", list(_learning(benchmark))))
    sections.append(Section("By concept", [_labels(benchmark)]))
    best = shown(benchmark)[0].name
    sections += [
        Section(f"{section.title}: {best}", section.parts) for section in error_sections(benchmark.reports[best])
    ]
    return render("Benchmark", sections, summary=summary, warning=" ".join(benchmark.remarks))


def _protocol(benchmark: Benchmark) -> Iterator[Part]:
    yield Facts(list(benchmark.protocol.items()))
    yield Text(
        [
            "True labels that no training paper carries, or that the vocabulary does not hold, count as missed. "
            "Averages named macro are over the concepts that a judged paper carries.",
            *(CAVEATS if benchmark.official else ()),
        ]
    )
    folders = ", ".join(f"systems/{folder_name(one.name)}" for one in benchmark.finished)
    best = shown(benchmark)[0].name
    yield Text(
        [
            f"Beside this page, the whole report of each system, concept by concept: {folders}; each holds audit.csv, "
            f"the label audit as a table. The last sections are those of {best}, the best by {QUALITY}."
        ]
    )
    failed = tables.failure_rows(benchmark)
    if failed:
        yield Table("Systems without numbers", [Column("system"), Column("why")], [list(row) for row in failed])
    noted = [(one.name, note) for one in benchmark.systems for note in one.notes]
    if noted:
        yield Table("What trainings had to say", [Column("system"), Column("note")], [list(row) for row in noted])


def _main(benchmark: Benchmark, caption: str, metrics: Sequence[str]) -> Iterator[Part]:
    rows: list[list[Value]] = [
        [one.name, *(_measured(one, metric) for metric in metrics)] for one in benchmark.finished
    ]
    for name, values in tables.published_rows(benchmark, metrics):
        if any(value is not None for value in values):
            rows.append([f"published: {name}", *values])
    meanings = tables.meanings(metrics)
    columns = [Column("system"), *(Column(metric, note=meanings.get(metric, "")) for metric in metrics)]
    if metrics == SET_COLUMNS:
        columns.append(Column("threshold source", note="on which papers the decision rule was fitted"))
        rows = [
            [*row, str((one.decisions or {})["threshold source"])]
            for row, one in zip(rows, benchmark.finished, strict=True)
        ]
    yield Table(caption, columns, rows)
    if any(one.spread for one in benchmark.finished):
        yield Text([tables.SPREAD_NOTE])


def _measured(one: SystemResult, metric: str) -> Cell | None:
    found = (one.metrics or {}).get(metric)
    if found is None:
        return None
    lines = (tables.number(found.value, metric), tables.span(found, metric), tables.spread_of(one, metric))
    return Cell("\n".join(filter(None, lines)), found.value)


def _differences(benchmark: Benchmark) -> Iterator[Part]:
    compared = [one for one in benchmark.finished if one.differences]
    yield Text([tables.DIFFERENCE_NOTE])
    columns = [Column("metric"), *(Column(one.name) for one in compared)]
    rows: list[list[Value]] = [
        [metric, *(_difference((one.differences or {}).get(metric), metric) for one in compared)]
        for metric in benchmark.metrics
    ]
    yield Table(
        f"By how much each system exceeds {benchmark.against}, with the interval; in brackets the smallest difference "
        "that these papers can show",
        columns,
        rows,
    )


def _difference(found: Difference | None, metric: str) -> Cell | None:
    if found is None:
        return None
    value = f"{found.value:+.{tables.digits_of(metric)}f}"
    return Cell(f"{value}\n{tables.signed_span(found, metric)} ({tables.detectable(found, metric)})", found.value)


def _bands(benchmark: Benchmark) -> Iterator[Part]:
    names = list(benchmark.finished[0].bands or {})
    for metric, meaning in (("r@5", "recall of the top five"), ("macro_f1", "F1, mean over concepts")):
        columns = [Column("system"), *(Column(name) for name in names)]
        rows: list[list[Value]] = [
            [one.name, *(_interval((one.bands or {})[name][metric]) for name in names)] for one in benchmark.finished
        ]
        yield Table(f"{meaning}, by the number of training papers that carry a concept", columns, rows)
        filled = [name for name in names if all((one.bands or {})[name][metric] for one in benchmark.finished)]
        bars = {one.name: _bars((one.bands or {}), filled, metric) for one in shown(benchmark)}
        description = "; ".join(
            f"{name}: " + ", ".join(f"{band} {height:.3f}" for band, height in zip(filled, group.heights, strict=True))
            for name, group in bars.items()
        )
        svg = chart.bars(
            f"{meaning} by training frequency",
            description,
            filled,
            bars,
            x_label="training papers of the concept",
            y_label=meaning,
        )
        yield Chart(svg, f"{meaning.capitalize()}, by training frequency, with intervals.{which(benchmark)}")


def _bars(bands: Mapping[str, Mapping[str, Interval | None]], names: Sequence[str], metric: str) -> chart.Bars:
    found = [interval for name in names if (interval := bands[name][metric])]
    return chart.Bars([i.value for i in found], [i.low for i in found], [i.high for i in found])


def _interval(found: Interval | None) -> Cell | None:
    return None if found is None else Cell(f"{found.value:.3f}\n{tables.span(found, '')}", found.value)


def _costs(benchmark: Benchmark) -> Iterator[Part]:
    yield Text([tables.COST_NOTE])
    columns = [Column("system"), *(Column(tables.COST_NAMES[name], 1) for name in COST_COLUMNS)]
    columns += [Column(name) for name in tables.decisions(benchmark.finished[0])]
    rows: list[list[Value]] = []
    for one in benchmark.finished:
        cost: list[Value] = [(one.cost or {})[name] for name in COST_COLUMNS]
        rows.append([one.name, *cost, *tables.decisions(one).values()])
    yield Table("Time, memory and decision", columns, rows)
    # Best first, so that a system has the same colour in all charts.
    for column, label in (("training_seconds", "training, seconds"), ("peak_memory_mb", "peak memory, MB")):
        points = {
            one.name: chart.Dot(max((one.cost or {})[column], 1e-3), (one.metrics or {})[QUALITY].value)
            for one in tables.best_systems(benchmark, len(benchmark.finished), QUALITY)
        }
        description = "; ".join(f"{name}: {point.x:,.3g}, {QUALITY} {point.y:.3f}" for name, point in points.items())
        svg = chart.dots(
            f"{QUALITY} against {label}", description, points, x_label=label, y_label=QUALITY, logarithmic=True
        )
        yield Chart(svg, f"{QUALITY} against {label}.")


def _learning(benchmark: Benchmark) -> Iterator[Part]:
    for metric in tables.LEARNED:
        lines = {
            one.name: chart.Line(
                [point.training_papers for point in one.learning],
                [point.metrics[metric].value for point in one.learning],
                [point.metrics[metric].low for point in one.learning],
                [point.metrics[metric].high for point in one.learning],
            )
            for one in shown(benchmark)
            if one.learning
        }
        description = "; ".join(f"{name}: from {line.y[0]:.3f} to {line.y[-1]:.3f}" for name, line in lines.items())
        svg = chart.lines(
            f"{metric} by training papers",
            description,
            lines,
            x_label="training papers",
            y_label=metric,
            y_from_zero=False,
        )
        yield Chart(svg, f"{metric} by the number of training papers, with intervals. {description}.{which(benchmark)}")


def _labels(benchmark: Benchmark) -> Table:
    best = shown(benchmark)
    rows_of = {one.name: {row.id: row for row in benchmark.reports[one.name].labels} for one in best}
    first = rows_of[best[0].name]
    columns = [Column("concept"), Column("id"), Column("papers", note="judged papers that carry the concept")]
    columns += [Column("training", 0, note="training papers that carry it")]
    columns += [Column(f"F1, {name}") for name in rows_of]
    rows: list[list[Value]] = []
    for row in sorted((row for row in first.values() if row.support), key=lambda row: -row.support):
        identifier: Value = Cell(str(row.id), row.id) if isinstance(row.id, int) else row.id
        found: list[Value] = [own[row.id].f1 if row.id in own else None for own in rows_of.values()]
        rows.append([row.name, identifier, row.support, row.train_count, *found])
    return Table(f"Every concept that a judged paper carries.{which(benchmark)}", columns, rows)
