"""The engine: which cluster, and how many workers on it."""

import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

from scixtag import __version__, progress
from scixtag.engines.base import Job, Workers
from scixtag.engines.ray import cluster
from scixtag.errors import ConfigError, RemoteError
from scixtag.processes import cores


class Engine:
    """A Ray cluster, with Ray's actors as workers.

    Why actors and not Ray Data: docs/decisions/0007-actors-not-ray-data.md.
    """

    def __init__(self, workers: int | None = None, address: str | None = None) -> None:
        """Say which, without starting anything.

        Args:
            workers: How many; None: all CPUs of the cluster, or the cores that this process may use.
            address: HOST:PORT of a cluster's head, or "auto" for the one that this machine is a node of; None: the
                environment variable RAY_ADDRESS, and where that is unset a cluster of this machine's own.

        Raises:
            ConfigError: Ray is missing, or a setting is out of range.
        """
        if find_spec("ray") is None:
            raise ConfigError("--engine ray: Ray is missing; install the extra: pip install 'scixtag[ray]'")
        if workers is not None and workers < 1:
            raise ConfigError(f"--workers {workers}: at least one is needed")
        self._workers = workers
        self._address = address or os.environ.get("RAY_ADDRESS")
        if self._address:
            cluster.check_address(self._address)

    @contextmanager
    def employ(self, job: Job) -> Iterator[Workers]:
        """Workers for a job, which end with the context; so does the cluster, if it was made for them.

        Raises:
            RemoteError: The cluster cannot be reached, or has no CPU.
        """
        wanted = self._workers or cores()
        with cluster.joined_cluster(self._address) if self._address else cluster.own_cluster(wanted):
            from scixtag.engines.ray.workers import ClusterWorkers

            versions = {"python": platform.python_version(), "scixtag": __version__}
            workers = ClusterWorkers(job, self._count(), versions, elsewhere=bool(self._address))
            try:
                yield workers
            finally:
                workers.dismiss()

    def _count(self) -> int:
        total, free = cluster.cpus()
        count = min(self._workers or total, total)
        if count == 0:
            raise RemoteError("the Ray cluster has no CPU; add a node to it")
        if self._workers and self._workers > total:
            progress.note(f"the cluster has {total} CPUs, so {total} workers instead of {self._workers}")
        if free < count:
            progress.note(f"{free} of {total} CPUs are free; the other {count - free} workers begin when more are")
        return count
