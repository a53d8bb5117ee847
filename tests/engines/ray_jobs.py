"""Jobs for the workers of a Ray cluster; sent along by value, since no node has the folder of the tests."""

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from scixtag import processes, progress
from scixtag.errors import InputError, ModelError


class Unreadable(Exception):  # noqa: N818 (its arguments are not what it is made of, so it cannot be unpickled)
    def __init__(self, first, second):
        super().__init__(f"{first} and {second}")


@dataclass(frozen=True)
class Squares:
    """Squares numbers; notes each start in a folder; does what a task asks for otherwise."""

    folder: Path

    def start(self):
        (self.folder / f"{os.getpid()}-{time.monotonic_ns()}").touch()
        return self.work

    def work(self, task):
        if isinstance(task, int):
            return task * task
        what, *rest = task
        return getattr(self, what)(*rest)

    def nap(self, seconds):
        time.sleep(seconds)
        return os.getpid()

    def die(self, once=None):
        if once is None or not Path(once).exists():
            if once:
                Path(once).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return "survived"

    def leave(self):
        os._exit(3)

    def refuse(self):
        raise InputError("row 17: no title")

    def tell(self):
        progress.note("the model is old")
        return "told"

    def where(self):
        return str(Path.cwd())

    def divide(self):
        return 1 // 0

    def open(self):
        return Path("no-such-place/file").read_text()

    def strange(self):
        raise Unreadable("one", "two")

    def threads(self):
        from threadpoolctl import threadpool_info

        np.ones((2, 2)) @ np.ones((2, 2))
        return [pool["num_threads"] for pool in threadpool_info()], os.environ["OMP_NUM_THREADS"], processes.cores()

    def large(self):
        return np.arange(1_000_000)


@dataclass(frozen=True)
class NoFolder:
    """Its model is not there."""

    def start(self):
        raise ModelError("models/astro: no such folder")


@dataclass(frozen=True)
class DiesAtStart:
    """Its model kills whoever loads it."""

    def start(self):
        os.kill(os.getpid(), signal.SIGKILL)
