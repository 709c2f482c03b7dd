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


async def run_crowd(
    seed: int,
    seconds: float = 3.0,
    calls: int = 500,
    *,
    rounds: int = 5,
    per_second: float = 50.0,
    progress: Progress = silent,
) -> Report:
    """Measures one tenant's reads by turns: alone, and beside `calls` of another that stall; those refused come again.

    The 99th percentiles are the middle ones of the rounds, so that one hiccup of the machine decides nothing.
    """
    report = Report(f"one tenant with {calls} stalled calls beside another, {rounds} rounds of {seconds:g} s each")
    dice = Random(seed)  # noqa: S311 - repeatable
    noisy, quiet = Tenant(1), Tenant(2)
    alone: list[list[float]] = []
    beside: list[list[float]] = []
    good = requests = 0
    async with FakeUpstream([noisy, quiet]) as upstream, Gateway(upstream.url(), max_loop_lag=3600.0) as gateway:
        upstream.plan = Script(FAULTS["no-answer"], Kind, token=noisy.token)

        async def ask() -> float:
            nonlocal good, requests
            started = time.perf_counter()
            answer = await gateway.ask(_READ, {}, quiet.token)
            requests += 1
            good += answer.data.get("customer") is not None and not answer.errors
            return time.perf_counter() - started

        async def measure() -> list[float]:
            times = []
            for _ in range(int(seconds * per_second)):
                times.append(await ask())
                await asyncio.sleep(1 / per_second)
            return times

        async def insist() -> None:
            while True:
                await gateway.ask(_READ, {}, noisy.token)
                await asyncio.sleep(2 + 4 * dice.random())

        await ask()
        for number in range(1, rounds + 1):
            alone.append(await measure())
            before = len(upstream.ledger.calls)
            crowd = [asyncio.create_task(insist()) for _ in range(calls)]
            for _ in range(20):  # in the middle of the rush
                await ask()
            await upstream.wait_calls(before + 16)
            beside.append(await measure())
            for task in crowd:
                task.cancel()
            await asyncio.gather(*crowd, return_exceptions=True)
            progress(f"round {number} of {rounds}")
    p99_alone = median(percentile(times, 0.99) for times in alone)
    report.add("the other's requests", requests)
    report.add("of them succeeded, %", 100 * good / requests, least=100)
    stalled = sum(call.token == noisy.token for call in upstream.ledger.calls)
    report.add("stalled calls that reached the upstream", stalled, least=16 * rounds)
    report.add("p50 alone, ms", 1000 * median(percentile(times, 0.5) for times in alone))
    report.add("p50 beside the crowd, ms", 1000 * median(percentile(times, 0.5) for times in beside))
    report.add("p99 alone, ms", 1000 * p99_alone)
    report.add("p99 beside the crowd, ms", 1000 * median(percentile(t, 0.99) for t in beside), most=2000 * p99_alone)
    return report
