"""What runs on the nodes of the cluster, one actor a worker.

This module is sent along by value and imports nothing of scixtag at its head, so that it can say what is missing on a
node where scixtag cannot be imported.
"""

import os
import pickle
import platform
from collections.abc import Callable
from importlib import import_module
from typing import Any

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


class Worker:
    """One process that does one task after the other."""

    def __init__(self) -> None:
        # As many workers as cores are there already. Before numpy is imported, or these are read too late.
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

    def start(self, job: bytes) -> None:
        """Load what the tasks need.

        Args:
            job: A pickled `Job`.
        """
        import_module("threadpoolctl").threadpool_limits(1)
        self._work = pickle.loads(job).start()

    def do(self, task: Any) -> Any:
        """Do one task."""
        if self._work is None:
            raise RuntimeError("a task came before the job was started")
        return self._work(task)
