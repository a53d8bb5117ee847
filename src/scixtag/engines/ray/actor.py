"""What runs on the nodes of the cluster, one actor a worker.

This module is sent along by value and imports nothing of scixtag at its head, so that it can say what is missing on a
node where scixtag cannot be imported.
"""

import os
import pickle
import platform
import traceback
from collections.abc import Callable
from importlib import import_module
from typing import Any

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "SCIXTAG_CORES")


class Worker:
    """One process that does one task after the other."""

    def __init__(self) -> None:
        # There are as many workers as cores. Before numpy is imported, or these are read too late.
        os.environ.update(dict.fromkeys(THREADS, "1"))
        self._work: Callable[[Any], Any] | None = None

    def look(self) -> dict[str, Any]:
        """Where this is, and what is there, before anything is loaded; the fields of a `Place`."""
        try:
            version = str(import_module("scixtag").__version__)
        except Exception as error:  # noqa: BLE001 (whatever stands in its way, the driver tells it)
            version = f"{type(error).__name__}: {error}"
        python = platform.python_version()
        return {"node": platform.node(), "process": os.getpid(), "python": python, "scixtag": version}

    def start(self, job: bytes, folder: str) -> tuple[None, list[str]]:
        """Load what the tasks need.

        Args:
            job: A pickled `Job`.
            folder: The driver's, from which relative paths go out.

        Returns:
            Nothing, and what is worth telling, as `do`.
        """
        if os.path.isdir(folder):  # noqa: PTH112 (pathlib would be one more thing to send along)
            os.chdir(folder)
        import_module("threadpoolctl").threadpool_limits(1)
        self._work, notes = self._noting(lambda: pickle.loads(job).start())
        return None, notes

    def do(self, task: Any) -> tuple[Any, list[str]]:
        """Do one task.

        Returns:
            What came of it, and what is worth telling.
        """
        if self._work is None:
            raise RuntimeError("a task came before the job was started")
        work = self._work
        return self._noting(lambda: work(task))

    def _noting(self, work: Callable[[], Any]) -> tuple[Any, list[str]]:
        notes = _Notes()
        with import_module("scixtag.progress").reporting_to(notes):
            try:
                return work(), notes.told
            except Exception as error:
                raise _portable(error) from error


def _portable(error: Exception) -> Exception:
    """An error that can be raised elsewhere."""
    cloudpickle = import_module("ray").cloudpickle
    try:
        pickle.loads(cloudpickle.dumps(error))
    except Exception:  # noqa: BLE001 (whatever the error holds)
        return RuntimeError("".join(traceback.format_exception(error)))
    return error


class _Notes:
    """Keeps what is worth reading; progress is told by whoever counts the tasks."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def start(self, name: str, total: int | None) -> int:
        return 0

    def advance(self, handle: int, steps: int, detail: str) -> None: ...

    def finish(self, handle: int, *, complete: bool) -> None: ...

    def note(self, message: str) -> None:
        self.told.append(message)
