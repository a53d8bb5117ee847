import asyncio
import threading

import pytest

from scixtag.service.inference.batching import Batcher
from scixtag.service.inference.turns import CLIENT, FullError


@pytest.fixture
def batches():
    """A batcher of numbers that doubles them, refuses odd ones, and begins when it is told to."""
    begin, seen = threading.Event(), []

    def read(jobs):
        begin.wait(10)
        seen.append(list(jobs))
        if any(job % 2 for job in jobs):
            raise ValueError(jobs)
        return [2 * job for job in jobs]

    batcher = Batcher(read, most=4, waiting=6)
    yield batcher, begin, seen
    begin.set()
    batcher.close()


def test_what_waits_is_read_together_and_answered_in_order(batches):
    batcher, begin, seen = batches

    async def ask():
        first = asyncio.ensure_future(batcher.results([0]))
        await asyncio.sleep(0.05)
        others = [asyncio.ensure_future(batcher.results([2 * i, 2 * i + 2])) for i in range(1, 4)]
        await asyncio.sleep(0.05)
        begin.set()
        return await asyncio.gather(first, *others)

    assert asyncio.run(ask()) == [[0], [4, 8], [8, 12], [12, 16]]
    assert seen == [[0], [2, 4, 4, 6], [6, 8]]


def test_only_who_is_to_blame_fails(batches):
    batcher, begin, _ = batches

    async def ask():
        begin.set()
        return await asyncio.gather(*(batcher.results([job]) for job in (2, 3, 4)), return_exceptions=True)

    good, bad, other = asyncio.run(ask())
    assert (good, other) == ([4], [8])
    assert isinstance(bad, ValueError)


def test_too_many_are_refused_at_once_and_who_has_left_is_not_read(batches):
    batcher, begin, seen = batches

    async def ask():
        first = asyncio.ensure_future(batcher.results([0]))
        await asyncio.sleep(0.05)
        left = asyncio.ensure_future(batcher.results([2, 4]))
        await asyncio.sleep(0)
        with pytest.raises(FullError):
            await batcher.results([2] * 5)
        left.cancel()
        await asyncio.sleep(0)
        begin.set()
        return await first, await batcher.results([8])

    assert asyncio.run(ask()) == ([0], [16])
    assert seen == [[0], [8]]


def test_what_waits_is_read_before_the_end():
    async def ask():
        batcher = Batcher(lambda jobs: list(jobs), most=2)
        asked = asyncio.ensure_future(batcher.results(list(range(50))))
        await asyncio.sleep(0)
        await asyncio.get_running_loop().run_in_executor(None, batcher.close)
        return await asked

    assert asyncio.run(ask()) == list(range(50))


def test_clients_take_turns(batches):
    batcher, begin, seen = batches

    async def of(client, *jobs):
        CLIENT.set(client)
        return await batcher.results(jobs)

    async def ask():
        asked = [asyncio.create_task(of("first", 0))]
        await asyncio.sleep(0.05)
        asked += [asyncio.create_task(of("much", 2, 4, 6, 8, 10)), asyncio.create_task(of("little", 12))]
        await asyncio.sleep(0)
        begin.set()
        return await asyncio.gather(*asked)

    assert asyncio.run(ask()) == [[0], [4, 8, 12, 16, 20], [24]]
    assert seen == [[0], [2, 12, 4, 6], [8, 10]]


def test_nobody_is_turned_away_because_of_others(batches):
    batcher, begin, _ = batches

    async def of(client, *jobs):
        CLIENT.set(client)
        return await batcher.results(jobs)

    async def ask():
        asked = [asyncio.create_task(of("first", 0))]
        await asyncio.sleep(0.05)
        asked.append(asyncio.create_task(of("much", *[2] * 6)))
        await asyncio.sleep(0)
        with pytest.raises(FullError):
            await of("much", 2)
        asked.append(asyncio.create_task(of("little", 12)))
        await asyncio.sleep(0)
        begin.set()
        return (await asyncio.gather(*asked))[-1]

    assert asyncio.run(ask()) == [24]
