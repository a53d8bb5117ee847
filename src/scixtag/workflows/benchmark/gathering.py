"""What the trainings of one system left behind, put together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from scixtag.corpus.examples import Examples, fingerprint, paper_fingerprints
from scixtag.evaluation.bands import FINE, band_metrics, band_size
from scixtag.evaluation.bootstrap import Interval
from scixtag.evaluation.judgements import Judgements
from scixtag.evaluation.measuring import Measured, measure
from scixtag.evaluation.metrics.registry import RELIABILITY, get_metric
from scixtag.evaluation.metrics.weighting import Metric
from scixtag.evaluation.report import Report, evaluate
from scixtag.workflows.benchmark.protocol import LEARNING_SHARES, Protocol
from scixtag.workflows.benchmark.results import COST_COLUMNS, LearningPoint, SystemResult
from scixtag.workflows.benchmark.running import Failure
from scixtag.workflows.benchmark.splits import Split
from scixtag.workflows.benchmark.systems import System
from scixtag.workflows.benchmark.units import Outcome, Unit
from scixtag.workflows.runs import Run, RunFacts
from scixtag.workflows.train import source_name

_BANDS = ("r@5", "f1", "macro_f1")


@dataclass(frozen=True, eq=False)
class Gathered:
    """A system whose trainings all went well.

    Attributes:
        system: What was trained.
        run: Its judged answers.
        measured: Its metrics and those of bands ("band/metric"), in all resamples.
        facts: Of each whole training, the first repeat's first.
        learning: The learning curve; empty unless one was asked for.
        notes: What trainings had to say.
        evidence: Why concepts were suggested, by row and column, for some papers.
    """

    system: System
    run: Run
    measured: Measured
    facts: tuple[dict[str, Any], ...]
    learning: tuple[LearningPoint, ...]
    notes: tuple[str, ...]
    evidence: Mapping[tuple[int, int], str]

    @property
    def probabilities(self) -> bool:
        """Whether all its scores are calibrated."""
        return all(facts["probabilities"] for facts in self.facts)


def gathered(
    system: System,
    splits: Sequence[Split],
    units: Sequence[Unit],
    found: Mapping[Unit, Outcome | Failure],
    protocol: Protocol,
) -> "Gathered | SystemResult":
    """One system's trainings put together, or why it has no numbers."""
    own = [unit for unit in units if unit.system == system.name]
    outcomes = {unit: end for unit in own if isinstance(end := found[unit], Outcome)}
    if len(outcomes) < len(own):
        return SystemResult(system.name, system.settings.to_document(), failures=_failures(own, found))
    repeats = tuple(
        _pooled([outcomes[unit] for unit in own if unit.share == 1 and unit.repeat == repeat])
        for repeat in range(protocol.repeats)
    )
    metrics = {name: get_metric(name) for name in protocol.columns} | _band_columns(repeats[0])
    papers = tuple(identifier for split in splits for identifier in split.test.ids)
    facts = tuple(outcomes[unit].facts for unit in own if unit.share == 1)
    learned = RunFacts(
        source=source_name(protocol.corpus.source),
        training_papers=round(fmean(len(split.train) for split in splits)),
        fingerprint=fingerprint(splits[0].train),
    )
    fingerprints = tuple(found for split in splits for found in paper_fingerprints(split.test))
    run = Run(system.name, papers, fingerprints, protocol.vocabulary.fingerprint, repeats, learned)
    measured = measure(metrics, repeats, replicates=protocol.replicates, seed=protocol.seed)
    notes = tuple(dict.fromkeys(note for one in facts for note in one["notes"]))
    learning = _learning(own, outcomes, measured, protocol) if protocol.learning_curve else ()
    first = [outcomes[unit] for unit in own if unit.share == 1 and unit.repeat == 0]
    return Gathered(system, run, measured, facts, learning, notes, _evidence(first))


def _evidence(outcomes: Sequence[Outcome]) -> dict[tuple[int, int], str]:
    """What units say of their own papers, by the rows of all papers."""
    evidence: dict[tuple[int, int], str] = {}
    start = 0
    for outcome in outcomes:
        evidence |= {(start + row, column): words for row, column, words in outcome.facts["evidence"]}
        start += len(outcome.judgements)
    return evidence


def _failures(units: Sequence[Unit], found: Mapping[Unit, Outcome | Failure]) -> tuple[str, ...]:
    """Each reason once, with the trainings that it ended."""
    ended: dict[str, list[Unit]] = {}
    for unit in units:
        if isinstance(end := found[unit], Failure):
            ended.setdefault(end.reason, []).append(unit)
    return tuple(f"{_these(of, len(units))}: {reason}" for reason, of in ended.items())


def _these(failed: Sequence[Unit], of: int) -> str:
    first, *others = (unit.which for unit in failed)
    if others and len(failed) == of:
        return f"all {of} trainings"
    return f"{first} and {len(others)} more of {of} trainings" if others else first


def _pooled(outcomes: Sequence[Outcome]) -> Judgements:
    return Judgements.concatenate([outcome.judgements for outcome in outcomes])


def _learning(
    units: Sequence[Unit], outcomes: Mapping[Unit, Outcome], whole: Measured, protocol: Protocol
) -> tuple[LearningPoint, ...]:
    metrics = {name: get_metric(name) for name in protocol.columns}
    points = []
    for share in LEARNING_SHARES:
        own = [unit for unit in units if unit.share == share]
        pooled = _pooled([outcomes[unit] for unit in own])
        found = measure(metrics, [pooled], replicates=protocol.replicates, seed=protocol.seed)
        size = fmean(len(unit.train) for unit in own)
        points.append(LearningPoint(size, {name: found.interval(name) for name in metrics}))
    size = fmean(len(unit.train) for unit in units if unit.share == 1)
    return (*points, LearningPoint(size, {name: whole.interval(name) for name in metrics}))


def of_probabilities(metric: str) -> bool:
    """Whether a metric says something of calibrated scores only."""
    return metric.partition("@")[0] in RELIABILITY


def _band_columns(judgements: Judgements) -> dict[str, Metric]:
    columns: dict[str, Metric] = {}
    for band in FINE.bands:
        if band_size(judgements, band).gold:
            found = band_metrics(band)
            columns |= {f"{band.name}/{name}": found[name] for name in _BANDS}
    return columns


def row(one: Gathered, reference: Gathered, protocol: Protocol) -> SystemResult:
    """The row of a system, with its differences from the reference."""
    measured = one.measured
    columns = [name for name in protocol.columns if one.probabilities or not of_probabilities(name)]
    spread = {name: value for name in columns if (value := measured.spread(name)) is not None}
    both = [name for name in columns if reference.probabilities or not of_probabilities(name)]
    differences = {} if one is reference else {name: measured.less(reference.measured, name) for name in both}
    thresholds = [facts["threshold"] for facts in one.facts]
    return SystemResult(
        name=one.system.name,
        settings=one.system.settings.to_document(),
        metrics={name: measured.interval(name) for name in columns},
        spread=spread,
        differences=differences,
        bands={band.name: {name: _band(measured, f"{band.name}/{name}") for name in _BANDS} for band in FINE.bands},
        cost={
            name: round((max if name == "peak_memory_mb" else fmean)(facts[name] for facts in one.facts), 3)
            for name in COST_COLUMNS
        },
        decisions={
            "rule": one.facts[0]["decision"],
            "lowest threshold": min(thresholds),
            "highest threshold": max(thresholds),
            "threshold source": one.facts[0]["threshold_source"],
            "training papers": round(fmean(facts["training_papers"] for facts in one.facts)),
            "concepts in training": round(fmean(facts["training_labels"] for facts in one.facts)),
        },
        learning=one.learning,
        notes=one.notes,
    )


def _band(measured: Measured, name: str) -> Interval | None:
    return measured.interval(name) if name in measured.by_repeat else None


def report(one: Gathered, papers: Examples, protocol: Protocol) -> Report:
    """The whole evaluation of a system's first repeat."""
    first = one.facts[: len(one.facts) // protocol.repeats]
    system = {
        "model": one.system.name,
        "source": source_name(protocol.corpus.source),
        "training_papers": round(fmean(facts["training_papers"] for facts in one.facts)),
        "threshold_source": one.facts[0]["threshold_source"],
        "seed": one.system.settings.seed,
        "training_papers_in_this_set": sum(facts["overlap"] for facts in first),
    }
    return evaluate(
        one.run.repeats[0],
        protocol.vocabulary,
        system=system,
        probabilities=one.probabilities,
        thresholds=True,
        replicates=protocol.replicates,
        seed=protocol.seed,
        papers=papers,
        evidence=one.evidence,
    )
