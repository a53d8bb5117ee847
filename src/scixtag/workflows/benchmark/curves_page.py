"""The curves of a benchmark's page."""

from collections.abc import Iterator

from scixtag.evaluation import selective
from scixtag.evaluation.curves import calibration_error
from scixtag.evaluation.report_page import curve_by_size, curve_by_threshold
from scixtag.pages import chart
from scixtag.pages.page import Chart, Part, Text
from scixtag.workflows.benchmark import tables
from scixtag.workflows.benchmark.results import Benchmark, SystemResult

_IN_A_CHART = len(chart.PALETTE)
QUALITY = "ndcg@10"
"""The metric that systems are ordered by where one must be."""


def shown(benchmark: Benchmark) -> list[SystemResult]:
    """The systems that charts of several systems show, best first."""
    return tables.best_systems(benchmark, _IN_A_CHART, QUALITY)


def which(benchmark: Benchmark) -> str:
    """A sentence on what a chart leaves out; empty if nothing."""
    left = len(benchmark.finished) - _IN_A_CHART
    return f" The best {_IN_A_CHART} systems by {QUALITY} are drawn." if left > 0 else ""


def curves(benchmark: Benchmark) -> Iterator[Part]:
    """Precision and recall against one another, by set size and by threshold."""
    drawn = shown(benchmark)
    lines = {}
    for one in drawn:
        points = benchmark.reports[one.name].by_size
        lines[one.name] = chart.Line([p.recall for p in points], [p.precision for p in points])
    description = "; ".join(f"{name}: precision {line.y[0]:.3f} at the first candidate" for name, line in lines.items())
    svg = chart.lines(
        "Precision against recall",
        description,
        lines,
        x_label="recall, mean over papers",
        y_label="precision, mean over papers",
    )
    yield Chart(svg, f"Precision and recall if every paper got its first 1 to 15 candidates.{which(benchmark)}")
    lines = {}
    for one in drawn:
        points = benchmark.reports[one.name].by_size
        lines[one.name] = chart.Line([p.at for p in points], [p.f1 for p in points])
    best = "; ".join(
        f"{name}: best {max(line.y):.3f} at {line.x[line.y.index(max(line.y))]:g}" for name, line in lines.items()
    )
    svg = chart.lines("F1 by set size", best, lines, x_label="set size k", y_label="F1, mean over papers")
    yield Chart(svg, f"F1 if every paper got its first k candidates. {best}.")
    lines = {}
    for one in drawn:
        if curve := benchmark.reports[one.name].by_threshold:
            lines[one.name] = chart.Line([p.at for p in curve], [p.f1 for p in curve], marked=False)
    best = "; ".join(f"{name}: best {max(line.y):.3f}" for name, line in lines.items())
    svg = chart.lines("Micro F1 by threshold", best, lines, x_label="threshold", y_label="micro F1")
    yield Chart(
        svg,
        f"Micro F1 if every candidate at or above one threshold were selected. {best}. A threshold chosen from this "
        "curve is chosen on the judged papers; the systems' own are in the table of costs.",
    )
    first = drawn[0].name
    report = benchmark.reports[first]
    yield curve_by_size(report, first)
    if report.by_threshold:
        yield curve_by_threshold(report, first)


def probabilities(benchmark: Benchmark) -> Iterator[Part]:
    """A reliability diagram of each system."""
    for one in shown(benchmark):
        bins = benchmark.reports[one.name].reliability
        if not bins:
            yield Text([f"The scores of {one.name} are not calibrated to probabilities."])
            continue
        description = (
            f"Expected calibration error {calibration_error(bins):.3f} over all candidates in {len(bins)} bins."
        )
        points = ([b.mean_probability for b in bins], [b.share_true for b in bins], [b.count for b in bins])
        svg = chart.reliability(f"{one.name}: observed share of true by probability", description, *points)
        yield Chart(svg, f"{one.name}: how often candidates are true, against their probability. {description}")


def coverage(benchmark: Benchmark) -> Iterator[Part]:
    """Risk against coverage."""
    yield Text([selective.EXPLANATION])
    for title, risk in (("wrong among the selected", "wrong"), ("lost F1", "lost_f1")):
        lines = {}
        for one in shown(benchmark):
            found = benchmark.reports[one.name].coverage
            if found:
                x, y = [point.coverage for point in found.points], [getattr(point, risk) for point in found.points]
                lines[one.name] = chart.Line(x, y, marked=False)
        description = "; ".join(f"{name}: {line.y[-1]:.3f} over all papers" for name, line in lines.items())
        svg = chart.lines(
            f"Risk against coverage: {title}",
            description,
            lines,
            x_label="coverage: share of papers, surest first",
            y_label=title,
        )
        yield Chart(svg, f"Risk against coverage: {title}. {description}.{which(benchmark)}")
