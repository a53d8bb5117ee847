"""A drift report as a page with tables and charts, and as Markdown."""

from collections.abc import Iterator

from scixtag.evaluation.drift import explanations, tables
from scixtag.evaluation.drift.profile import QUANTITIES
from scixtag.evaluation.drift.report import Drawn, DriftReport
from scixtag.evaluation.drift.tables import Rows
from scixtag.evaluation.markdown_table import table
from scixtag.pages import chart
from scixtag.pages.page import Chart, Column, Facts, Part, Section, Table, Text, render, shown


def page(report: DriftReport) -> str:
    """The report as HTML."""
    sections = [Section(title, [*_parts(title, text, rows)]) for title, text, rows in _contents(report)]
    sections[1:1] = [Section("Before and after", list(_charts(report)))] if report.drawn else []
    sections.append(Section("The papers", [Facts(tables.facts(report)), Text(_remarks(report))]))
    return render(_title(report), sections, summary=report.verdict)


def markdown(report: DriftReport) -> str:
    """The report as Markdown tables."""
    blocks = [f"# {_title(report)}", f"**{report.verdict}**", *report.notes]
    for title, text, rows in _contents(report):
        blocks += [f"## {title}", text, _markdown_table(rows) if rows.rows else "None."]
    facts = Rows(("", ""), tables.facts(report))
    return "\n\n".join([*blocks, "## The papers", _markdown_table(facts), *_remarks(report)]) + "\n"


def _title(report: DriftReport) -> str:
    return f"Drift: {report.system['source']} against the training papers of {report.system['model']}"


def _contents(report: DriftReport) -> list[tuple[str, str, Rows]]:
    """Titles, texts and tables, in order of reading."""
    return [
        ("Words and concepts as a whole", explanations.DISTRIBUTIONS_NOTE, tables.distributions(report)),
        ("Paper by paper", explanations.QUANTITIES_NOTE, tables.quantities(report)),
        ("Predicted concepts", explanations.CONCEPTS_NOTE, tables.shares(report.concepts, "concept")),
        ("Words", explanations.WORDS_NOTE, tables.shares(report.words, "word")),
        ("New words", explanations.new_words_note(report), tables.new_words(report)),
    ]


def _remarks(report: DriftReport) -> list[str]:
    drawn = (
        f"Intervals of differences of means are 95 % intervals from {report.replicates:,} bootstrap resamples of both "
        f"sets of papers, p-values come from {2 * report.replicates:,} permutations (seed {report.seed}); those of "
        "shares are Newcombe's, with Fisher's exact p."
    )
    return [*report.notes, explanations.RULE, explanations.smallest_note(report), drawn]


def _parts(title: str, text: str, rows: Rows) -> Iterator[Part]:
    yield Text([text] if rows.rows else [text, "There are none."])
    if rows.rows:
        yield Table(title, [Column(head) for head in rows.heads], rows.rows)


def _charts(report: DriftReport) -> Iterator[Part]:
    for name, drawn in report.drawn.items():
        quantity = QUANTITIES[name]
        found = next(change for change in report.comparison.quantities if change.name == name)
        caption = f"{quantity.title}: {quantity.meaning}. Mean {found.reference:.3f} before, {found.new:.3f} now."
        series = {"training papers": _line(drawn, drawn.reference), "new papers": _line(drawn, drawn.new)}
        svg = chart.lines(
            f"Distribution of {quantity.title}", caption, series, x_label=quantity.title, y_label="share of papers"
        )
        yield Chart(svg, caption)


def _line(drawn: Drawn, shares: tuple[float, ...]) -> chart.Line:
    return chart.Line([(place + 0.5) * drawn.width for place in range(len(shares))], shares)


def _markdown_table(rows: Rows) -> str:
    return table(rows.heads, [[shown(value) for value in row] for row in rows.rows])
