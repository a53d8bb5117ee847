"""The tables of a drift report: heads and cells, which HTML and Markdown write in their own ways."""

from collections.abc import Sequence
from typing import NamedTuple

from scixtag.evaluation.drift.compare import DistributionChange, QuantityChange
from scixtag.evaluation.drift.profile import QUANTITIES
from scixtag.evaluation.drift.report import DISTRIBUTIONS, LEVELS, DriftReport, ShareChange
from scixtag.pages.page import Cell, Value


class Rows(NamedTuple):
    """A table without its looks."""

    heads: Sequence[str]
    rows: Sequence[Sequence[Value]]


def facts(report: DriftReport) -> list[tuple[str, Value]]:
    """The system and the papers, name by name."""
    return [(name.replace("_", " "), value) for name, value in (*report.system.items(), *report.papers.items())]


def distributions(report: DriftReport) -> Rows:
    """Distances beside those by chance."""
    heads = (
        "distribution",
        "papers",
        "distance",
        "by chance",
        "95 % below",
        "index beyond chance",
        "interval",
        "p",
        "drift",
    )
    found = [*report.comparison.distributions, *([report.comparison.labels] if report.comparison.labels else [])]
    return Rows(heads, [_distribution(change) for change in found])


def quantities(report: DriftReport) -> Rows:
    """Means, differences with intervals, effects."""
    heads = ("quantity", "training", "new", "difference", "interval", "effect", "p", "drift", "meaning")
    return Rows(heads, [_quantity(change) for change in report.comparison.quantities])


def shares(changes: Sequence[ShareChange], what: str) -> Rows:
    """Words or concepts whose shares changed."""
    heads = (what, "training", "new", "difference", "interval", "q")
    return Rows(heads, [_share(change) for change in changes])


def new_words(report: DriftReport) -> Rows:
    """Words that training never saw."""
    papers = report.papers["compared"]
    return Rows(
        ("word", "papers", "share"), [(w.word, w.papers, _percent(w.papers / papers)) for w in report.new_words]
    )


def _distribution(change: DistributionChange) -> list[Value]:
    judged = LEVELS[change.level] if change.name != "labels" else None
    numbers = (change.distance, change.by_chance, change.band, change.effect)
    shown: list[Value] = [Cell(f"{number:.3f}", number) for number in numbers]
    found = change.interval
    interval = Cell(f"{found.low:+.3f} to {found.high:+.3f}", found.high - found.low) if found else None
    return [DISTRIBUTIONS[change.name], change.papers, *shown, interval, _p(change.p_adjusted), judged]


def _quantity(change: QuantityChange) -> list[Value]:
    quantity, interval = QUANTITIES[change.name], change.difference
    if change.kind == "superiority":
        effect = Cell(f"{0.5 + change.effect:.0%} above training", change.effect)
    else:
        effect = Cell(f"Cohen's h {change.effect:+.2f}", change.effect)
    return [
        quantity.title,
        _three(change.reference),
        _three(change.new),
        _signed(interval.value),
        Cell(f"{interval.low:+.3g} to {interval.high:+.3g}", interval.high - interval.low),
        effect,
        _p(change.p_adjusted),
        LEVELS[change.level],
        quantity.meaning,
    ]


def _share(change: ShareChange) -> list[Value]:
    return [
        change.name,
        _percent(change.reference),
        _percent(change.new),
        Cell(f"{100 * change.difference:+.1f} points", change.difference),
        Cell(f"{100 * change.low:+.1f} to {100 * change.high:+.1f}", change.high - change.low),
        _p(change.q),
    ]


def _p(value: float) -> Cell:
    return Cell("< 0.001" if value < 0.001 else f"{value:.3f}", value)


def _percent(share: float) -> Cell:
    return Cell(f"{share:.1%}", share)


def _three(value: float) -> Cell:
    return Cell(f"{value:.3g}", value)


def _signed(value: float) -> Cell:
    return Cell(f"{value:+.3g}", value)
