"""Processes of this machine, each connected by a pipe."""

import os
import pickle
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection, wait

from scixtag import processes, progress
from scixtag.engines.base import Died, Finished, Job, Task, Workers
from scixtag.errors import ConfigError, WorkerError

_STARTS = 3
"""So many workers in a row may end before they are ready."""
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_COMMAND = "from scixtag.engines.local_worker import main; main()"


class Engine:
    """Processes of this machine.

    Args:
        workers: How many processes; None is one.
        address: None, for this machine needs none.

    Raises:
        ConfigError: There is an address, or no worker.
    """

    def __init__(self, workers: int | None = None, address: str | None = None) -> None:
        if address is not None:
            raise ConfigError("--address: this machine needs none; leave it out, or name a cluster's --engine")
        if workers is not None and workers < 1:
            raise ConfigError(f"--workers {workers}: at least one is needed")
        self._count = workers or 1

    @contextmanager
    def employ(self, job: Job) -> Iterator[Workers]:
        """Workers for a job; the first one starts at once, others when there is something to do for them."""
        workers = LocalWorkers(job, self._count)
        try:
            yield workers
        finally:
            workers.end()


class LocalWorkers:
    """Processes at work.

    Each is a new one, not a copy of this: threads that compiled code has started do not survive a copy.

    Args:
        job: What they do.
        count: How many of them, at most.
    """

    def __init__(self, job: Job, count: int) -> None:
        self.most = 2 * count
        self._count = count
        self._job = pickle.dumps(job)
        self._waiting: deque[Task] = deque()
        self._hands: list[_Hand] = [_Hand(self._job, count)]
        self._failed_starts = 0
        self._noted: set[str] = set()

    def submit(self, task: Task) -> None:
        """Give a task to the next worker that is free."""
        self._waiting.append(task)
        self._deal()

    def wait(self) -> Finished | Died:
        """The next task that ended."""
        while True:
            self._deal()
            for reading in wait([hand.results for hand in self._hands]):
                hand = next(hand for hand in self._hands if hand.results is reading)
                ended = self._heard(hand)
                if ended is not None:
                    # Whoever is free goes on while the caller does something with the result.
                    self._deal()
                    return ended

    def end(self) -> None:
        """End all processes, whatever they are at."""
        for hand in self._hands:
            hand.end()
        self._hands = []

    def _deal(self) -> None:
        """Tasks to free workers, and new workers for those that are left."""
        for hand in [hand for hand in self._hands if hand.free]:
            if self._waiting:
                task = self._waiting.popleft()
                if not hand.give(task):
                    self._waiting.appendleft(task)
                    self._hands.remove(hand)
                    hand.end()
        starting = sum(not hand.ready for hand in self._hands)
        if (len(self._hands) < self._count and len(self._waiting) > starting) or not self._hands:
            self._hands.append(_Hand(self._job, self._count))

    def _heard(self, hand: "_Hand") -> Finished | Died | None:
        """What a worker has to say: the end of its task, of itself, or nothing that matters."""
        try:
            kind, said = hand.results.recv()
        except (EOFError, OSError, pickle.UnpicklingError):
            return self._lost(hand)
        if kind == "note":
            if said not in self._noted:
                self._noted.add(said)
                progress.note(said)
        elif kind == "failed":
            raise said
        elif kind == "ready":
            hand.ready, self._failed_starts = True, 0
        else:
            (task,), hand.tasks = hand.tasks, ()
            return Finished(task, said)
        return None

    def _lost(self, hand: "_Hand") -> Died | None:
        self._hands.remove(hand)
        reason = hand.end(already=True)
        if hand.tasks:
            return Died(hand.tasks[0], reason)
        if not hand.ready:
            self._failed_starts += 1
            if self._failed_starts == _STARTS:
                raise WorkerError(
                    f"the worker process ends while it starts ({reason}), {_STARTS} times in a row; is there enough "
                    "memory for the model? Try fewer --workers"
                )
        return None


class _Hand:
    """One worker process, as seen from here.

    Attributes:
        results: What it says.
        ready: It has loaded what the job needs.
        tasks: What it is at: one task or none.
    """

    def __init__(self, job: bytes, among: int) -> None:
        # Ctrl-C reaches all processes of a terminal; only this one shall hear it. A blocked signal stays blocked in
        # a new process, and is not lost in this one.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-c", _COMMAND],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=_environment(among),
            )
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        sending, receiving = self._process.stdin, self._process.stdout
        if sending is None or receiving is None:
            raise WorkerError("a worker process without pipes")
        self._tasks = Connection(os.dup(sending.fileno()), readable=False)
        self.results = Connection(os.dup(receiving.fileno()), writable=False)
        sending.close()
        receiving.close()
        self.ready = False
        self.tasks: tuple[Task, ...] = ()
        with suppress(BrokenPipeError):
            self._tasks.send_bytes(job)

    @property
    def free(self) -> bool:
        """Waits for a task."""
        return self.ready and not self.tasks

    def give(self, task: Task) -> bool:
        """False if the worker has ended in the meantime."""
        try:
            self._tasks.send(task)
        except (BrokenPipeError, ConnectionResetError):
            return False
        self.tasks = (task,)
        return True

    def end(self, *, already: bool = False) -> str:
        """End the process, or see how it ended."""
        self._tasks.close()
        self.results.close()
        if already:
            # It closes its pipes a moment before it is gone.
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=10)
        self._process.kill()
        code = self._process.wait()
        return f"killed by signal {-code}" if code < 0 else f"ended with exit code {code}"


def _environment(among: int) -> dict[str, str]:
    """That of a worker: it finds the same modules, and leaves the others their cores."""
    paths = os.pathsep.join(path for path in sys.path if path)
    environment = os.environ | {"PYTHONPATH": paths}
    if among > 1:
        own = str(max(1, processes.cores() // among))
        environment |= dict.fromkeys((*_THREADS, processes.CORES), own)
    return environment
