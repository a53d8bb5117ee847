"""A report as a page with tables and charts."""

from collections.abc import Iterator, Mapping, Sequence

from scixtag.evaluation.bands import EXPLANATION
from scixtag.evaluation.bootstrap import Interval
from scixtag.evaluation.curves import CurvePoint, calibration_error
from scixtag.evaluation.metrics.registry import RANKING, RELIABILITY, RELIABILITY_NOTE, SETS, Entry
from scixtag.evaluation.report import Report, SchemeReport
from scixtag.evaluation.report_errors_page import coverage_parts, error_sections, identifier
from scixtag.pages import chart
from scixtag.pages.page import Cell, Chart, Column, Facts, Part, Section, Table, Text, Value, render

_BAND_NOTES = {
    "precision": "share of the band's selected pairs that are true",
    "recall": "share of the band's true labels that were selected",
    "f1": "micro F1 over the band's pairs",
    "macro_f1": "F1 averaged over the band's concepts",
}
_QUALITIES = ("precision", "recall", "F1")


def page(report: Report) -> str:
    """The report as HTML."""
    title = f"Evaluation of {report.system.get('model', 'a tagger')}"
    summary = (
        f"{report.denominators.papers:,} papers judged. Intervals are {report.level:.0%} intervals from "
        f"{report.replicates:,} bootstrap resamples of papers (seed {report.seed})."
    )
    sections = [
        Section("The system", [Facts(list(report.system.items()))]),
        Section("What the numbers divide by", list(_denominators(report))),
        Section("The ranking", list(_ranking(report))),
        Section("The decided sets", list(_sets(report))),
    ]
    if report.metrics.keys() >= RELIABILITY.keys():
        sections.append(Section("The probabilities", list(_probabilities(report))))
    if report.coverage:
        sections.append(Section("Risk against coverage", coverage_parts(report)))
    sections += [
        Section("By training frequency", list(_bands(report))),
        Section("By concept", [_labels(report)]),
        *error_sections(report),
    ]
    return render(title, sections, summary=summary, warning=report.warning)


def _denominators(report: Report) -> Iterator[Part]:
    counts = report.denominators
    fewest, most = counts.train_papers
    yield Facts(
        [
            ("papers judged", counts.papers),
            ("training papers", f"{fewest:,}" if fewest == most else f"{fewest:,} to {most:,}"),
            ("concepts in the vocabulary", counts.concepts),
            ("concepts seen in training", counts.train_concepts),
            ("concepts that judged papers carry", counts.scoreable_concepts),
            ("concepts seen in training or here", counts.seen_concepts),
            ("true labels", counts.gold),
            ("never seen in training", counts.never_seen),
            ("outside the vocabulary", counts.outside),
            ("concepts selected", counts.selected),
        ]
    )
    yield Text(
        [
            "True labels that no training paper carries, or that the vocabulary does not hold, count as missed. "
            f"Averages named macro are over the {counts.scoreable_concepts:,} concepts that a judged paper carries; "
            f"those that end in _all divide the same sum by {counts.seen_concepts:,}."
        ]
    )


def _ranking(report: Report) -> Iterator[Part]:
    yield _metric_table("Metrics of the ranked candidates", RANKING, report.metrics)
    yield curve_by_size(report)


def _sets(report: Report) -> Iterator[Part]:
    yield _metric_table("Metrics at the system's own decision rule", SETS, report.metrics)
    if report.by_threshold:
        yield curve_by_threshold(report)


def _probabilities(report: Report) -> Iterator[Part]:
    yield Text([RELIABILITY_NOTE])
    yield _metric_table("Metrics of the probabilities", RELIABILITY, report.metrics)
    if report.reliability:
        yield _reliability(report)


def _metric_table(caption: str, entries: Mapping[str, Entry], found: Mapping[str, Interval]) -> Table:
    columns = [Column("metric"), Column("value"), Column("interval"), Column("meaning")]
    rows: list[list[Value]] = [
        [name, _number(found[name].value, entry), _range(found[name], entry), entry.meaning]
        for name, entry in entries.items()
    ]
    return Table(caption, columns, rows)


def curve_by_size(report: Report, system: str = "") -> Chart:
    """Precision, recall and F1 if every paper got so many candidates; of which system, where there are several."""
    return _curve(
        report.by_size,
        f"Precision, recall and F1 by set size{system and f': {system}'}",
        "If every paper got its first k candidates: precision, recall and F1, averaged over papers.",
        "set size k",
        marked=True,
    )


def curve_by_threshold(report: Report, system: str = "") -> Chart:
    """Micro precision, recall and F1 at each threshold; of which system, where there are several."""
    return _curve(
        report.by_threshold,
        f"Precision, recall and F1 by threshold{system and f': {system}'}",
        "If every candidate at or above one threshold were selected: micro precision, recall and F1. "
        "A threshold chosen from this curve is chosen on the test papers.",
        "threshold",
        marked=False,
    )


def _curve(points: Sequence[CurvePoint], title: str, caption: str, x_label: str, *, marked: bool) -> Chart:
    best = max(points, key=lambda point: point.f1)
    x = [point.at for point in points]
    values = ([p.precision for p in points], [p.recall for p in points], [p.f1 for p in points])
    series = {name: chart.Line(x, y, marked=marked) for name, y in zip(_QUALITIES, values, strict=True)}
    description = f"F1 is highest, {best.f1:.3f}, at {x_label} {best.at:g}; precision there is {best.precision:.3f}, "
    description += f"recall {best.recall:.3f}."
    svg = chart.lines(title, description, series, x_label=x_label, y_label="precision, recall, F1")
    return Chart(svg, f"{title}. {caption} {description}")


def _reliability(report: Report) -> Chart:
    bins = report.reliability
    description = f"Expected calibration error {calibration_error(bins):.3f} over all candidates in {len(bins)} bins."
    svg = chart.reliability(
        "Observed share of true candidates by predicted probability",
        description,
        [b.mean_probability for b in bins],
        [b.share_true for b in bins],
        [b.count for b in bins],
    )
    return Chart(svg, f"How often candidates are true, against their probability. {description}")


def _bands(report: Report) -> Iterator[Part]:
    yield Text([EXPLANATION])
    for scheme in report.schemes:
        yield from _scheme(scheme)


def _scheme(scheme: SchemeReport) -> Iterator[Part]:
    names = list(scheme.bands[0].metrics)
    columns = [Column("training papers"), Column("concepts"), Column("true labels"), Column("selected")]
    columns += [
        Column(name, note=_BAND_NOTES.get(name, "share of true labels in the first candidates")) for name in names
    ]
    rows: list[list[Value]] = [
        [band.name, band.size.concepts, band.size.gold, band.size.selected, *(_cell(band.metrics[n]) for n in names)]
        for band in scheme.bands
    ]
    rows.append(["first less last", None, None, None, *(_cell(scheme.delta.get(name)) for name in names)])
    yield Table(f"Bands by the number of training papers that carry a concept: {scheme.name}", columns, rows)
    filled = [band for band in scheme.bands if band.size.gold]
    series = {}
    for name in (names[0], "f1", "macro_f1"):
        found = [interval for band in filled if (interval := band.metrics[name])]
        series[name] = chart.Bars([i.value for i in found], [i.low for i in found], [i.high for i in found])
    description = "; ".join(f"{band.name}: F1 {i.value:.3f}" for band in filled if (i := band.metrics["f1"]))
    svg = chart.bars(
        f"Recall and F1 by training frequency, {scheme.name}",
        description,
        [band.name for band in filled],
        series,
        x_label="training papers that carry the concept",
        y_label="recall, F1",
    )
    yield Chart(svg, f"Recall and F1 by training frequency ({scheme.name}), with intervals.")


def _labels(report: Report) -> Table:
    columns = [Column("concept"), Column("id"), Column("precision"), Column("recall"), Column("F1")]
    columns += [
        Column("papers", note="judged papers that carry the concept"),
        Column("selected", note="judged papers that it was selected for"),
        Column("training", 0, note="training papers that carry it"),
        Column("average precision", note="area under its precision-recall curve"),
    ]
    rows: list[list[Value]] = [
        [
            r.name,
            identifier(r.id),
            r.precision,
            r.recall,
            r.f1,
            r.support,
            r.selected,
            r.train_count,
            r.average_precision,
        ]
        for r in sorted(report.labels, key=lambda row: -row.support)
    ]
    return Table("Every concept that a judged paper carries or that was selected for one", columns, rows)


def _number(value: float, entry: Entry) -> Cell:
    return Cell(f"{value:.{entry.digits}f}", value)


def _range(found: Interval, entry: Entry) -> Cell:
    return Cell(_span(found, entry.digits), found.high - found.low)


def _span(found: Interval, digits: int = 3) -> str:
    between = "–" if found.low >= 0 else " to "
    return f"{found.low:.{digits}f}{between}{found.high:.{digits}f}"


def _cell(found: Interval | None) -> Cell | None:
    return None if found is None else Cell(f"{found.value:.3f}\n{_span(found)}", found.value)
