"""An upstream that is dead for a while under load, and then comes back."""

from __future__ import annotations

import asyncio
import time
from statistics import median
from typing import Literal

from support.faults.catalogue import FAULTS
from support.faults.gateway import Gateway
from support.faults.runs.report import Progress, Report, percentile, silent
from support.upstream import FakeUpstream, Kind, Script, Tenant, honest

Death = Literal["refused", "503-html", "no-answer"]
_READ = "{ customer(id: 7) { email } }"
_WRITE = "mutation { deleteCustomer(id: 5000) { deletedCustomerId } }"


async def run_outage(
    death: Death = "refused",
    seconds: float = 60.0,
    per_second: int = 100,
    *,
    rest: float = 5.0,
    progress: Progress = silent,
) -> Report:
    """Sends reads and, one in ten, writes at an even pace while the upstream is dead and for some time after.

    Args:
        death: how it is dead.
        seconds: for how long.
        per_second: requests.
        rest: seconds that the circuit stays open.
        progress: is told how far it is.
    """
    report = Report(f"upstream dead ({death}) for {seconds:g} s under {per_second} requests/s, then back")
    tenants = [Tenant(number) for number in range(1, 11)]
    ends: list[tuple[float, float, bool, bool]] = []
    control: list[float] = []
    settings = {"max_loop_lag": 3600.0, "max_in_flight": 5000, "breaker_failures": 5, "breaker_seconds": rest}
    async with FakeUpstream(tenants) as upstream, Gateway(upstream.url(), **settings) as gateway:
        breaker = gateway.app.upstream.breaker

        async def one(number: int) -> None:
            tenant, was_open, started = tenants[number % 10], breaker.open, time.perf_counter()
            answer = await gateway.ask(_WRITE if not number % 10 else _READ, {}, tenant.token)
            ends.append((started, time.perf_counter() - started, was_open, not answer.errors))

        async def answers_without_upstream() -> None:
            while True:
                started = time.perf_counter()
                await gateway.ask("{ __typename }", {}, tenants[0].token)
                control.append(time.perf_counter() - started)
                await asyncio.sleep(0.05)

        async def load(span: float, what: str) -> None:
            begun, tasks = time.perf_counter(), []
            for number in range(int(span * per_second)):
                tasks.append(asyncio.create_task(one(number)))
                await asyncio.sleep(max(begun + (number + 1) / per_second - time.perf_counter(), 0))
                if not (number + 1) % (10 * per_second):
                    progress(f"{what} for {(number + 1) // per_second} s")
            await asyncio.gather(*tasks)

        await gateway.ask(_READ, {}, tenants[0].token)
        if death == "refused":
            await upstream.stop()
        else:
            upstream.plan = Script(FAULTS[death], Kind)
        calls_before = len(upstream.ledger.calls)
        beside = asyncio.create_task(answers_without_upstream())
        await load(seconds, "dead")
        beside.cancel()
        await asyncio.gather(beside, return_exceptions=True)
        reached = len(upstream.ledger.calls) - calls_before
        reached_by_write = sum(call.kind is Kind.DELETE for call in upstream.ledger.calls[calls_before:])
        upstream.plan = honest
        if death == "refused":
            await upstream.start()
        back = time.perf_counter()
        await load(2 * rest, "back")
    refused_at_once = [took for started, took, was_open, _ in ends if was_open and started < back]
    windows: dict[int, list[float]] = {}
    for started, took, was_open, _ in ends:
        if was_open and started < back:
            windows.setdefault(int((back - started) / rest), []).append(took)
    tries = seconds / rest + 1
    bad_after = [started - back for started, _, _, good in ends if started >= back and not good]
    report.add("requests", len(ends))
    report.add("calls that reached the dead upstream", reached, most=_budget(death) + tries)
    report.add("of them writes", reached_by_write, most=_budget(death))
    report.add("refused while open", len(refused_at_once), least=0.8 * (seconds - rest - 1) * per_second)
    report.add("slowest of them, ms", 1000 * max(refused_at_once, default=0))
    own = 1000 * percentile(control, 0.99)
    report.add("p99 of answers without the upstream, ms", own)
    p99 = 1000 * median(percentile(times, 0.99) for times in windows.values())
    report.add(
        "p99 of those refused, middle of the windows, ms", p99, most=max(20.0, 1.5 * own)
    )  # a busy machine is late with all alike
    report.add("seconds until all is well again", max(bad_after, default=0.0), most=rest + 1)
    return report


def _budget(death: Death) -> int:
    """Calls that may reach a dead upstream before the circuit opens; stalled ones fill the slots first."""
    return 64 + 25 if death == "no-answer" else 25
