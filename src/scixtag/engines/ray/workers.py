"""Workers on a cluster: the contract's `submit` and `wait` over actors."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ray
from ray.exceptions import (
    NodeDiedError,
    ObjectLostError,
    OutOfMemoryError,
    RayActorError,
    RayError,
    RayTaskError,
    WorkerCrashedError,
)

from scixtag import progress
from scixtag.engines.base import Died, Finished, Job, Result, Task
from scixtag.engines.ray import actor, cluster
from scixtag.errors import RemoteError, ScixtagError, WorkerError

LOOKING = 5.0  # seconds without news after which the cluster is looked at
PATIENCE = 120.0  # seconds without a single worker, until that is an error
SILENCES = 3  # looks at a head that does not answer, until it is gone
_DEATHS = (NodeDiedError, ObjectLostError, OutOfMemoryError, RayActorError, WorkerCrashedError)


@dataclass(frozen=True)
class Place:
    """Where a worker is, and what it found there.

    Attributes:
        node: The node's name in its network.
        process: The process's number on this node.
        python: The version of Python, such as "3.11.7".
        scixtag: The version of scixtag, or why it cannot be imported.
    """

    node: str
    process: int
    python: str
    scixtag: str

    def __str__(self) -> str:
        return f"node {self.node}, process {self.process}"


@dataclass(eq=False)
class _Hired:
    """A worker, from the request for it to its death.

    Attributes:
        actor: Ray's handle.
        place: Where it is; None: there is no place for it yet.
    """

    actor: Any
    place: Place | None = None


@dataclass(frozen=True)
class _Call:
    """What a worker is at.

    Attributes:
        worker: The worker.
        then: What is done with what comes of it.
        task: The task; none while the worker begins.
    """

    worker: _Hired
    then: Callable[["_Call", Any], Finished | None]
    task: tuple[Task, ...] = ()


class ClusterWorkers:
    """Workers, each with one task at a time; all others wait here, so that it is known which task a worker died of."""

    def __init__(self, job: Job, count: int, versions: dict[str, str], *, elsewhere: bool) -> None:
        """Ask for all workers; they begin while the first tasks come.

        Args:
            job: What they do.
            count: How many.
            versions: Of what a `Place` tells, here; other ones are refused.
            elsewhere: They may be on other machines, where files may be missing.
        """
        self.most = 2 * count
        self._job = ray.cloudpickle.dumps(job)
        self._count = count
        self._versions = versions
        self._elsewhere = elsewhere
        self._noted: set[str] = set()
        self._waiting: deque[Task] = deque()
        self._idle: list[_Hired] = []
        self._calls: dict[Any, _Call] = {}
        self._failed_starts = 0
        self._worked = time.monotonic()
        self._silences = 0
        ray.cloudpickle.register_pickle_by_value(actor)
        self._class = ray.remote(num_cpus=1, max_restarts=0, max_task_retries=0)(actor.Worker)
        for _ in range(count):
            self._hire()

    def submit(self, task: Task) -> None:
        """Give a task to the next worker that is free."""
        self._waiting.append(task)
        self._deal()

    def wait(self) -> Finished | Died:
        """The next task that ended.

        Raises:
            ScixtagError: What the task, or the job's start, raised; from another node, with this node's name.
            RemoteError: The cluster is gone, or has no place for a worker, or another version of something.
            WorkerError: Workers die before they have begun.
        """
        while True:
            ready, _ = ray.wait(list(self._calls), timeout=LOOKING)
            for reference in ready:
                ended = self._ended(reference)
                if ended:
                    return ended
            if not ready:
                self._look_at_cluster()

    def dismiss(self) -> None:
        """End all workers, whatever they are at."""
        for worker in [*self._idle, *(call.worker for call in self._calls.values())]:
            ray.kill(worker.actor)

    def _hire(self) -> None:
        worker = _Hired(self._class.remote())
        self._calls[worker.actor.look.remote()] = _Call(worker, self._found_place)

    def _found_place(self, call: _Call, found: dict[str, Any]) -> None:
        """Versions are compared before anything is unpickled there."""
        place = Place(**found)
        wrong = [
            f"{name} {found[name]} there and {version} here"
            for name, version in self._versions.items()
            if found[name] != version
        ]
        if wrong:
            raise RemoteError(f"{place}: {', '.join(wrong)}; install the same on all nodes of the Ray cluster")
        call.worker.place = place
        starting = call.worker.actor.start.remote(self._job, str(Path.cwd()))
        self._calls[starting] = _Call(call.worker, self._started)

    def _started(self, call: _Call, answer: tuple[None, list[str]]) -> None:
        self._note(answer[1])
        self._failed_starts = 0
        self._idle.append(call.worker)
        self._deal()

    def _done(self, call: _Call, answer: tuple[Result, list[str]]) -> Finished:
        self._note(answer[1])
        self._idle.append(call.worker)
        self._deal()
        return Finished(call.task[0], answer[0])

    def _note(self, told: list[str]) -> None:
        """All workers say the same; it is worth reading once."""
        for message in told:
            if message not in self._noted:
                self._noted.add(message)
                progress.note(message)

    def _deal(self) -> None:
        while self._waiting and self._idle:
            worker, task = self._idle.pop(), self._waiting.popleft()
            self._calls[worker.actor.do.remote(task)] = _Call(worker, self._done, (task,))

    def _ended(self, reference: Any) -> Finished | Died | None:
        call = self._calls.pop(reference)
        self._worked = time.monotonic()
        try:
            answer = ray.get(reference)
        except RayTaskError as error:
            if call.task:
                self._idle.append(call.worker)
            raise self._cause(error, call.worker.place) from error
        except _DEATHS as error:
            return self._died(call, error)
        except RayError as error:
            raise RemoteError(f"the Ray cluster failed: {error}; the same command goes on when it is well") from error
        return call.then(call, answer)

    def _cause(self, error: RayTaskError, place: Place | None) -> Exception:
        """The exception as it was raised there; one that can be of a place says which."""
        cause: object = error.cause
        if not isinstance(cause, Exception) or isinstance(cause, RayError):
            return RemoteError(f"{place}: {error}")
        if self._elsewhere and isinstance(cause, ScixtagError | OSError):
            cause.add_note(f"raised on {place}; every node must see model, input and output under the same path")
        return cause

    def _died(self, call: _Call, error: RayError) -> Died | None:
        ray.kill(call.worker.actor)  # one that only its node's network has lost must not work on
        self._hire()
        reason = _reason(error, call.worker.place)
        if call.task:
            return Died(call.task[0], reason)
        self._failed_starts += 1
        # A node that is lost takes several with it, and each may begin again elsewhere.
        if self._failed_starts > self._count + 2:
            raise WorkerError(
                f"{self._failed_starts} workers in a row ended while they started; the last {reason}; is there enough "
                "memory for the model? Try fewer --workers"
            )
        return None

    def _look_at_cluster(self) -> None:
        self._silences = 0 if cluster.head_answers() else self._silences + 1
        if self._silences >= SILENCES:
            raise RemoteError("the head of the Ray cluster is gone; start it again, and the same command goes on")
        if self._idle or any(call.worker.place for call in self._calls.values()):
            self._worked = time.monotonic()
        elif time.monotonic() - self._worked > PATIENCE:
            total, free = cluster.cpus()
            raise RemoteError(
                f"no place for a worker on the Ray cluster in {PATIENCE:.0f} s: it has {total} CPUs, {free} of them "
                "free; add nodes, or wait until others have done, and the same command goes on"
            )


def _reason(error: RayError, place: Place | None) -> str:
    if place is None:
        # So it is, too, if this process asks for a token where the cluster has none.
        return f"never came to be ({' '.join(str(error).split())}); is RAY_AUTH_MODE the same here and on all nodes"
    where = f"on {place}"
    if isinstance(error, OutOfMemoryError):
        return f"killed by Ray {where}, whose memory was full"
    if isinstance(error, ObjectLostError):
        return f"done {where}, and its result was lost with the node"
    if "node" in (said := str(error).lower()) and (
        "node died" in said or "node is dead" in said or "terminated" in said
    ):
        return f"ended {where}: the node is gone"
    return f"ended unexpectedly {where}"
