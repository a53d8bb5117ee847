"""Risk against coverage, errors, worst papers and the label audit as Markdown: the first few of each."""

from collections.abc import Iterator

from scixtag.evaluation import audit, selective
from scixtag.evaluation.errors import Errors
from scixtag.evaluation.markdown_table import table
from scixtag.evaluation.report import Report

_MOST = 10
_MOST_PAIRS = 20
_SHARES = (0.1, 0.25, 0.5, 0.75, 1.0)


def coverage_blocks(report: Report) -> Iterator[str]:
    """Risk at a few coverages, and the areas under the curves; nothing if the report has none."""
    found = report.coverage
    if found is None:
        return
    yield "## Risk against coverage"
    yield selective.EXPLANATION
    chosen = dict.fromkeys(min(found.points, key=lambda point: abs(point.coverage - share)) for share in _SHARES)
    rows = [[f"{point.coverage:.0%}", f"{point.wrong:.3f}", f"{point.lost_f1:.3f}"] for point in chosen]
    areas = (f"{one.value:.3f} [{one.low:.3f}, {one.high:.3f}]" for one in (found.wrong_area, found.lost_f1_area))
    yield table(["coverage", "wrong among the selected", "lost F1"], [*rows, ["area", *areas]])


def error_blocks(report: Report) -> Iterator[str]:
    """Missed and wrong concepts, and what is taken for what."""
    errors = report.errors
    yield "## Errors"
    yield (
        f"{errors.missed:,} true labels are missed: {errors.not_selected:,} were candidates and not selected, "
        f"{errors.not_listed:,} were no candidates though training papers carry them, {errors.never_seen:,} were none "
        f"and never seen in training, {errors.outside:,} are outside the vocabulary. {errors.wrong:,} concepts are "
        "selected wrongly."
    )
    if errors.most_missed:
        rows = [
            [str(r.id), r.name, f"{r.missed} of {r.support}", *map(str, (r.not_selected, r.not_listed, r.never_seen))]
            for r in errors.most_missed[:_MOST]
        ]
        yield table(["id", "missed concept", "papers", "not selected", "no candidate", "never seen"], rows)
    if errors.wrong:
        rows = [[str(r.id), r.name, f"{r.wrong} of {r.selected}"] for r in errors.most_wrong[:_MOST]]
        yield table(["id", "wrongly selected concept", "papers"], rows)
        yield from _confusions(errors)


def worst_blocks(report: Report) -> Iterator[str]:
    """The papers with the lowest F1; nothing if the report has none."""
    if not report.worst:
        return
    yield "## The papers with the worst scores"
    rows = [
        [paper.id, paper.title, f"{paper.f1:.2f}", str(paper.missed), str(sum(not one.true for one in paper.concepts))]
        for paper in report.worst
    ]
    yield table(["id", "title", "F1", "missed", "wrong"], rows)


def audit_blocks(report: Report) -> Iterator[str]:
    """The first pairs of the label audit; nothing if the report has none."""
    if not report.audit or not report.audit.rows:
        return
    yield "## Label audit"
    yield audit.EXPLANATION
    shown = report.audit.rows[:_MOST_PAIRS]
    yield f"The first {len(shown)} of {len(report.audit.rows):,}; all are in `audit.csv`."
    rows = [[row.paper, row.title, f"{row.name} ({row.id})", f"{row.probability:.3f}"] for row in shown]
    yield table(["paper", "title", "concept", "probability"], rows)


def _confusions(errors: Errors) -> Iterator[str]:
    yield "What wrongly selected concepts are to the nearest one that their paper misses, and to its nearest label:"
    found = (errors.relations, errors.relations_to_labels)
    rows = [
        [name, *(f"{counts[name]:,} ({counts[name] / errors.wrong:.1%})" for counts in found)]
        for name in errors.relations
    ]
    yield table(["relation", "to a missed one", "to any label"], rows)
    if errors.confusions:
        rows = [
            [one.selected_name, one.missed_name, one.relation, str(one.papers)] for one in errors.confusions[:_MOST]
        ]
        yield table(["wrongly selected", "missed", "the selected one is its", "papers"], rows)
