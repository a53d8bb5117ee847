"""The contract between what is to be done and the processes that do it."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

Task = Any
"""Something to do, which can be pickled."""
Result = Any
"""What came of it, which can be pickled."""


class Job(Protocol):
    """What workers do; can be pickled, and is small: a model is named by its folder, not sent along."""

    def start(self) -> Callable[[Task], Result]:
        """Called once in each worker, to load what all tasks need; what it returns does one task."""


@dataclass(frozen=True)
class Finished:
    """A task that was done."""

    task: Task
    result: Result


@dataclass(frozen=True)
class Died:
    """A task whose worker ended while at it: killed, out of memory, crashed in compiled code.

    Attributes:
        task: It can be submitted again; another worker has taken the place of the dead one.
        reason: How the worker ended, in words, such as "killed by signal 9".
    """

    task: Task
    reason: str


class Workers(Protocol):
    """Processes that are at work, each with what the job loaded.

    Attributes:
        most: So many tasks may be under way, those that wait for a worker included: enough to keep all busy, and few
            enough that memory has a bound.
    """

    most: int

    def submit(self, task: Task) -> None:
        """Give a task to the next worker that is free."""

    def wait(self) -> Finished | Died:
        """The next task that ended, in no order; there must be one under way.

        Raises:
            ScixtagError: What the task, or the job's start, raised; other exceptions come out as they were raised.
            RemoteError: The cluster is gone.
        """


class Engine(Protocol):
    """A place where jobs are done."""

    def employ(self, job: Job) -> AbstractContextManager[Workers]:
        """Workers for a job, which end with the context, whatever happens in it.

        Raises:
            ConfigError: A package is missing.
            RemoteError: The cluster cannot be reached.
        """
