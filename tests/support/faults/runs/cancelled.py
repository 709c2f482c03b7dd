"""Clients that go away: nothing of theirs stays behind, and those who come after are served."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Awaitable, Iterator
from random import Random
from typing import Any

from support.eventually import eventually
from support.faults.gateway import Gateway
from support.faults.logs import Captured
from support.faults.runs.report import Progress, Report, side_by_side, silent
from support.upstream import FakeUpstream, Tenant

_READS = (
    "{ customer(id: 7) { email } }",
    "{ customersByIds(ids: [1, 2, 3, 4, 900]) { email } }",
    "{ customers(first: 10) { nodes { email enterprise { name } } } }",
)
_WRITE = 'mutation { updateCustomer(id: 9, input: { lastName: "x" }) { customer { id } } }'


async def run_cancelled(
    seed: int, count: int = 20_000, *, wire: str = "native", logs: Captured, progress: Progress = silent
) -> Report:
    """Cancels requests at random moments, a few of them writes, until `count` were; then sends 100 that stay."""
    report = Report(f"{count} cancelled requests, then 100 that stay, over {wire} (seed {seed})")
    tenants = [Tenant(number, 20) for number in range(1, 9)]
    settings = {"max_loop_lag": 3600.0, "upstream_wire": wire}
    logs.take()
    async with FakeUpstream(tenants) as upstream, Gateway(upstream.url(), **settings) as gateway:
        await gateway.ask(_READS[0], {}, tenants[0].token)
        app, tasks_before = gateway.app, len(asyncio.all_tasks())
        ends: Counter[str] = Counter()
        upstream.delay = 0.005
        await side_by_side(_cancelled(seed, count, gateway, tenants, ends), 60, progress, "requests")
        upstream.delay = 0.0
        await eventually(lambda: not app.edge.gate.in_flight, 30)
        after = [await gateway.ask(_READS[number % 3], {}, tenants[number % 8].token) for number in range(100)]
        report.add("cancelled before their answers", ends["cancelled"], least=count)
        report.add("answered before they were cancelled", ends["answered"])
        report.add("of 100 that stay, succeeded", sum(a.status == 200 and not a.errors for a in after), least=100)
        report.add("slots not given back", app.upstream.bulkheads.active + app.upstream.bulkheads.waiting, most=0)
        report.add("operations still counted", app.edge.gate.in_flight, most=0)
        report.add("connections beyond those kept idle", _busy(app), most=0)
        for lane in app.upstream._lanes.values():
            lane.channel.close_idle()
        await upstream.wait_connections(0)
        with contextlib.suppress(TimeoutError):
            await eventually(lambda: len(asyncio.all_tasks()) <= tasks_before, 5)
        report.add("tasks left behind", max(len(asyncio.all_tasks()) - tasks_before, 0), most=0)
        report.none("requests that no gateway should send", upstream.ledger.violations)
    text = logs.take()
    report.add("exceptions that nobody retrieved", text.count("never retrieved"), most=0)
    report.add("tracebacks in the log", text.count("Traceback"), most=0)
    return report


def _cancelled(
    seed: int, count: int, gateway: Gateway, tenants: list[Tenant], ends: Counter[str]
) -> Iterator[Awaitable[None]]:
    """Requests, each of which is cancelled after some turns of the loop or some milliseconds."""
    dice = Random(seed)  # noqa: S311 - repeatable

    async def one(tenant: Tenant, document: str, turns: int, seconds: float) -> None:
        task = asyncio.ensure_future(gateway.ask(document, {}, tenant.token))
        for _ in range(turns):
            await asyncio.sleep(0)
        await asyncio.sleep(seconds)
        task.cancel()
        await asyncio.wait([task])
        ends["cancelled" if task.cancelled() else "answered"] += 1

    while ends["cancelled"] < count:
        document = _WRITE if dice.random() < 0.02 else dice.choice(_READS)
        by_turns = dice.random() < 0.5
        turns, seconds = (dice.randrange(60), 0.0) if by_turns else (0, dice.random() * 0.006)
        yield one(dice.choice(tenants), document, turns, seconds)


def _busy(app: Any) -> int:
    wire = app.upstream._wire
    return len(getattr(wire, "connections", ())) - len(getattr(wire, "idle", ()))
