"""Tag the papers of a source into a file or a folder, from where an earlier run was interrupted."""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from scixtag import progress
from scixtag.corpus.readers.piece import Rejected
from scixtag.corpus.size import expected_papers
from scixtag.corpus.supply import Spot, Supply, supply_of
from scixtag.engines.base import Died, Engine, Workers
from scixtag.engines.registry import engine_named
from scixtag.errors import InputError, OutputError
from scixtag.processes import cores
from scixtag.workflows.manifest import read_manifest
from scixtag.workflows.tagging.assembly import assemble
from scixtag.workflows.tagging.folder import Unfinished, working_in
from scixtag.workflows.tagging.order import Order
from scixtag.workflows.tagging.origin import changes, origin_of, touched
from scixtag.workflows.tagging.shard import Outcome, Shard, TagJob, read_shard
from scixtag.workflows.tagging.target import check_target
from scixtag.workflows.tagging.trouble import Troubles

_MANY = 20_000
"""So many papers are worth a word on workers."""


class Tagged(NamedTuple):
    """What came of it: papers that were tagged, and records that could not be."""

    papers: int
    rejected: int


def tag(order: Order) -> Tagged:
    """Tag all papers; the output appears when it is complete, in the order of the input.

    Until then everything lies in a folder beside it, from which the same order goes on after any interruption.

    Raises:
        InputError: The source cannot be read or holds no paper; the output would replace something else; unfinished
            work is of another order, or its input was changed.
        ConfigError: What is told does not fit together, or the engine cannot be used so.
        ModelError: The model folder cannot be used.
        OutputError: The output cannot be written.
        RemoteError, WorkerError: Those who do the work are gone.
    """
    order.check()
    manifest = read_manifest(order.model)
    engine = engine_named(order.engine, workers=order.workers, address=order.address)
    supply = supply_of(order.source, order.fields, labels=False)
    check_target(order.target, order.source, supply.files, overwrite=order.overwrite or order.target.folder.exists())
    with _telling(order), working_in(order.target) as work:
        try:
            _prepare(order, supply, work, origin_of(order, supply, manifest))
        except BaseException:
            if not work.journal.entries:
                work.remove()
            raise
        with _keeping(work):
            if not work.journal.placing:
                _tag_rest(order, supply, work, engine)
            told = Tagged(work.journal.sum_of("papers"), work.journal.sum_of("rejected"))
            unknown = work.journal.sum_of("unknown")
            refuse_nothing(order, supply, told)
            assemble(work)
    note_result(told, unknown, order.target.rejects)
    return told


def _prepare(order: Order, supply: Supply, work: Unfinished, origin: dict[str, object]) -> None:
    """Begin, or go on with what an earlier run left.

    Raises:
        InputError: What it left is of another order; or the output exists, and nobody allowed to replace it.
    """
    before = work.origin if not order.overwrite or _readable(work) else None
    differ = changes(before, origin) if before is not None else []
    if differ and not order.overwrite:
        raise InputError(
            f"{work.path}: keeps unfinished work, which cannot go on: {'; '.join(differ)}. Pass --overwrite to start "
            "anew, or repeat the command with what it began with"
        )
    if before is not None and not differ and work.journal.placing:
        return
    check_target(order.target, order.source, supply.files, overwrite=order.overwrite)
    if before is None or differ:
        work.begin(origin)
        return
    work.trust()
    if touched(before, origin):
        _compare(supply, order.shard, work)
        work.sign(origin)
    if work.journal.entries:
        progress.note(
            f"{work.path}: papers that are tagged already: {work.journal.sum_of('papers'):,}; going on with the rest"
        )


def _readable(work: Unfinished) -> bool:
    try:
        return work.origin is not None
    except InputError:
        return False


def _compare(supply: Supply, size: int, work: Unfinished) -> None:
    """See that finished shards are as they were read, for somebody wrote to a file, or copied it.

    Raises:
        InputError: One is not.
    """
    entries = work.journal.entries
    with progress.stage("reading again, for the input was touched", len(entries)) as advance:
        for number, (piece, _) in enumerate(supply.cut(size)):
            if number > max(entries, default=-1):
                return
            if number in entries:
                if read_shard(piece)[1] != entries[number].checksum:
                    raise InputError(
                        f"{piece.head.path}: was changed since its papers were tagged, first in rows "
                        f"{piece.start.row:,} to {piece.end.row - 1:,}. Pass --overwrite to start anew"
                    )
                advance(1)


def _tag_rest(order: Order, supply: Supply, work: Unfinished, engine: Engine) -> None:
    """Tag all shards that are not finished."""
    journal = work.journal
    if journal.total is not None:
        return
    expected = expected_papers(order.source)
    left = None if expected is None else type(expected)(max(0, expected - journal.sum_of("papers")))
    if order.workers is None and order.engine == "local" and (left or 0) >= _MANY and cores() > 1:
        progress.note(f"one process tags; --workers {cores()} would use all cores, with a model in each")
    job = TagJob(order.model.resolve(), order.wanted, order.target, work.path)
    shards = _Shards(supply, order.shard, work)
    with engine.employ(job) as workers, progress.stage("tagging papers", left) as advance:
        began = time.monotonic()
        papers = 0
        for outcome in _outcomes(shards, workers, Troubles(work.path)):
            journal.finished(outcome, shards.ends.pop(outcome.number))
            papers += outcome.papers
            advance(outcome.papers, f"{papers / (time.monotonic() - began):,.0f} papers/s")
    journal.ended(shards.count)


class _Shards:
    """The shards that are not finished, cut when they are asked for.

    Attributes:
        count: How many shards there were so far, finished ones included.
        ends: Where those end that were asked for; whoever notes one takes it out.
    """

    def __init__(self, supply: Supply, size: int, work: Unfinished) -> None:
        self._finished = frozenset(work.journal.entries)
        self.count = work.journal.prefix
        self.ends: dict[int, Spot] = {}
        self._pieces = supply.cut(size, work.journal.start_of(self.count))

    def __iter__(self) -> Iterator[Shard]:
        for piece, end in self._pieces:
            number = self.count
            self.count += 1
            if number not in self._finished:
                self.ends[number] = end
                yield Shard(number, piece)


def _outcomes(shards: Iterable[Shard], workers: Workers, troubles: Troubles) -> Iterator[Outcome]:
    """What comes of shards, in no order; no more of them are held than workers take."""
    coming = iter(shards)
    under_way = 0
    while True:
        for shard in islice(coming, workers.most - under_way):
            workers.submit(shard)
            under_way += 1
        if not under_way:
            return
        ended = workers.wait()
        if isinstance(ended, Died):
            workers.submit(troubles.next(ended))
            continue
        under_way -= 1
        troubles.over(ended.task.number)
        yield ended.result


def refuse_nothing(order: Order, supply: Supply, told: Tagged) -> None:
    """A source without papers is a mistake of somebody.

    Raises:
        InputError: There is none.
    """
    if told.papers:
        return
    if not told.rejected:
        raise InputError(f"{order.source}: no papers to tag; is the file empty?")
    for piece, _ in supply.cut(order.shard):
        for _, item in read_shard(piece)[0]:
            if isinstance(item, Rejected):
                raise InputError(
                    f"{order.source}: no record can be tagged ({told.rejected:,} rejected); the first, "
                    f"{piece.head.path.name} {item.place}: {item.reason}"
                )


def note_result(told: Tagged, unknown: int, rejects: Path | None) -> None:
    """Say what is worth knowing of the result.

    Args:
        told: How many papers there were.
        unknown: Of these, those in which the model knew nothing.
        rejects: Where it stands what could not be tagged; None: it was said already.
    """
    if unknown:
        progress.note(
            f"papers whose text holds nothing that the model knows: {unknown:,}; they got the most frequent concepts, "
            "marked from_prior, and none is selected"
        )
    if told.rejected:
        progress.note(
            f"records that could not be tagged: {told.rejected:,}"
            + (f"; {rejects} says why" if rejects is not None else "")
        )


@contextmanager
def _keeping(work: Unfinished) -> Iterator[None]:
    """Keep what is finished, and say so; leave nothing behind if nothing is, or if there is nothing to tag."""
    try:
        yield
    except BaseException as error:
        if not work.journal.sum_of("papers"):
            work.remove()
        else:
            mended = "; if the input is mended first, it has to start anew" if isinstance(error, InputError) else ""
            error.add_note(f"{work.path} keeps the papers that are tagged: the same command goes on from there{mended}")
        raise


@contextmanager
def _telling(order: Order) -> Iterator[None]:
    """Name the output where the system does not (a full disk), and say what became of the work."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _unwritten(order, error.strerror or str(error)) from error
    except OutputError as error:
        cause = error.__cause__
        reason = cause.strerror or str(cause) if isinstance(cause, OSError) else str(error)
        raise _unwritten(order, reason) from error


def _unwritten(order: Order, reason: str) -> OutputError:
    kept = order.target.folder.exists()
    what = "the same command goes on once there is room" if kept else "make room or choose another place"
    return OutputError(f"{order.target.output}: cannot be written ({reason}); nothing was changed there, and {what}")
