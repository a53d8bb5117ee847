"""Several processes that listen at one socket: started again when they die, ended when the first one does."""

import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable
from multiprocessing import connection, parent_process
from socket import socket
from typing import TypeVar

from uvicorn.config import STARTUP_FAILURE, Config
from uvicorn.supervisors import Multiprocess
from uvicorn.supervisors.multiprocess import Process

from scixtag.errors import ScixtagError, WorkerError
from scixtag.service import metrics
from scixtag.service.logs import LOGGER

T = TypeVar("T")

_PAUSE = 3.0
"""Seconds until a process that cannot start ends, so that its followers do not fill the log."""
_SILENCE = 60.0
"""Seconds without a sign of life after which a process is ended; a busy machine may take ten to start one."""
_MAPPED = "a file that it maps was cut short; replace model folders as a whole, and never write into them"


class Workers(Multiprocess):
    """The first process, which answers nothing itself."""

    def __init__(self, config: Config, sockets: list[socket]) -> None:
        super().__init__(config, sockets)
        self._asked: dict[Process, float] = {}

    def run(self) -> None:
        """Start the others and look after them until a signal comes.

        Raises:
            WorkerError: They end while they start, and would again.
        """
        super().run()
        if any(process.exitcode == STARTUP_FAILURE for process in self.processes):
            raise WorkerError("the service's processes end while they start; their log says why")

    def keep_subprocess_alive(self) -> None:
        """Start others for those that died or hang, and say so.

        Uvicorn's own check waits for one process after the other, and takes for hung what is only slow to start.
        """
        if self.should_exit.is_set():
            return  # they may have heard the signal before us
        for place, old in enumerate(self.processes):
            hung = old.process.is_alive()
            if hung and not self._hangs(old):
                continue
            self._asked.pop(old, None)
            old.kill()
            old.join()
            if old.exitcode == STARTUP_FAILURE:
                self.should_exit.set()
                return
            new = self.processes[place] = Process(self.config, self.sockets)
            new.start()
            _say_died(old, new, hung)

    def _hangs(self, process: Process) -> bool:
        """Whether it has been silent for too long; asks it, and looks the next time whether it has answered."""
        asked = self._asked.get(process)
        try:
            if asked is not None and process.parent_conn.poll():
                process.parent_conn.recv()
                asked = None
            if asked is None:
                asked = self._asked[process] = time.monotonic()
                process.parent_conn.send(b"ping")
        except (OSError, EOFError):
            return True
        return time.monotonic() - asked > _SILENCE

    def terminate_all(self) -> None:
        """End the others; this process lets go first, for what waits at its socket then would never be answered."""
        for listening in self.sockets:
            listening.close()
        super().terminate_all()


def _say_died(old: Process, new: Process, hung: bool) -> None:
    ended = _end_of(old.exitcode or 0)
    told: dict[str, object] = {"worker": old.pid, "ended": ended, "started": new.pid}
    if hung:
        told["reason"] = f"it was silent for {_SILENCE:g} s"
    elif ended == "SIGBUS":
        told["reason"] = _MAPPED
    LOGGER.error("worker died", extra={"told": told})
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
