"""Several processes that listen at one socket: started again when they die, ended when the first one does."""

import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable
from multiprocessing import connection, parent_process
from typing import TypeVar

from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess
from uvicorn.supervisors.multiprocess import Process

from scixtag.errors import ScixtagError, WorkerError
from scixtag.service import metrics
from scixtag.service.logs import LOGGER

T = TypeVar("T")

_PAUSE = 3.0
"""Seconds until a process that cannot start ends, so that its followers do not fill the log."""
_MAPPED = "a file that it maps was cut short; replace model folders as a whole, and never write into them"


class Workers(Multiprocess):
    """The first process, which answers nothing itself."""

    def run(self) -> None:
        """Start the others and look after them until a signal comes.

        Raises:
            WorkerError: They end while they start, and would again.
        """
        super().run()
        if any(process.exitcode == STARTUP_FAILURE for process in self.processes):
            raise WorkerError("the service's processes end while they start; their log says why")

    def keep_subprocess_alive(self) -> None:
        """Start others for those that died, and say so."""
        before = list(self.processes)
        super().keep_subprocess_alive()
        for old, new in zip(before, self.processes, strict=True):
            if old is not new:
                _say_died(old, new)

    def terminate_all(self) -> None:
        """End the others; this process lets go first, for what waits at its socket then would never be answered."""
        for listening in self.sockets:
            listening.close()
        super().terminate_all()


def _say_died(old: Process, new: Process) -> None:
    ended = _end_of(old.exitcode or 0)
    told = {"worker": old.pid, "ended": ended, "started": new.pid}
    LOGGER.error("worker died", extra={"told": told | ({"reason": _MAPPED} if ended == "SIGBUS" else {})})
    if old.pid is not None:
        metrics.forget(old.pid)


def _end_of(code: int) -> str:
    """How a process ended: the name of a signal, or a code."""
    names = {-number.value: number.name for number in signal.Signals}
    return names.get(code, f"exit code {code}")


def end_with_parent(grace: float) -> None:
    """End this process, as SIGTERM would, when the one that started it is gone: nobody else would.

    Args:
        grace: Seconds that it has for that.
    """
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_watch, args=(parent.sentinel, grace), name="parent", daemon=True).start()


def _watch(sentinel: int, grace: float) -> None:
    connection.wait([sentinel])
    LOGGER.error("first process gone, this one ends")
    # It would have removed them; what is open stays so.
    shutil.rmtree(os.environ[metrics.FOLDER], ignore_errors=True)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(grace)
    os._exit(1)


def started(start: Callable[[], T]) -> T:
    """What a process needs to answer; if that fails, it says so, ends, and the first process tries another one."""
    try:
        return start()
    except ScixtagError as error:
        LOGGER.error("worker not started", extra={"told": {"reason": str(error)}})
        time.sleep(_PAUSE)
        sys.exit(1)
