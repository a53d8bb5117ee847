"""Runs against one another: paired differences on the same papers."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from scixtag import __version__, progress
from scixtag.errors import InputError
from scixtag.evaluation.bootstrap import LEVEL, REPLICATES, Difference, Interval
from scixtag.evaluation.measuring import measure
from scixtag.evaluation.metrics.registry import get_metric
from scixtag.workflows.runs import Run

FORMAT = 1
COMPARED = (
    *("p@1", "p@5", "r@5", "sample_f1@5", "ndcg@10", "psp@5"),
    *("micro_f1", "macro_f1", "sample_f1", "mean_set_size"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One metric of one run, and by how much it exceeds the first run's."""

    run: str
    metric: str
    value: Interval
    difference: Difference | None


@dataclass(frozen=True)
class Comparison:
    """Runs beside one another.

    Attributes:
        runs: Their names; the first is what the others are compared with.
        papers: How many they share.
        rows: Metric by metric, run by run; the first run has no difference.
        replicates: Bootstrap resamples.
        seed: Of these.
        notes: What else than the system differs between runs.
        level: Confidence level of the intervals.
    """

    runs: tuple[str, ...]
    papers: int
    rows: tuple[Row, ...]
    replicates: int
    seed: int
    notes: tuple[str, ...] = ()
    level: float = LEVEL

    def to_document(self) -> dict[str, Any]:
        """As plain lists and dictionaries for JSON."""
        return {"format": FORMAT, "scixtag": __version__, **asdict(self)}


def compare(
    runs: Sequence[Run], metrics: Sequence[str] = COMPARED, *, replicates: int = REPLICATES, seed: int = 0
) -> Comparison:
    """Compare runs with the first of them by a paired bootstrap over papers.

    Args:
        runs: Two or more of the same papers, in any order of these.
        metrics: Names of the registry.
        replicates: Resamples.
        seed: Of these.

    Raises:
        InputError: Fewer than two runs, other papers, or another vocabulary.
        ConfigError: An unknown metric, or no resample.
    """
    wanted = {name: get_metric(name) for name in metrics}
    names = unlike_names([run.name for run in runs])
    if len(runs) < 2:
        raise InputError("one run alone cannot be compared; name two or more")
    first = runs[0]
    for run in runs:
        if run.vocabulary != first.vocabulary:
            raise InputError(f"'{run.name}' and '{first.name}' were judged with other vocabularies; use one for both")
    with progress.stage("comparing runs", len(runs)) as advance:
        found: Mapping[str, Any] = {}
        for name, run in zip(names, runs, strict=True):
            judged = run.like(first).repeats
            found = {**found, name: measure(wanted, judged, replicates=replicates, seed=seed)}
            advance(1)
    base = found[names[0]]
    rows = [
        Row(name, metric, one.interval(metric), None if one is base else one.less(base, metric))
        for metric in wanted
        for name, one in found.items()
    ]
    return Comparison(tuple(names), len(first.papers), tuple(rows), replicates, seed, _notes(names, runs))


def _notes(names: Sequence[str], runs: Sequence[Run]) -> tuple[str, ...]:
    first = runs[0].learned
    notes = []
    for name, run in zip(names[1:], runs[1:], strict=True):
        own = run.learned
        if own.fingerprint != first.fingerprint:
            many = f"{own.training_papers:,} of {own.source}, and {first.training_papers:,} of {first.source}"
            notes.append(
                f"'{name}' and '{names[0]}' learned from other papers ({many}); differences are of papers and systems"
            )
    return tuple(notes)


def unlike_names(names: Sequence[str]) -> list[str]:
    """The names, with a number behind those that came before."""
    return [name if name not in names[:i] else f"{name} ({names[:i].count(name) + 1})" for i, name in enumerate(names)]
