"""A report as Markdown tables."""

from collections.abc import Iterator, Mapping

from scixtag.evaluation.bands import EXPLANATION
from scixtag.evaluation.bootstrap import Interval
from scixtag.evaluation.markdown_table import table
from scixtag.evaluation.metrics.registry import RANKING, RELIABILITY, RELIABILITY_NOTE, SETS, Entry
from scixtag.evaluation.report import Denominators, Report, SchemeReport
from scixtag.evaluation.report_errors_markdown import audit_blocks, coverage_blocks, error_blocks, worst_blocks

_MOST_LABELS = 40


def markdown(report: Report) -> str:
    """The report; of concepts, papers and pairs only the first ones."""
    title = report.system.get("model", "a tagger")
    blocks = [f"# Evaluation of {title}", *([f"**{report.warning}**"] if report.warning else [])]
    blocks += [*_facts(report), *_metrics(report), *coverage_blocks(report)]
    blocks += ["## By training frequency", EXPLANATION]
    for scheme in report.schemes:
        blocks += [f"### {scheme.name}", _bands(scheme)]
    blocks += [*_labels(report), *error_blocks(report), *worst_blocks(report), *audit_blocks(report)]
    return "\n\n".join(blocks) + "\n"


def _facts(report: Report) -> Iterator[str]:
    yield table(["", ""], [[name, _number(value)] for name, value in report.system.items()])
    yield _denominators(report.denominators)
    yield (
        f"Brackets hold {report.level:.0%} intervals from {report.replicates:,} bootstrap resamples of "
        f"papers (seed {report.seed})."
    )


def _denominators(counts: Denominators) -> str:
    fewest, most = counts.train_papers
    trained = f"{fewest:,}" if fewest == most else f"{fewest:,} to {most:,}"
    return (
        f"{counts.papers:,} papers judged, with {counts.gold:,} true labels; the system was trained on {trained} "
        f"papers. Of the vocabulary's {counts.concepts:,} concepts, training papers carry {counts.train_concepts:,} "
        f"and the judged papers {counts.scoreable_concepts:,}, which `macro_*` averages over; `macro_*_all` divides by "
        f"{counts.seen_concepts:,}. True labels that no training paper carries ({counts.never_seen:,}) or that the "
        f"vocabulary does not hold ({counts.outside:,}) count as missed."
    )


def _metrics(report: Report) -> Iterator[str]:
    yield "## The ranking"
    yield _metric_table(report, RANKING)
    yield "## The decided sets"
    yield _metric_table(report, SETS)
    if report.metrics.keys() >= RELIABILITY.keys():
        yield "## The probabilities"
        yield RELIABILITY_NOTE
        yield _metric_table(report, RELIABILITY)


def _metric_table(report: Report, entries: Mapping[str, Entry]) -> str:
    rows = [
        [f"`{name}`", _interval(report.metrics[name], entry.digits), entry.meaning] for name, entry in entries.items()
    ]
    return table(["metric", f"value [{report.level:.0%}]", "meaning"], rows)


def _bands(scheme: SchemeReport) -> str:
    names = list(scheme.bands[0].metrics)
    rows = [
        [band.name, f"{band.size.concepts:,}", f"{band.size.gold:,}", *(_interval(band.metrics[n]) for n in names)]
        for band in scheme.bands
    ]
    deltas = ["first less last", "", "", *(_interval(scheme.delta.get(name)) for name in names)]
    return table(["training papers", "concepts", "true labels", *(f"`{name}`" for name in names)], [*rows, deltas])


def _labels(report: Report) -> Iterator[str]:
    shown = sorted(report.labels, key=lambda row: -row.support)[:_MOST_LABELS]
    yield "## By concept"
    yield f"The {len(shown)} of {len(report.labels):,} concepts that most papers carry; all are in `labels.csv`."
    rows = [
        [str(r.id), r.name, *(f"{x:.3f}" for x in (r.precision, r.recall, r.f1)), str(r.support), str(r.selected)]
        for r in shown
    ]
    yield table(["id", "concept", "precision", "recall", "F1", "papers", "selected"], rows)


def _interval(found: Interval | None, digits: int = 3) -> str:
    if found is None:
        return "–"
    value, low, high = (f"{x:.{digits}f}" for x in (found.value, found.low, found.high))
    return f"{value} [{low}, {high}]"


def _number(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.4g}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
