"""Shedding and draining."""

from __future__ import annotations

import asyncio
from typing import cast

import pytest

from custgraph.http.gate import Gate
from custgraph.http.refusals import Refused
from support.asgi import Exchange, posting
from support.clock import JumpingLoop, jumping
from support.edge import Stage, refusal, stage
from support.eventually import eventually

OVERLOADED = (503, "OVERLOADED", "The gateway is overloaded; try again shortly.")
WAIT = b'{"query":"{wait}"}'


async def occupy(here: Stage, count: int) -> list[asyncio.Task[None]]:
    """Starts so many operations that wait."""
    tasks = [asyncio.create_task(posting(WAIT).run(here.edge)) for _ in range(count)]
    await eventually(lambda: here.edge.gate.in_flight == count)
    return tasks


async def test_more_than_may_be_under_way_is_shed() -> None:
    here = stage(max_in_flight=3)
    tasks = await occupy(here, 3)
    for response in (await here.post(), await here.send("GET", "/graphql?query={hello}")):
        assert refusal(response) == OVERLOADED
        assert response.headers["retry-after"] == "1"
        assert response.json()["errors"][0]["extensions"]["retryAfter"] == 1
    assert len(here.engine.contexts) == 3
    here.engine.go.set()
    await asyncio.gather(*tasks)
    assert (await here.post()).status_code == 200
    assert here.engine.most == 3


async def test_one_credential_has_no_more_than_seven_eighths() -> None:
    here = stage(max_in_flight=8)
    tasks = await occupy(here, 7)
    assert refusal(await here.post()) == OVERLOADED
    assert (await here.post(**{"x-api-token": "a-token-of-another"})).status_code == 200
    here.engine.go.set()
    await asyncio.gather(*tasks)
    assert (await here.post()).status_code == 200
    assert here.edge.gate._of == {}


async def test_health_is_answered_while_operations_are_shed() -> None:
    here = stage(max_in_flight=1)
    tasks = await occupy(here, 1)
    for app in (here.edge.livez, here.edge.readyz):
        exchange = Exchange("GET", "/livez")
        await exchange.run(app)
        assert exchange.status == 200
    here.engine.go.set()
    await asyncio.gather(*tasks)


async def test_refused_requests_do_not_count() -> None:
    here = stage(max_in_flight=1)
    for body in (b"", b"{", b'{"query":"{"}', b'{"query":"{hello}"}', b"[]"):
        await here.post(body)
    assert here.edge.gate.in_flight == 0


async def test_a_context_that_cannot_be_made_does_not_count() -> None:
    here = stage(max_in_flight=1)

    def fails(_caller: object) -> None:
        raise RuntimeError

    here.edge._handler._runner._make_context = fails  # type: ignore[assignment]
    assert refusal(await here.post())[0] == 500
    assert here.edge.gate.in_flight == 0


async def test_draining_refuses_new_work_and_lets_the_old_finish() -> None:
    here = stage()
    exchange = posting(WAIT)
    task = asyncio.create_task(exchange.run(here.edge))
    await here.engine.waiting.wait()
    here.edge.gate.drain()
    assert refusal(await here.post())[:2] == (503, "SHUTTING_DOWN")
    ready, live = Exchange("GET", "/readyz"), Exchange("GET", "/livez")
    await ready.run(here.edge.readyz)
    await live.run(here.edge.livez)
    assert (ready.status, ready.body, live.status) == (503, b'{"status":"draining"}', 200)
    drained = asyncio.create_task(here.edge.gate.drained())
    await asyncio.sleep(0)
    assert not drained.done()
    here.engine.go.set()
    await task
    await drained
    assert exchange.status == 200


async def test_nothing_under_way_is_drained_at_once() -> None:
    await Gate(1, 1.0).drained()


def late(gate: Gate) -> bool:
    """Whether new work is refused."""
    try:
        gate.check()
    except Refused as refused:
        return refused.code == "OVERLOADED"
    return False


async def block(seconds: float) -> None:
    """Holds the loop up for so long, and lets it catch up."""
    cast("JumpingLoop", asyncio.get_running_loop()).now += seconds
    await asyncio.sleep(0)
    await asyncio.sleep(0)


@jumping
async def test_a_loop_that_is_late_for_a_second_sheds() -> None:
    gate = Gate(10, 0.25)
    assert not late(gate)
    gate.enter("")
    seen = []
    for _ in range(4):
        await block(0.5)
        seen.append(late(gate))
    assert seen == [False, False, True, True]
    await asyncio.sleep(0.3)
    assert not late(gate)


@pytest.mark.parametrize("seconds", [0.9, 12.0, 3600.0])
@jumping
async def test_one_long_step_or_a_suspended_process_is_no_overload(seconds: float) -> None:
    gate = Gate(10, 0.25)
    gate.check()
    gate.enter("")
    await block(seconds)
    assert not late(gate)
    await asyncio.sleep(5)
    assert not late(gate)


@jumping
async def test_a_little_lag_is_no_overload() -> None:
    gate = Gate(10, 0.25)
    gate.check()
    gate.enter("")
    for _ in range(20):
        await block(0.3)
        assert not late(gate)


def test_nobody_looks_at_the_clock_without_work() -> None:
    """Else a program that embeds the gateway could never come to rest."""

    @jumping
    async def rest() -> None:
        Gate(10, 0.25).check()
        await asyncio.Event().wait()

    with pytest.raises(RuntimeError, match="nothing will ever happen"):
        rest()


def test_a_gate_serves_one_loop_after_another() -> None:
    gate = Gate(1, 0.25)
    for _ in range(2):
        with asyncio.Runner() as runner:

            async def once() -> None:
                gate.check()
                gate.enter("")
                gate.leave("")

            runner.run(once())
