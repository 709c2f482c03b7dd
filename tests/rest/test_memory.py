"""Equal reads share one call, whoever is cancelled on the way."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from custgraph.errors import UpstreamError, UpstreamTimeout
from custgraph.rest.memory import Memory
from support.clock import jumping


class Source:
    """Counts the reads; each takes a second, and gives its number or the error."""

    def __init__(self, error: Exception | None = None) -> None:
        self.reads = 0
        self.error = error

    async def read(self, _asked: object) -> int:
        self.reads += 1
        number = self.reads
        await asyncio.sleep(1)
        if self.error is not None:
            raise self.error
        return number


def shared(memory: Memory, read: Callable[[object], Awaitable[int]], key: str = "key") -> asyncio.Task[int]:
    return asyncio.ensure_future(memory.share(key, read, None))


@jumping
async def test_equal_reads_are_one() -> None:
    memory, source = Memory(), Source()
    tasks = [shared(memory, source.read) for _ in range(5)]
    assert await asyncio.gather(*tasks, shared(memory, source.read, "another")) == [1, 1, 1, 1, 1, 2]
    assert await shared(memory, source.read) == 1


@jumping
async def test_an_error_is_shared_too() -> None:
    memory, source = Memory(), Source(UpstreamError())
    outcomes = await asyncio.gather(*(shared(memory, source.read) for _ in range(3)), return_exceptions=True)
    assert ([type(outcome) for outcome in outcomes], source.reads) == ([UpstreamError] * 3, 1)
    with pytest.raises(UpstreamError):
        await shared(memory, source.read)
    assert source.reads == 1


@jumping
async def test_where_errors_are_ones_own_the_next_takes_over() -> None:
    memory, source = Memory(errors=False), Source(UpstreamTimeout())
    tasks = [shared(memory, source.read) for _ in range(3)]
    await asyncio.sleep(1.5)
    source.error = None
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert ([type(outcome) for outcome in outcomes], source.reads) == ([UpstreamTimeout, int, int], 2)


@jumping
async def test_a_defect_hits_each_by_itself() -> None:
    memory, source = Memory(), Source(ZeroDivisionError())
    outcomes = await asyncio.gather(*(shared(memory, source.read) for _ in range(3)), return_exceptions=True)
    assert ([type(outcome) for outcome in outcomes], source.reads) == ([ZeroDivisionError] * 3, 3)


@jumping
async def test_when_the_first_is_cancelled_the_next_takes_over() -> None:
    memory, source = Memory(), Source()
    tasks = [shared(memory, source.read) for _ in range(4)]
    await asyncio.sleep(0.5)
    tasks[0].cancel()
    tasks[2].cancel()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [asyncio.CancelledError, int, asyncio.CancelledError, int]
    assert source.reads == 2


@jumping
async def test_one_who_waits_may_leave_without_harm() -> None:
    memory, source = Memory(), Source()
    first, leaves = shared(memory, source.read), shared(memory, source.read)
    await asyncio.sleep(0.5)
    leaves.cancel()
    assert (await first, source.reads) == (1, 1)


@jumping
async def test_what_was_asked_before_a_write_serves_only_those_who_asked_before() -> None:
    memory, source = Memory(), Source()
    before = [shared(memory, source.read) for _ in range(2)]
    await asyncio.sleep(0.5)
    memory.forget()
    after = shared(memory, source.read)
    assert await asyncio.gather(*before, after) == [1, 1, 2]
    assert await shared(memory, source.read) == 2


@jumping
async def test_a_read_taken_over_after_a_write_is_not_remembered() -> None:
    memory, source = Memory(), Source()
    first, second = (shared(memory, source.read) for _ in range(2))
    await asyncio.sleep(0.5)
    memory.forget()
    first.cancel()
    assert await second == 2
    assert await shared(memory, source.read) == 3
