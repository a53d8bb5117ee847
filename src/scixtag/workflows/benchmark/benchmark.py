"""Run systems under one protocol and put their numbers together."""

import platform
from collections.abc import Sequence
from dataclasses import replace
from statistics import fmean

from scixtag import progress
from scixtag.corpus.examples import fingerprint
from scixtag.errors import InputError, ScixtagError
from scixtag.processes import cores
from scixtag.workflows.benchmark.gathering import Gathered, gathered, report, row
from scixtag.workflows.benchmark.protocol import LEARNING_SHARES, Protocol
from scixtag.workflows.benchmark.results import Benchmark, Fact, SystemResult
from scixtag.workflows.benchmark.running import run_units
from scixtag.workflows.benchmark.splits import FEWEST_LEARNED, Split, check_splits, folds_of, judged_papers, part_of
from scixtag.workflows.benchmark.units import Unit, clean_up
from scixtag.workflows.preparation import evaluation_examples, training_examples
from scixtag.workflows.train import source_name


def benchmark(protocol: Protocol) -> Benchmark:
    """Train and judge all systems on all splits.

    Raises:
        InputError: Papers that cannot be read or measured; training papers among the judged ones.
        ScixtagError: Every system failed.
    """
    splits = _splits(protocol)
    overlap = check_splits(splits, allow_overlap=protocol.allow_overlap)
    if protocol.learning_curve:
        _check_learning(splits)
    units = _units(protocol, splits)
    found = run_units(units, protocol.processes or cores())
    rows = {system.name: gathered(system, splits, units, found, protocol) for system in protocol.systems}
    whole = {name: one for name, one in rows.items() if isinstance(one, Gathered)}
    clean_up()
    if not whole:
        told = "; ".join(f"{name}: {one.failures[0]}" for name, one in rows.items() if isinstance(one, SystemResult))
        raise ScixtagError(f"every system failed: {told}")
    against = protocol.against or protocol.systems[0].name
    reference = whole.get(against)
    papers = judged_papers(splits)
    systems = [one if isinstance(one, SystemResult) else row(one, reference, protocol) for one in rows.values()]
    return Benchmark(
        protocol=_facts(protocol, splits, overlap),
        metrics=protocol.columns,
        against=against if reference else None,
        systems=tuple(systems),
        reports={name: report(one, papers, protocol) for name, one in progress.track(whole.items(), "reports")},
        runs={name: one.run for name, one in whole.items()},
        official=protocol.official,
        replicates=protocol.replicates,
        seed=protocol.seed,
    )


def _check_learning(splits: Sequence[Split]) -> None:
    """Smaller corpora would have the same few papers at several points of the curve."""
    needed = round(FEWEST_LEARNED / min(LEARNING_SHARES))
    if (fewest := min(len(split.train) for split in splits)) < needed:
        raise InputError(f"--learning-curve needs {needed} training papers, and there are {fewest}; leave it out")


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
                    which = (system.name, settings, split.name, repeat, share)
                    units.append(Unit(*which, train, split.test, protocol.corpus.source, protocol.reuse))
    return units


def _facts(protocol: Protocol, splits: Sequence[Split], overlap: int) -> dict[str, Fact]:
    cut = (
        f"{len(splits)} label-stratified folds"
        if protocol.test is None
        else f"judged on {source_name(protocol.test.source)}"
    )
    train, test = splits[0].train, splits[0].test
    return {
        "papers": source_name(protocol.corpus.source),
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
        "times": "shortened: parts of earlier trainings were used" if protocol.reuse else "of whole trainings",
        "trainings at a time": protocol.processes or cores(),
        "machine": f"{cores()} cores, {platform.machine()}, Python {platform.python_version()}",
    }
