"""One tenant with hundreds of stalled calls beside another that goes about its business.

The gateway is `custgraph serve`, and each tenant a process of its own: nothing but the gateway stands between them.
"""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractContextManager, AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory
from typing import TypeVar
from urllib.parse import urlsplit

from support.attacks.attack import Attack, make
from support.attacks.requests import post
from support.bystander import bystanding
from support.faults.catalogue import FAULTS
from support.faults.runs.report import Progress, Report, percentile, silent
from support.served import serving
from support.upstream import FakeUpstream, Kind, Script, Tenant

T = TypeVar("T")

_READ = b'{"query":"{ customer(id: 7) { email } }"}'
_LANES = 16
"""Upstream calls that one credential may have under way."""


async def run_crowd(
    seed: int,
    seconds: float = 8.0,
    calls: int = 500,
    *,
    rounds: int = 3,
    per_second: float = 50.0,
    progress: Progress = silent,
) -> Report:
    """Measures one tenant's reads by turns: alone, and beside `calls` of another that stall; those refused come again.

    The percentiles are the middle ones of the rounds, so that one hiccup of the machine decides nothing.
    """
    report = Report(f"one tenant with {calls} stalled calls beside another, {rounds} rounds of {seconds:g} s each")
    noisy, quiet = Tenant(1), Tenant(2)
    async with AsyncExitStack() as stack:
        gc.freeze()  # this process is the upstream: its own pauses are not what is measured
        stack.callback(gc.unfreeze)
        upstream = await stack.enter_async_context(FakeUpstream([noisy, quiet]))
        upstream.plan = Script(FAULTS["no-answer"], Kind, token=noisy.token)
        folder = Path(stack.enter_context(TemporaryDirectory()))
        settings = {"upstream_url": upstream.url(), "log_level": "warning"}
        served = await stack.enter_async_context(_beside(serving(folder, settings=settings)))
        where = urlsplit(served.origin)
        host, port = str(where.hostname), where.port or 0
        bystander = await stack.enter_async_context(
            _beside(bystanding(host, port, quiet.token, seconds_between=1 / per_second))
        )
        stalled = 0
        for number in range(1, rounds + 1):
            await asyncio.sleep(0.5)
            bystander.phase(f"alone {number}")
            await asyncio.sleep(seconds)
            bystander.phase("rush")
            async with asyncio.timeout(30 + seconds), _beside(_crowd(host, port, noisy.token, calls, seed + number)):
                while stalled < _LANES * number:
                    await upstream.wait_calls(len(upstream.ledger.calls) + 1)
                    stalled = sum(call.token == noisy.token for call in upstream.ledger.calls)
                bystander.phase(f"beside {number}")  # in the middle of the rush
                await asyncio.sleep(seconds)
                bystander.phase("between")
            progress(f"round {number} of {rounds}")
    latencies = bystander.latencies
    alone = [latencies[f"alone {number}"] for number in range(1, rounds + 1)]
    beside = [latencies[f"beside {number}"] for number in range(1, rounds + 1)]
    everything = [taken for times in latencies.values() for taken in times]
    asked, good = len(everything), sum(taken < float("inf") for taken in everything)
    p99_alone = median(percentile(times, 0.99) for times in alone)
    report.add("the other's requests", asked)
    report.add("of them succeeded, %", 100 * good / asked, least=100)
    report.add("stalled calls that reached the upstream", stalled)
    report.add("p50 alone, ms", 1000 * median(percentile(times, 0.5) for times in alone))
    report.add("p50 beside the crowd, ms", 1000 * median(percentile(times, 0.5) for times in beside))
    report.add("p99 alone, ms", 1000 * p99_alone)
    report.add("p99 beside the crowd, ms", 1000 * median(percentile(t, 0.99) for t in beside), most=2000 * p99_alone)
    return report


@asynccontextmanager
async def _beside(manager: AbstractContextManager[T]) -> AsyncIterator[T]:
    """Enters and leaves in a thread: the upstream is served by this event loop, which must not stand still."""
    value = await asyncio.to_thread(manager.__enter__)
    try:
        yield value
    finally:
        await asyncio.to_thread(manager.__exit__, None, None, None)


@contextmanager
def _crowd(host: str, port: int, token: str, calls: int, seed: int) -> Iterator[None]:
    """Asks with so many at once for the time of a block, from a process of its own."""
    process = multiprocessing.get_context("spawn").Process(
        target=_insist, args=(host, port, token, calls, seed), daemon=True
    )
    process.start()
    try:
        yield
    finally:
        process.terminate()
        process.join()


def _insist(host: str, port: int, token: str, calls: int, seed: int) -> None:
    dice = Random(seed)  # noqa: S311 - repeatable
    read = Attack("", post(_READ, b"X-Api-Token: " + token.encode()), frozenset())

    async def one() -> None:
        while True:
            await make(read, host, port, 60.0)
            await asyncio.sleep(2 + 4 * dice.random())

    async def all_of_them() -> None:
        await asyncio.gather(*[one() for _ in range(calls)])

    asyncio.run(all_of_them())
