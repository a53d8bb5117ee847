"""The parts of a report's page about single papers and concepts: risk against coverage, errors, worst papers, audit.

Each function gives the parts of one section of `pages.page.render`, so that other pages can show them, too.
"""

from collections.abc import Sequence

from scixtag.evaluation import audit, selective
from scixtag.evaluation.errors import Confusion, Errors
from scixtag.evaluation.report import Report
from scixtag.evaluation.worst import WorstPaper
from scixtag.pages import chart
from scixtag.pages.page import Cell, Chart, Column, Details, Facts, Part, Section, Table, Text, Value
from scixtag.vocabulary.concept import ConceptId

RELATION_MEANINGS = {
    "parent": "it stands directly above one: too general by a step",
    "child": "it stands directly below one: too specific by a step",
    "sibling": "it shares a parent with one",
    "ancestor": "it stands further above one",
    "descendant": "it stands further below one",
    "related": "the vocabulary names it as related to one",
    "none": "none of these",
}
"""What each relation of a wrong selection to the nearest true concept of its paper means."""

CONFUSIONS = (
    "Each wrong selection is set against the concepts that its paper misses, and once more against all labels of its "
    "paper, those that were found included; the nearest relation counts, from top to bottom."
)
"""How confusions are counted, for the readers of a report."""

_NO_PAPERS = "This report was made without the papers' texts, so that this part is left out."
_NO_PROBABILITIES = "The scores are no calibrated probabilities, by which alone such a list can be ordered."


def error_sections(report: Report) -> list[Section]:
    """All sections of this file but risk against coverage."""
    return [
        Section("Missed and wrong concepts", error_parts(report)),
        Section("What is taken for what", confusion_parts(report)),
        Section("The papers with the worst scores", worst_parts(report)),
        Section("Label audit", audit_parts(report)),
    ]


def coverage_parts(report: Report) -> list[Part]:
    """Risk against coverage as a chart, with the areas under its curves; empty if the report has none."""
    found = report.coverage
    if found is None:
        return []
    everything, half = found.points[-1], min(found.points, key=lambda point: abs(point.coverage - 0.5))
    description = (
        f"Over the surest {half.coverage:.0%} of the papers {half.wrong:.3f} of the selected concepts are wrong and "
        f"lost F1 is {half.lost_f1:.3f}; over all papers {everything.wrong:.3f} and {everything.lost_f1:.3f}."
    )
    x = [point.coverage for point in found.points]
    series = {
        "wrong among the selected": chart.Line(x, [point.wrong for point in found.points], marked=False),
        "lost F1": chart.Line(x, [point.lost_f1 for point in found.points], marked=False),
    }
    svg = chart.lines(
        "Risk against coverage", description, series, x_label="coverage: share of papers, surest first", y_label="risk"
    )
    areas: list[list[Value]] = [
        [name, Cell(f"{area.value:.3f}", area.value), f"{area.low:.3f}–{area.high:.3f}"]
        for name, area in zip(series, (found.wrong_area, found.lost_f1_area), strict=True)
    ]
    columns = [Column("area under"), Column("value"), Column("interval")]
    return [Text([selective.EXPLANATION]), Chart(svg, description), Table("Areas under the curves", columns, areas)]


def error_parts(report: Report) -> list[Part]:
    """Which concepts are missed most and which are wrongly selected most."""
    errors = report.errors
    if not errors.missed and not errors.wrong:
        return [Text(["Every set is right."])]
    return [Facts(_error_facts(errors)), *_missed_table(errors), *_wrong_table(errors)]


def confusion_parts(report: Report) -> list[Part]:
    """How wrong selections stand to what their papers miss, and the pairs that are most frequent."""
    errors = report.errors
    if not errors.wrong:
        return [Text(["No concept was selected wrongly."])]
    parts: list[Part] = [Text([CONFUSIONS]), _relations(errors)]
    if errors.confusions:
        parts.append(
            _confusions(
                "The most frequent pairs that the vocabulary ties to each other", errors.confusions, related=True
            )
        )
    if errors.unrelated:
        caption = "The most frequent pairs of a wrong selection that has no relation to anything that its paper misses"
        parts.append(_confusions(caption, errors.unrelated, related=False))
    return parts


def worst_parts(report: Report) -> list[Part]:
    """The papers with the lowest F1, each folded under its title."""
    if report.worst is None:
        return [Text([_NO_PAPERS])]
    if not report.worst:
        return [Text(["Every set is right."])]
    told = (
        f"The {len(report.worst)} papers with the lowest F1 of the selected set; of equal ones, those first that miss "
        "more. Evidence is what moved the model, also where it was wrong."
    )
    return [Text([told]), *map(_paper, report.worst)]


def audit_parts(report: Report) -> list[Part]:
    """Concepts that the system is sure of and the authors did not choose."""
    if report.audit is None:
        return [Text([_NO_PAPERS if report.worst is None else _NO_PROBABILITIES])]
    found = report.audit
    if not found.rows:
        return [Text(["Every candidate is a label of its paper."])]
    count = (
        f"{found.sure:,} such pairs have a probability of at least {audit.SURE}; the first {len(found.rows):,} of all "
        "pairs are listed here, and in audit.csv with a column for decisions."
    )
    columns = [Column("rank"), Column("paper"), Column("concept"), Column("probability")]
    columns += [
        Column("place", note="among the paper's candidates"),
        Column("selected", note="whether the decision rule selected it"),
        Column("depth", note="whether it stands above or below a label of the paper"),
        Column("labels", note="what the authors chose"),
        Column("training", note="training papers that carry the concept"),
        Column("evidence", note="why the system suggests it; only for the first rows, and only if it can say so"),
    ]
    rows: list[list[Value]] = [
        [
            row.rank,
            f"{row.title} ({row.paper})",
            _named(row.name, row.id),
            row.probability,
            row.place,
            _yes(row.selected),
            _depth(row),
            "; ".join(row.labels),
            row.train_count,
            row.evidence,
        ]
        for row in found.rows
    ]
    return [Text([audit.EXPLANATION, count]), _told("Pairs for a curator to go through", columns, rows)]


def identifier(concept: ConceptId) -> Value:
    """A concept's id as a cell: a number is a name here, and has no thousands separator."""
    return Cell(str(concept), concept) if isinstance(concept, int) else concept


def _error_facts(errors: Errors) -> list[tuple[str, Value]]:
    return [
        ("true labels missed", errors.missed),
        ("were candidates, not selected", errors.not_selected),
        ("were no candidates, though seen in training", errors.not_listed),
        ("were no candidates, never seen in training", errors.never_seen),
        ("outside the vocabulary", errors.outside),
        ("concepts wrongly selected", errors.wrong),
    ]


def _missed_table(errors: Errors) -> list[Part]:
    columns = [Column("concept"), Column("id"), Column("missed", note="papers that carry it, and did not get it")]
    columns += [
        Column("of", note="papers that carry it"),
        Column("share"),
        Column("not selected", note="it was a candidate"),
        Column("no candidate", note="though training papers carry it"),
        Column("never seen", note="it was no candidate, and no training paper carries it"),
        Column("training", 0, note="training papers that carry it"),
    ]
    rows: list[list[Value]] = [
        [
            row.name,
            identifier(row.id),
            row.missed,
            row.support,
            row.share,
            row.not_selected,
            row.not_listed,
            row.never_seen,
            row.train_count,
        ]
        for row in errors.most_missed
    ]
    return [Table("The concepts that are missed most often", columns, rows)] if rows else []


def _wrong_table(errors: Errors) -> list[Part]:
    columns = [Column("concept"), Column("id"), Column("wrong", note="papers that got it, and do not carry it")]
    columns += [
        Column("of", note="papers that it was selected for"),
        Column("share"),
        Column("training", 0, note="training papers that carry it"),
    ]
    rows: list[list[Value]] = [
        [row.name, identifier(row.id), row.wrong, row.selected, row.share, row.train_count] for row in errors.most_wrong
    ]
    return [Table("The concepts that are most often selected wrongly", columns, rows)] if rows else []


def _relations(errors: Errors) -> Table:
    columns = [Column("relation"), Column("what the selected concept is")]
    columns += [
        Column(
            "to a missed one", note="wrong selections by the relation to the nearest concept that their paper misses"
        ),
        Column("to any label", note="wrong selections by the relation to the nearest label of their paper"),
    ]
    found = (errors.relations, errors.relations_to_labels)
    rows: list[list[Value]] = [
        [
            name,
            meaning,
            *(Cell(f"{counts[name]:,} ({counts[name] / errors.wrong:.1%})", counts[name]) for counts in found),
        ]
        for name, meaning in RELATION_MEANINGS.items()
    ]
    return Table("Wrong selections by their nearest relation to what is true", columns, rows)


def _confusions(caption: str, found: Sequence[Confusion], *, related: bool) -> Table:
    columns = [Column("wrongly selected"), Column("missed"), Column("papers")]
    rows: list[list[Value]] = [
        [_named(one.selected_name, one.selected), _named(one.missed_name, one.missed), one.papers] for one in found
    ]
    if related:
        columns.append(Column("the selected one is its"))
        rows = [[*row, one.relation] for row, one in zip(rows, found, strict=True)]
    return Table(caption, columns, rows)


def _paper(paper: WorstPaper) -> Details:
    outside = f", {paper.outside} of them outside the vocabulary" if paper.outside else ""
    columns = [Column("concept"), Column("true"), Column("selected"), Column("probability")]
    columns += [
        Column("place", note="among the paper's candidates"),
        Column("training", note="training papers that carry it"),
        Column("evidence", note="what speaks for it; only if the system can say so"),
    ]
    rows: list[list[Value]] = [
        [
            _named(one.name, one.id),
            _yes(one.true),
            _yes(one.selected),
            one.probability,
            one.place,
            one.train_count,
            one.evidence,
        ]
        for one in paper.concepts
    ]
    heading = f"F1 {paper.f1:.2f}, {paper.missed} missed{outside}: {paper.title or 'without a title'} ({paper.id})"
    text = Text([paper.abstract or "No abstract."])
    return Details(heading, [text, _told("Selected and true concepts", columns, rows)])


def _told(caption: str, columns: Sequence[Column], rows: Sequence[Sequence[Value]]) -> Table:
    """A table without its last column, the evidence, where no row has any."""
    if any(row[-1] for row in rows):
        return Table(caption, columns, rows)
    return Table(caption, columns[:-1], [row[:-1] for row in rows])


def _named(name: str, concept: ConceptId) -> str:
    return f"{name} ({concept})"


def _yes(holds: bool) -> Value:
    return Cell("yes", 1) if holds else None


def _depth(row: audit.AuditRow) -> Value:
    """Whether the concept is more general than a label, or more specific than one."""
    places = (("above", row.label_below), ("below", row.label_above))
    told = ", ".join(words for words, holds in places if holds)
    return Cell(told, row.label_below + 2 * row.label_above) if told else None
