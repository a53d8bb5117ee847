"""Papers of many requests, read together and off the event loop."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Generic, NamedTuple, TypeVar

from scixtag.service.inference.turns import CLIENT, Turns

Job = TypeVar("Job")
Result = TypeVar("Result")

MOST = 64
"""Papers that are read at once: enough for compiled loops, few enough that nobody waits long."""


class _Waiting(NamedTuple, Generic[Job, Result]):
    job: Job
    future: "asyncio.Future[Result]"


class Batcher(Generic[Job, Result]):
    """Gathers what comes while a batch is read into the next one; nobody waits for company, and clients take turns.

    One thread reads, for the compiled loops of one batch use a core well, and the event loop needs one, too.

    Args:
        read: Jobs to results, in order.
        most: Jobs in a batch.
        waiting: Jobs that wait at most; see `Turns`.
    """

    def __init__(
        self, read: Callable[[Sequence[Job]], Sequence[Result]], most: int = MOST, waiting: int = 2000
    ) -> None:
        self._read = read
        self._most = most
        self._waiting: Turns[_Waiting[Job, Result]] = Turns(waiting)
        self._thread = threading.Thread(target=self._work, name="batches", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """Jobs that wait."""
        return len(self._waiting)

    async def results(self, jobs: Sequence[Job]) -> list[Result]:
        """What comes of jobs, in order.

        Raises:
            FullError: Too many wait; none of these was taken.
            Exception: Whatever `read` raises for one of them.
        """
        loop = asyncio.get_running_loop()
        futures: list[asyncio.Future[Result]] = [loop.create_future() for _ in jobs]
        self._waiting.put([_Waiting(*both) for both in zip(jobs, futures, strict=True)], CLIENT.get())
        return list(await asyncio.gather(*futures))

    def close(self) -> None:
        """Read what waits, then end."""
        self._waiting.end()
        self._thread.join()

    def _work(self) -> None:
        while batch := self._waiting.take(self._most):
            # Whoever asked may have left.
            batch = [one for one in batch if not one.future.cancelled()]
            if batch:
                self._answer(batch)

    def _answer(self, batch: list[_Waiting[Job, Result]]) -> None:
        try:
            found: list[Result | Exception] = list(self._read([one.job for one in batch]))
        except Exception as error:  # noqa: BLE001 (told to whoever asked)
            # Only the one that is to blame fails.
            found = [self._alone(one.job) for one in batch] if len(batch) > 1 else [error]
        told = list(zip((one.future for one in batch), found, strict=True))
        # All who ask are on the event loop of the process; if it has ended, nobody waits any more.
        with suppress(RuntimeError):
            batch[0].future.get_loop().call_soon_threadsafe(_deliver, told)

    def _alone(self, job: Job) -> Result | Exception:
        try:
            return self._read([job])[0]
        except Exception as error:  # noqa: BLE001 (told to whoever asked)
            return error


def _deliver(told: "list[tuple[asyncio.Future[Result], Result | Exception]]") -> None:
    for future, result in told:
        if future.done():
            continue
        if isinstance(result, Exception):
            future.set_exception(result)
        else:
            future.set_result(result)
