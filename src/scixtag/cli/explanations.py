"""How explanations look on a terminal."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from scixtag.cli.console import standard_output

if TYPE_CHECKING:
    from rich.text import Text

    from scixtag.predictions.explanation import Evidence, Explanation, SimilarPaper, SimilarPapers
    from scixtag.predictions.suggestion import Suggestion

_MOST_WORDS, _MOST_REASONS = 5, 3


def show_explained(heading: str, suggestions: "Sequence[Suggestion]") -> None:
    """Print suggestions, each with a few lines on why; what is not known is left out."""
    from rich.table import Table
    from rich.text import Text

    output = standard_output()
    output.print(heading, style="bold", markup=False)
    for one in suggestions:
        line = Text(f"\n{'*' if one.selected else ' '} {one.probability:.3f}  ")
        output.print(
            line.append(one.label, style="bold").append(f" ({one.id}{', deprecated' if one.deprecated else ''})")
        )
        grid = Table.grid(padding=(0, 1))
        grid.add_column(style="dim", width=14, justify="right")
        grid.add_column(overflow="fold")
        for name, told in _lines(one.explanation) if one.explanation else ():
            grid.add_row(name, told)
        output.print(grid)


def named(one: "Suggestion") -> str:
    """A concept's name, and whether it is not to be assigned any more."""
    return f"{one.label} (deprecated)" if one.deprecated else one.label


def _lines(explanation: "Explanation") -> "Iterator[tuple[str, str | Text]]":
    from rich.text import Text

    from scixtag.vocabulary.hierarchy import MAX_PATHS

    if explanation.evidence:
        yield "text", Text(", ").join(_words(one) for one in explanation.evidence[:_MOST_WORDS])
    if explanation.similar and explanation.similar.carrying:
        yield "papers", _papers(explanation.similar)
    if explanation.reasons:
        yield "ranker", ", ".join(f"{one.topic} {one.log_odds:+.1f}" for one in explanation.reasons[:_MOST_REASONS])
    if explanation.path:
        others = explanation.other_paths
        number = f"{'at least ' if others >= MAX_PATHS - 1 else ''}{others:,}"
        more = f" (and {number} other path{'s' if others > 1 else ''})" if others else ""
        yield "path", f"{' > '.join(explanation.path)}{more}"


def _words(evidence: "Evidence") -> "Text":
    from rich.text import Text

    name = evidence.source == "name"
    times = f" × {evidence.times:,}" if evidence.times > 1 else ""
    told = Text("its name " if name else "", style="dim")
    told.append(f"“{evidence.words}”", style="not dim green" if name else "not dim")
    return told.append(f"{times} {evidence.weight:.0%}")


def _papers(similar: "SimilarPapers") -> str:
    shares = [_similarity(paper) for paper in similar.closest]
    carry = "carries" if similar.carrying == 1 else "carry"
    told = f"{similar.carrying:,} of the {similar.looked_at:,} most similar training papers {carry} it"
    if any(paper.title is not None for paper in similar.closest):
        return "\n".join([told, *(f"{_similarity(p)} {p.title} ({p.id})" for p in similar.closest)])
    return f"{told}, {_enumerated(shares)} alike"


def _similarity(paper: "SimilarPaper") -> str:
    return f"{paper.similarity:.2f}".removeprefix("0")


def _enumerated(parts: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))
