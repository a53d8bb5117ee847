"""What all routes of a process share."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from starlette.requests import Request

from scixtag.errors import InputError
from scixtag.review.store.address import address_of
from scixtag.review.store.database import Database
from scixtag.service.contract.bodies import Body, body_from
from scixtag.service.contract.problems import Problem
from scixtag.service.inference.answering import Asked, answer
from scixtag.service.inference.batching import Batcher
from scixtag.service.inference.shelf import Served, Shelf
from scixtag.service.inference.turns import FullError
from scixtag.service.metrics import Metrics
from scixtag.service.options import ServiceOptions

T = TypeVar("T")


class Core:
    """Models, threads and numbers of a process.

    Args:
        options: What is served.

    Raises:
        ScixtagError: A model cannot be loaded, or the database not be opened.
    """

    def __init__(self, options: ServiceOptions) -> None:
        self.options = options
        self.metrics = Metrics()
        self.shelf = Shelf({name: Path(folder) for name, folder in options.models})
        self.database = None if options.database is None else open_database(options.database)
        self._batcher: Batcher[Asked, bytes] = Batcher(self._read, waiting=options.limits.waiting)
        # Explanations take a hundred times as long, so nobody else waits behind them.
        self._explaining: Batcher[Asked, bytes] = Batcher(answer, most=1, waiting=options.limits.waiting)
        self._aside = ThreadPoolExecutor(max_workers=8, thread_name_prefix="aside")
        # Nor behind others than this service: who waits for those keeps no decision waiting.
        self._outside = ThreadPoolExecutor(max_workers=8, thread_name_prefix="outside")

    def served(self, name: str | None) -> Served:
        """A model, or the default one.

        Raises:
            Problem: None of that name is served.
        """
        try:
            return self.shelf.named(name)
        except InputError as error:
            raise Problem(404, "unknown-model", str(error)) from error

    async def answers(self, asked: Sequence[Asked]) -> list[bytes]:
        """An object of JSON for each paper; for all the same is wanted.

        Raises:
            Problem: So many papers wait that it would take too long.
        """
        try:
            explained = asked[0].wanted.explain
            return await (self._explaining if explained else self._batcher).results(asked)
        except FullError as error:
            told = "too many papers wait for the model; come again in a second"
            raise Problem(503, "busy", told, headers={"Retry-After": "1"}) from error

    async def aside(self, do: Callable[..., T], *arguments: Any) -> T:
        """What takes long, in another thread."""
        return await asyncio.get_running_loop().run_in_executor(self._aside, partial(do, *arguments))

    async def outside(self, do: Callable[..., T], *arguments: Any) -> T:
        """What waits for others than this service, in a thread for that."""
        return await asyncio.get_running_loop().run_in_executor(self._outside, partial(do, *arguments))

    async def watch(self) -> None:
        """Load models again that were replaced, until cancelled.

        Explanations load packages that nothing else needs; the first author who asks why shall not wait for it.
        """
        await self.aside(self.shelf.prepare)
        while True:
            await asyncio.sleep(self.options.watch)
            for name in await self.aside(self.shelf.refresh):
                self.metrics.replaced.labels(name).inc()

    def close(self) -> None:
        """Answer what waits, then end."""
        self._batcher.close()
        self._explaining.close()
        for threads in (self._aside, self._outside):
            threads.shutdown(cancel_futures=True)
        if self.database is not None:
            self.database.close()

    def _read(self, batch: Sequence[Asked]) -> list[bytes]:
        self.metrics.batches.observe(len(batch))
        self.metrics.waiting.set(self._batcher.waiting)
        return answer(batch)


def open_database(url: str) -> Database:
    """The database of decisions. A file is never made here: with a mistyped name a desk would be empty.

    Raises:
        InputError: There is no such file.
        ScixtagError: As `Database.open`.
    """
    path = address_of(url).path
    if path is not None and not path.exists():
        raise InputError(
            f"{url}: no such database; make it with `scixtag review import SOURCE --model MODEL --database {url}`"
            f" or `scixtag token create NAME --role curator --database {url}`"
        )
    return Database.open(url)


def core_of(request: Request) -> Core:
    """The process's."""
    core: Core = request.app.state.core
    return core


async def body_of(request: Request, kind: type[Body]) -> Body:
    """The body of a request, checked; faster than through FastAPI, and without a way past the limits.

    Raises:
        Problem: It is no JSON, or not what is expected.
    """
    if request.headers.get("content-encoding", "identity").strip().casefold() != "identity":
        raise Problem(
            415, "wrong-media-type", "send the body as it is, without Content-Encoding: it is not unpacked here"
        )
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().casefold()
    if media_type != "application/json":
        raise Problem(415, "wrong-media-type", "send the body as JSON, with the header Content-Type: application/json")
    return body_from(await request.body(), kind)
