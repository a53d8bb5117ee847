"""A worker of the local engine: takes a job from standard input, then tasks, and says on standard output what came."""

import gc
import os
import pickle
import threading
import traceback
from multiprocessing.connection import Connection
from queue import SimpleQueue
from typing import Any

from scixtag.errors import ScixtagError
from scixtag.progress import Silent, reporting_to


def main() -> None:
    """Work until nobody gives tasks any more."""
    results = Connection(os.dup(1), readable=False)
    tasks = Connection(os.dup(0), writable=False)
    # Whatever compiled code prints shall not be taken for results.
    os.dup2(2, 1)
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123 (a device, by the name that the system gives it)
        os.dup2(nothing.fileno(), 0)
    waiting: SimpleQueue[bytes] = SimpleQueue()
    threading.Thread(target=_receive, args=(tasks, waiting), daemon=True).start()
    with reporting_to(_Notes(results)):
        try:
            do = pickle.loads(waiting.get()).start()
            # What is loaded lives to the end, and what comes holds no cycles: no need to look through it all the time.
            gc.freeze()
            gc.set_threshold(50_000)
            _say(results, "ready", None)
            while True:
                _say(results, "done", do(pickle.loads(waiting.get())))
        except Exception as error:  # noqa: BLE001 (told by whoever gave the task)
            _say(results, "failed", _portable(error))


def _receive(tasks: Connection, waiting: "SimpleQueue[bytes]") -> None:
    """Take what is sent; if whoever sent it is gone, so is this process, and whatever it is at."""
    while True:
        try:
            waiting.put(tasks.recv_bytes())
        except (EOFError, OSError):
            os._exit(0)


def _say(results: Connection, kind: str, what: Any) -> None:
    """Tell whoever gave the task; nobody is there to tell that nobody listens."""
    message = pickle.dumps((kind, what))
    try:
        results.send_bytes(message)
    except OSError:
        os._exit(0)


def _portable(error: Exception) -> Exception:
    """An error that can be raised elsewhere; one that is not ours tells where it comes from."""
    if not isinstance(error, ScixtagError):
        error.add_note("".join(traceback.format_exception(error)))
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:  # noqa: BLE001 (whatever the error holds)
        return RuntimeError("".join(traceback.format_exception(error)))
    return error


class _Notes(Silent):
    """Sends on what is worth reading; progress is told by whoever counts the tasks."""

    def __init__(self, results: Connection) -> None:
        self._results = results

    def note(self, message: str) -> None:
        _say(self._results, "note", message)
