"""Units in processes of their own, several at a time; what fails does not stop the others."""

import os
import shutil
import tempfile
import traceback
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import connection, get_context
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import NamedTuple

from scixtag import progress
from scixtag.errors import ScixtagError
from scixtag.processes import cores
from scixtag.workflows.benchmark.units import Outcome, Unit, kept_place, make_kept_folder, read_outcome, run_unit

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class Failure(NamedTuple):
    """Why a unit has no result: one line, and the whole trace for the log."""

    reason: str
    trace: str


class _Running(NamedTuple):
    unit: Unit
    place: Path
    scratch: Path
    process: SpawnProcess
    told: Connection


def run_units(units: Sequence[Unit], processes: int) -> dict[Unit, Outcome | Failure]:
    """Run what is not kept from an earlier time.

    Every unit has a process of its own, so that its memory is its own and its end, whatever it is, is its own. When
    this is interrupted, finished units are kept, and the next call takes them from there.

    Args:
        units: What to run, in order.
        processes: How many at a time.

    Returns:
        For each unit its outcome, or why there is none.

    Raises:
        OutputError: Results cannot be kept.
    """
    make_kept_folder()
    places = {unit: kept_place(unit) for unit in units}
    kept = {unit: outcome for unit, place in places.items() if (outcome := read_outcome(place)) is not None}
    missing = [unit for unit in units if unit not in kept]
    if kept:
        progress.note(f"{len(kept)} of {len(units)} trainings are kept from an earlier run")
    results: dict[Unit, Outcome | Failure] = dict(kept)
    with progress.stage("trainings", len(missing)) as advance:
        for unit, end in _run(missing, places, processes):
            results[unit] = end
            if isinstance(end, Failure):
                progress.note(f"{unit.title}: failed: {end.reason}")
            advance(1, unit.title)
    return results


def _run(units: Sequence[Unit], places: dict[Unit, Path], processes: int) -> Iterator[tuple[Unit, Outcome | Failure]]:
    waiting, running = deque(units), list[_Running]()
    try:
        with _sharing_cores(processes):
            while waiting or running:
                while waiting and len(running) < processes:
                    unit = waiting.popleft()
                    running.append(_start(unit, places[unit]))
                ended = set(connection.wait([one.process.sentinel for one in running]))
                for one in [one for one in running if one.process.sentinel in ended]:
                    running.remove(one)
                    yield one.unit, _end(one)
    finally:
        for one in running:
            one.process.terminate()
        for one in running:
            one.process.join()
            shutil.rmtree(one.scratch, ignore_errors=True)


@contextmanager
def _sharing_cores(processes: int) -> Iterator[None]:
    """Let each process use its share of the cores, where nobody has said otherwise."""
    share = str(max(1, cores() // processes))
    ours = [name for name in _THREADS if name not in os.environ]
    os.environ.update(dict.fromkeys(ours, share))
    try:
        yield
    finally:
        for name in ours:
            os.environ.pop(name, None)


def _start(unit: Unit, place: Path) -> _Running:
    # A forked process would inherit threads that are not there any more.
    spawn = get_context("spawn")
    told, tell = spawn.Pipe(duplex=False)
    # Made and removed here, where it is known how the process ended; not in the cache, which others make room in.
    scratch = Path(tempfile.mkdtemp(prefix="scixtag."))
    process = spawn.Process(target=_work, args=(unit, place, scratch, tell), daemon=True)
    process.start()
    tell.close()
    return _Running(unit, place, scratch, process, told)


def _work(unit: Unit, place: Path, scratch: Path, tell: Connection) -> None:
    """What a process does."""
    try:
        run_unit(unit, place, scratch)
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    except MemoryError:
        tell.send(Failure("out of memory; run fewer at a time with --processes", traceback.format_exc()))
    except ScixtagError as error:
        tell.send(Failure(str(error), traceback.format_exc()))
    except Exception as error:  # noqa: BLE001  anybody's model may raise anything
        tell.send(Failure(f"{type(error).__name__}: {error}", traceback.format_exc()))


def _end(one: _Running) -> Outcome | Failure:
    one.process.join()
    shutil.rmtree(one.scratch, ignore_errors=True)
    try:
        failure: Failure | None = one.told.recv() if one.told.poll() else None
    except EOFError:
        failure = None
    one.told.close()
    code = one.process.exitcode
    return failure or read_outcome(one.place) or Failure(f"its process ended with code {code}" + _guess(code), "")


def _guess(code: int | None) -> str:
    return "; was it killed for lack of memory? Run fewer at a time with --processes" if code == -9 else ""
