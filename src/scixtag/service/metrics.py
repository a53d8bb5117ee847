"""Numbers for Prometheus, of all processes together."""

import os

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest, multiprocess

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""Where several processes keep their numbers; the library reads this variable."""

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_SIZES = (1, 2, 4, 8, 16, 32, 64)


class Metrics:
    """What is counted.

    Attributes:
        requests: By route, method and status.
        seconds: Until the answer began, by route.
        batches: Papers that were read at once.
        waiting: Papers that wait for a model.
        replaced: Models that were replaced, by name.
    """

    def __init__(self) -> None:
        self._several = FOLDER in os.environ
        self._own = CollectorRegistry()
        own = self._own
        self.requests = Counter(
            "scixtag_requests_total", "Requests that were answered", ["route", "method", "status"], registry=own
        )
        self.seconds = Histogram(
            "scixtag_request_seconds", "Seconds to answer", ["route"], buckets=_SECONDS, registry=own
        )
        self.batches = Histogram("scixtag_batch_papers", "Papers read at once", buckets=_SIZES, registry=own)
        self.waiting = Gauge(
            "scixtag_papers_waiting", "Papers that wait for a model", registry=own, multiprocess_mode="livesum"
        )
        self.replaced = Counter("scixtag_models_replaced_total", "Models that were replaced", ["model"], registry=own)

    def text(self) -> bytes:
        """As Prometheus reads it."""
        if not self._several:
            return generate_latest(self._own)
        all_processes = CollectorRegistry()
        multiprocess.MultiProcessCollector(all_processes)  # type: ignore[no-untyped-call]
        return generate_latest(all_processes)


def forget(process: int) -> None:
    """A process has died: what it counted stays, what it had waiting is gone."""
    multiprocess.mark_process_dead(process)  # type: ignore[no-untyped-call]
