"""Clients that go away: nothing of theirs stays behind, and those who come after are served."""

from __future__ import annotations

import asyncio
import contextlib
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
    """Cancels `count` requests at random moments, a few of them writes, then sends 100 that stay."""
    report = Report(f"{count} cancelled requests, then 100 that stay, over {wire} (seed {seed})")
    dice = Random(seed)  # noqa: S311 - repeatable
    tenants = [Tenant(number, 20) for number in range(1, 9)]
    served = cut = 0
    logs.take()
    settings = {"max_loop_lag": 3600.0, "upstream_wire": wire}
    async with FakeUpstream(tenants) as upstream, Gateway(upstream.url(), **settings) as gateway:
        await gateway.ask(_READS[0], {}, tenants[0].token)
        app, before = gateway.app, len(asyncio.all_tasks())
        upstream.delay = 0.005

        async def cancelled(tenant: Tenant, document: str, moment: float) -> None:
            nonlocal served, cut
            task = asyncio.ensure_future(gateway.ask(document, {}, tenant.token))
            if moment < 0:
                for _ in range(int(-moment)):  # so many turns of the loop
                    await asyncio.sleep(0)
            else:
                await asyncio.sleep(moment)
            task.cancel()
            outcome: Any = (await asyncio.gather(task, return_exceptions=True))[0]
            cut += isinstance(outcome, asyncio.CancelledError)
            served += not isinstance(outcome, BaseException)

        def draw(_number: int) -> Any:
            document = _WRITE if dice.random() < 0.02 else dice.choice(_READS)
            moment = -dice.randrange(60) if dice.random() < 0.5 else dice.random() * 0.02
            return cancelled(dice.choice(tenants), document, moment)

        await side_by_side(map(draw, range(count)), 60, progress, "requests")
        upstream.delay = 0.0
        await eventually(lambda: not app.edge.gate.in_flight, 30)
        after = [await gateway.ask(_READS[number % 3], {}, tenants[number % 8].token) for number in range(100)]
        good = sum(answer.status == 200 and not answer.errors for answer in after)
        bulkheads = app.upstream.bulkheads
        report.add("cancelled before their answers", cut, least=count / 2)
        report.add("answered before they were cancelled", served)
        report.add("of 100 that stay, succeeded", good, least=100)
        report.add("slots not given back", bulkheads.active + bulkheads.waiting, most=0)
        report.add("operations still counted", app.edge.gate.in_flight, most=0)
        report.add("connections beyond those kept idle", _busy(app), most=0)
        for lane in app.upstream._lanes.values():
            lane.channel.close_idle()
        await upstream.wait_connections(0)
        with contextlib.suppress(TimeoutError):
            await eventually(lambda: len(asyncio.all_tasks()) <= before, 5)
        report.add("tasks left behind", max(len(asyncio.all_tasks()) - before, 0), most=0)
        report.none("requests that no gateway should send", upstream.ledger.violations)
    text = logs.take()
    report.add("exceptions that nobody retrieved", text.count("never retrieved"), most=0)
    report.add("tracebacks in the log", text.count("Traceback"), most=0)
    return report


def _busy(app: Any) -> int:
    wire = app.upstream._wire
    return len(getattr(wire, "connections", ())) - len(getattr(wire, "idle", ()))
