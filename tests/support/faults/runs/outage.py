"""An upstream that is dead for a while under load, and then comes back."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from dataclasses import dataclass
from statistics import median
from typing import Literal

from support.faults.catalogue import FAULTS
from support.faults.gateway import Gateway
from support.faults.runs.report import Progress, Report, percentile, silent
from support.upstream import FakeUpstream, Kind, Script, Tenant, honest

Death = Literal["refused", "503-html", "no-answer"]
_READ = "{ customer(id: 7) { email } }"
_WRITE = "mutation { deleteCustomer(id: 5000) { deletedCustomerId } }"


@dataclass(frozen=True)
class _End:
    """How one request ended; times in seconds."""

    started: float
    took: float
    was_open: bool
    good: bool


class _Load:
    """Requests at an even pace from ten tenants, one in ten a write; and now and then one that needs no upstream.

    Attributes:
        ends: how the requests ended.
        idle: how long the answers took that need no upstream.
    """

    def __init__(self, gateway: Gateway, tenants: list[Tenant], per_second: int, progress: Progress) -> None:
        self.ends: list[_End] = []
        self.idle: list[float] = []
        self._gateway = gateway
        self._tenants = tenants
        self._per_second = per_second
        self._progress = progress

    async def run(self, seconds: float, what: str) -> None:
        begun, tasks = time.perf_counter(), []
        for number in range(int(seconds * self._per_second)):
            tasks.append(asyncio.create_task(self._one(number)))
            await asyncio.sleep(max(begun + (number + 1) / self._per_second - time.perf_counter(), 0))
            if not (number + 1) % (10 * self._per_second):
                self._progress(f"{what} for {(number + 1) // self._per_second} s")
        await asyncio.gather(*tasks)

    async def _one(self, number: int) -> None:
        token, breaker = self._tenants[number % 10].token, self._gateway.app.upstream.breaker
        was_open, started = breaker.open, time.perf_counter()
        answer = await self._gateway.ask(_READ if number % 10 else _WRITE, {}, token)
        ended = time.perf_counter()
        self.ends.append(_End(started, ended - started, was_open, not answer.errors))
        if not number % 5:
            await self._gateway.ask("{ __typename }", {}, token)
            self.idle.append(time.perf_counter() - ended)


async def run_outage(
    death: Death = "refused",
    seconds: float = 60.0,
    per_second: int = 100,
    *,
    rest: float = 5.0,
    progress: Progress = silent,
) -> Report:
    """Loads a gateway while the upstream is dead and for some time after.

    Args:
        death: how it is dead.
        seconds: for how long.
        per_second: requests.
        rest: seconds that the circuit stays open.
        progress: is told how far it is.
    """
    report = Report(f"upstream dead ({death}) for {seconds:g} s under {per_second} requests/s, then back")
    tenants = [Tenant(number) for number in range(1, 11)]
    settings = {"max_loop_lag": 3600.0, "max_in_flight": 5000, "breaker_failures": 5, "breaker_seconds": rest}
    async with FakeUpstream(tenants) as upstream, Gateway(upstream.url(), **settings) as gateway:
        load = _Load(gateway, tenants, per_second, progress)
        await gateway.ask(_READ, {}, tenants[0].token)
        before = len(upstream.ledger.calls)
        if death == "refused":
            await upstream.stop()
        else:
            upstream.plan = Script(FAULTS[death], Kind)
        await load.run(seconds, "dead")
        reached = upstream.ledger.calls[before:]
        upstream.plan = honest
        if death == "refused":
            await upstream.start()
        back = time.perf_counter()
        await load.run(2 * rest, "back")
    # Stalled calls fill the slots before the first of them is known to have failed.
    budget = 64 + 25 if death == "no-answer" else 25
    report.add("requests", len(load.ends))
    report.add("calls that reached the dead upstream", len(reached), most=budget + seconds / rest + 1)
    report.add("of them writes", sum(call.kind is Kind.DELETE for call in reached), most=budget)
    refused = [end for end in load.ends if end.was_open and end.started < back]
    _judge_refusals(report, refused, load.idle, rest, least=0.8 * (seconds - rest - 1) * per_second)
    bad_after = [end.started - back for end in load.ends if end.started >= back and not end.good]
    report.add("seconds until all is well again", max(bad_after, default=0.0), most=rest + 1)
    return report


def _judge_refusals(report: Report, refused: list[_End], idle: list[float], rest: float, *, least: float) -> None:
    """How fast answers come while the circuit is open: the middle of the windows, so that a hiccup decides nothing."""
    windows = defaultdict(list)
    for end in refused:
        windows[int(end.started / rest)].append(end.took)
    own = 1000 * percentile(idle, 0.99)
    p99 = 1000 * median(percentile(times, 0.99) for times in windows.values())
    report.add("refused while open", len(refused), least=least)
    report.add("slowest of them, ms", 1000 * max(end.took for end in refused))
    report.add("p99 of answers that need no upstream, ms", own)
    report.add("p99 of those refused, ms", p99, most=max(20.0, 3 * own))  # a busy machine is late with all alike
