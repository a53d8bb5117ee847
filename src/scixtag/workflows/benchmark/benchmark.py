"""Run systems under one protocol and put their numbers together."""

import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean
from typing import Any

from scixtag import progress
from scixtag.corpus.examples import Examples, fingerprint
from scixtag.errors import ConfigError, InputError, ScixtagError, nearest
from scixtag.evaluation.bands import FINE, band_metrics, band_size
from scixtag.evaluation.bootstrap import REPLICATES, Interval
from scixtag.evaluation.judgements import Judgements
from scixtag.evaluation.measuring import Measured, measure
from scixtag.evaluation.metrics.registry import get_metric
from scixtag.evaluation.metrics.weighting import Metric
from scixtag.evaluation.report import Report, evaluate
from scixtag.processes import cores
from scixtag.vocabulary.concept import Vocabulary
from scixtag.workflows.benchmark.results import (
    COST_COLUMNS,
    RANKING_COLUMNS,
    SET_COLUMNS,
    Benchmark,
    Fact,
    LearningPoint,
    SystemResult,
)
from scixtag.workflows.benchmark.running import Failure, run_units
from scixtag.workflows.benchmark.splits import Split, check_splits, folds_of, judged_papers, part_of
from scixtag.workflows.benchmark.systems import System
from scixtag.workflows.benchmark.units import Outcome, Unit, read_outcome
from scixtag.workflows.preparation import Corpus, evaluation_examples, training_examples
from scixtag.workflows.runs import Run

LEARNING_SHARES = (0.125, 0.25, 0.5)
"""Of the training papers, for a learning curve; all of them are there anyway."""

_BANDS = ("r@5", "f1", "macro_f1")


@dataclass(frozen=True)
class Protocol:
    """What is run, and how it is measured.

    Attributes:
        corpus: The papers; with `test`, those that are learned from.
        vocabulary: What the labels mean.
        test: The papers that are judged; None: each paper once, in the fold that holds it.
        folds: How many, without `test`.
        systems: At least one.
        repeats: Trainings of each system on each split, with seeds that rise by one.
        metrics: Names beside those of the protocol.
        against: The system that differences are taken against; None: the first.
        learning_curve: Train on parts of the training papers, too.
        allow_overlap: Measure although judged papers are training papers.
        processes: Trainings at a time; 0: as many as there are cores.
        replicates: Bootstrap resamples.
        seed: Of the resamples, and of the first repeat.
        official: The official split, which published rows belong to.
    """

    corpus: Corpus
    vocabulary: Vocabulary
    systems: tuple[System, ...]
    test: Corpus | None = None
    folds: int = 5
    repeats: int = 1
    metrics: tuple[str, ...] = ()
    against: str | None = None
    learning_curve: bool = False
    allow_overlap: bool = False
    processes: int = 0
    replicates: int = REPLICATES
    seed: int = 0
    official: bool = False

    def __post_init__(self) -> None:
        names = [system.name for system in self.systems]
        for metric in self.metrics:
            get_metric(metric)
        if self.against is not None and self.against not in names:
            raise ConfigError(f"--against {self.against}: no such system here; {nearest(self.against, names)}")
        if self.repeats < 1 or self.replicates < 1 or self.processes < 0:
            raise ConfigError("repeats and replicates must be at least 1, and processes not negative")

    @property
    def columns(self) -> tuple[str, ...]:
        """All metrics, each once."""
        return tuple(dict.fromkeys((*RANKING_COLUMNS, *SET_COLUMNS, *self.metrics)))


def benchmark(protocol: Protocol) -> Benchmark:
    """Train and judge all systems on all splits.

    Raises:
        InputError: Papers that cannot be read or measured; training papers among the judged ones.
        ScixtagError: Every system failed.
    """
    splits = _splits(protocol)
    overlap = check_splits(splits, allow_overlap=protocol.allow_overlap)
    units = _units(protocol, splits)
    found = run_units(units, protocol.processes or cores())
    rows = {system.name: _gathered(system, splits, units, found, protocol) for system in protocol.systems}
    whole = {name: one for name, one in rows.items() if isinstance(one, _Gathered)}
    if not whole:
        told = "; ".join(f"{name}: {one.failures[0]}" for name, one in rows.items() if isinstance(one, SystemResult))
        raise ScixtagError(f"every system failed: {told}")
    against = protocol.against or protocol.systems[0].name
    reference = whole.get(against)
    papers = judged_papers(splits)
    systems = [one if isinstance(one, SystemResult) else _row(one, reference, protocol) for one in rows.values()]
    return Benchmark(
        protocol=_facts(protocol, splits, overlap),
        metrics=protocol.columns,
        against=against if reference else None,
        systems=tuple(systems),
        reports={name: _report(one, papers, protocol) for name, one in progress.track(whole.items(), "reports")},
        runs={name: one.run for name, one in whole.items()},
        official=protocol.official,
        replicates=protocol.replicates,
        seed=protocol.seed,
    )


def _splits(protocol: Protocol) -> list[Split]:
    train, _ = training_examples(protocol.corpus, protocol.vocabulary)
    if protocol.test is None:
        return folds_of(train, protocol.folds)
    test, _ = evaluation_examples(protocol.test, protocol.vocabulary)
    return [Split("test", train, test)]


def _units(protocol: Protocol, splits: Sequence[Split]) -> list[Unit]:
    """Whole trainings first, so that an interrupted run has the main table sooner."""
    units = []
    for share in (1.0, *(LEARNING_SHARES if protocol.learning_curve else ())):
        for system in protocol.systems:
            for repeat in range(protocol.repeats if share == 1 else 1):
                settings = replace(system.settings, seed=protocol.seed + repeat)
                for split in splits:
                    train = part_of(split, share, protocol.seed)
                    source = protocol.corpus.source
                    units.append(Unit(system.name, settings, split.name, repeat, share, train, split.test, source))
    return units


@dataclass(frozen=True, eq=False)
class _Gathered:
    """A system whose trainings all went well."""

    system: System
    run: Run
    measured: Measured
    facts: tuple[dict[str, Any], ...]
    learning: tuple[LearningPoint, ...]
    notes: tuple[str, ...]
    evidence: Mapping[tuple[int, int], str]


def _gathered(
    system: System,
    splits: Sequence[Split],
    units: Sequence[Unit],
    found: Mapping[Unit, Path | Failure],
    protocol: Protocol,
) -> "_Gathered | SystemResult":
    own = [unit for unit in units if unit.system == system.name]
    failures = [f"{unit.split}: {found[unit].reason}" for unit in own if isinstance(found[unit], Failure)]  # type: ignore[union-attr]
    if failures:
        return SystemResult(system.name, system.settings.to_document(), failures=tuple(dict.fromkeys(failures)))
    outcomes = {unit: _outcome(found[unit]) for unit in own}
    repeats = tuple(
        _pooled([outcomes[unit] for unit in own if unit.share == 1 and unit.repeat == repeat])
        for repeat in range(protocol.repeats)
    )
    metrics = {name: get_metric(name) for name in protocol.columns} | _band_columns(repeats[0])
    papers = tuple(identifier for split in splits for identifier in split.test.ids)
    facts = tuple(outcomes[unit].facts for unit in own if unit.share == 1)
    run = Run(system.name, papers, protocol.vocabulary.fingerprint, repeats, {"source": protocol.corpus.source})
    measured = measure(metrics, repeats, replicates=protocol.replicates, seed=protocol.seed)
    notes = tuple(dict.fromkeys(note for one in facts for note in one["notes"]))
    learning = _learning(own, outcomes, measured, protocol) if protocol.learning_curve else ()
    first = [outcomes[unit] for unit in own if unit.share == 1 and unit.repeat == 0]
    return _Gathered(system, run, measured, facts, learning, notes, _evidence(first))


def _evidence(outcomes: Sequence[Outcome]) -> dict[tuple[int, int], str]:
    """What units say of their own papers, by the rows of all papers."""
    evidence, start = {}, 0
    for outcome in outcomes:
        evidence |= {(start + row, column): words for row, column, words in outcome.facts["evidence"]}
        start += len(outcome.judgements)
    return evidence


def _outcome(place: Path | Failure) -> Outcome:
    outcome = None if isinstance(place, Failure) else read_outcome(place)
    if outcome is None:
        raise InputError(f"{place}: a finished training vanished from the cache; run the benchmark again")
    return outcome


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


def _band_columns(judgements: Judgements) -> dict[str, Metric]:
    columns: dict[str, Metric] = {}
    for band in FINE.bands:
        if band_size(judgements, band).gold:
            found = band_metrics(band)
            columns |= {f"{band.name}/{name}": found[name] for name in _BANDS}
    return columns


def _row(one: _Gathered, reference: _Gathered | None, protocol: Protocol) -> SystemResult:
    measured = one.measured
    spread = {name: value for name in protocol.columns if (value := measured.spread(name)) is not None}
    compared = reference is not None and reference is not one
    thresholds = [facts["threshold"] for facts in one.facts]
    return SystemResult(
        name=one.system.name,
        settings=one.system.settings.to_document(),
        metrics={name: measured.interval(name) for name in protocol.columns},
        spread=spread,
        differences={name: measured.less(reference.measured, name) for name in protocol.columns}  # type: ignore[union-attr]
        if compared
        else {},
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


def _report(one: _Gathered, papers: Examples, protocol: Protocol) -> Report:
    system = {
        "model": one.system.name,
        "source": protocol.corpus.source,
        "training_papers": round(fmean(facts["training_papers"] for facts in one.facts)),
        "threshold_source": one.facts[0]["threshold_source"],
        "seed": one.system.settings.seed,
        "training_papers_in_this_set": sum(
            facts["overlap"] for facts in one.facts[: len(one.facts) // protocol.repeats]
        ),
    }
    return evaluate(
        one.run.repeats[0],
        protocol.vocabulary,
        system=system,
        probabilities=all(facts["probabilities"] for facts in one.facts),
        thresholds=True,
        replicates=protocol.replicates,
        seed=protocol.seed,
        papers=papers,
        evidence=one.evidence,
    )


def _facts(protocol: Protocol, splits: Sequence[Split], overlap: int) -> dict[str, Fact]:
    cut = f"{len(splits)} label-stratified folds" if protocol.test is None else f"judged on {protocol.test.source}"
    train, test = splits[0].train, splits[0].test
    return {
        "papers": protocol.corpus.source,
        "protocol": f"{cut}; all that a system tunes is tuned on its training papers",
        "papers judged": sum(len(split.test) for split in splits),
        "training papers": round(fmean(len(split.train) for split in splits)),
        "true labels of judged papers": int(sum(split.test.targets.nnz + split.test.unknown.sum() for split in splits)),
        "vocabulary": f"{protocol.vocabulary.title or 'untitled'} {protocol.vocabulary.release or ''}".strip(),
        "concepts": len(protocol.vocabulary),
        "judged papers that are training papers": overlap,
        "repeats": protocol.repeats,
        "seeds": f"{protocol.seed}"
        if protocol.repeats == 1
        else f"{protocol.seed} to {protocol.seed + protocol.repeats - 1}",
        "fingerprint of the training papers": fingerprint(train),
        "fingerprint of the judged papers": fingerprint(test),
        "trainings at a time": protocol.processes or cores(),
        "machine": f"{cores()} cores, {platform.machine()}, Python {platform.python_version()}",
    }
