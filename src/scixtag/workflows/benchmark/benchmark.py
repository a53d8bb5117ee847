"""Run systems under one protocol and put their numbers together."""

import platform
from collections.abc import Iterator, Sequence
from dataclasses import replace
from statistics import fmean

from scixtag import progress
from scixtag.corpus.examples import Examples, fingerprint
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

FEW_PAPERS = 30
"""With fewer, resamples are too much alike."""


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
    wanted = protocol.against or protocol.systems[0].name
    against = wanted if wanted in whole else next(iter(whole))
    papers = judged_papers(splits)
    systems = [one if isinstance(one, SystemResult) else row(one, whole[against], protocol) for one in rows.values()]
    remarks = list(_remarks(protocol, len(papers), overlap))
    if against != wanted:
        remarks.insert(0, f"{wanted} has no numbers, so differences are taken against {against}.")
    return Benchmark(
        protocol=_facts(protocol, splits, overlap, papers),
        metrics=protocol.columns,
        against=against,
        systems=tuple(systems),
        reports={name: report(one, papers, protocol) for name, one in progress.track(whole.items(), "reports")},
        runs={name: one.run for name, one in whole.items()},
        official=protocol.official,
        replicates=protocol.replicates,
        seed=protocol.seed,
        remarks=tuple(remarks),
    )


def _remarks(protocol: Protocol, papers: int, overlap: int) -> Iterator[str]:
    """What a reader must know before believing the tables."""
    if overlap:
        yield f"Judged papers that are also training papers: {overlap:,}. They flatter every number here."
    if papers < FEW_PAPERS:
        yield f"Judged papers: {papers}, too few for intervals to be trusted; take {FEW_PAPERS} at least."
    if protocol.repeats > 1:
        yield (
            f"Tables hold means over {protocol.repeats} repeats; curves, risk, concepts, error analysis and the whole "
            "reports of systems are of the first one, and smaller parts of a learning curve are trained once."
        )
    if protocol.reuse:
        yield "Parts of earlier trainings were used where there were any: times may be too short."


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


def _facts(protocol: Protocol, splits: Sequence[Split], overlap: int, judged: Examples) -> dict[str, Fact]:
    cut = (
        f"{len(splits)} label-stratified folds"
        if protocol.test is None
        else f"judged on {source_name(protocol.test.source)}"
    )
    train, test = splits[0].train, splits[0].test
    return {
        "papers": source_name(protocol.corpus.source),
        "protocol": f"{cut}; all that a system tunes is tuned on its training papers",
        "papers judged": len(judged),
        "training papers, of a split": round(fmean(len(split.train) for split in splits)),
        "true labels of judged papers": int(judged.targets.nnz + judged.unknown.sum()),
        "concepts that a judged paper carries (macro_f1 averages over them)": int((judged.label_counts > 0).sum()),
        "vocabulary": f"{protocol.vocabulary.title or 'untitled'} {protocol.vocabulary.release or ''}".strip(),
        "concepts of the vocabulary": len(protocol.vocabulary),
        "judged papers that are training papers": overlap,
        "repeats": protocol.repeats,
        "seeds": f"{protocol.seed}"
        if protocol.repeats == 1
        else f"{protocol.seed} to {protocol.seed + protocol.repeats - 1}",
        "fingerprint of the training papers": fingerprint(train),
        "fingerprint of the judged papers": fingerprint(test),
        "times": "shortened by parts of earlier trainings" if protocol.reuse else "of whole trainings",
        "trainings at a time": protocol.processes or cores(),
        "machine": f"{cores()} cores, {platform.machine()}, Python {platform.python_version()}",
    }
