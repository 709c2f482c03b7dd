"""One tenant with hundreds of stalled calls beside another that goes about its business."""

from __future__ import annotations

import asyncio
import time
from random import Random
from statistics import median

from support.faults.catalogue import FAULTS
from support.faults.gateway import Gateway
from support.faults.runs.report import Progress, Report, percentile, silent
from support.upstream import FakeUpstream, Kind, Script, Tenant

_READ = "{ customer(id: 7) { email } }"


ROUNDS = 3


async def run_crowd(
    seed: int, seconds: float = 5.0, calls: int = 500, per_second: float = 50.0, *, progress: Progress = silent
) -> Report:
    """Measures one tenant's reads, first alone, then beside `calls` of another that stall; those refused come again.

    The 99th percentiles are the middle ones of three rounds, so that one hiccup of the machine decides nothing.
    """
    report = Report(f"one tenant with {calls} stalled calls beside another, {ROUNDS} rounds of {seconds:g} s each")
    dice = Random(seed)  # noqa: S311 - repeatable
    noisy, quiet = Tenant(1), Tenant(2)
    async with FakeUpstream([noisy, quiet]) as upstream, Gateway(upstream.url(), max_loop_lag=3600.0) as gateway:

        async def measure() -> tuple[int, list[float]]:
            good, times = 0, []
            for _ in range(int(seconds * per_second)):
                started = time.perf_counter()
                answer = await gateway.ask(_READ, {}, quiet.token)
                times.append(time.perf_counter() - started)
                good += answer.data.get("customer") is not None and not answer.errors
                await asyncio.sleep(1 / per_second)
            return good, times

        async def insist() -> None:
            while True:
                await gateway.ask(_READ, {}, noisy.token)
                await asyncio.sleep(2 + 4 * dice.random())

        await gateway.ask(_READ, {}, quiet.token)
        alone = [(await measure())[1] for _ in range(ROUNDS)]
        progress("measured alone")
        upstream.plan = Script(FAULTS["no-answer"], Kind, token=noisy.token)
        before = len(upstream.ledger.calls)
        crowd = [asyncio.create_task(insist()) for _ in range(calls)]
        in_the_rush = [await gateway.ask(_READ, {}, quiet.token) for _ in range(20)]
        await upstream.wait_calls(before + 16)
        beside = [await measure() for _ in range(ROUNDS)]
        stalled = sum(call.token == noisy.token for call in upstream.ledger.calls)
        for task in crowd:
            task.cancel()
        await asyncio.gather(*crowd, return_exceptions=True)
    requests = sum(len(times) for _, times in beside) + len(in_the_rush)
    good = sum(good for good, _ in beside) + sum(not answer.errors for answer in in_the_rush)
    p99_alone = median(percentile(times, 0.99) for times in alone)
    report.add("the other's requests", requests)
    report.add("of them succeeded, %", 100 * good / requests, least=100)
    report.add("stalled calls that reached the upstream", stalled, least=16)
    report.add("p50 alone, ms", 1000 * median(percentile(times, 0.5) for times in alone))
    report.add("p50 beside the crowd, ms", 1000 * median(percentile(times, 0.5) for _, times in beside))
    report.add("p99 alone, ms", 1000 * p99_alone)
    report.add("p99 beside the crowd, ms", 1000 * median(percentile(t, 0.99) for _, t in beside), most=2000 * p99_alone)
    return report
