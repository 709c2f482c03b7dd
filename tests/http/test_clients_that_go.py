"""A client that goes before its answer: its query ends, its mutation does not."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from custgraph.http.messages import Request
from support.asgi import posting
from support.clock import jumping, now
from support.edge import Stage, stage
from support.faults.logs import captured_logs

QUERY = b'{"query":"{wait}"}'
MUTATION = b'{"query":"mutation{wait}"}'
BOTH = b'[{"query":"{hello}"},{"query":"mutation{wait}"},{"query":"{hello}"}]'
READS = b'[{"query":"{hello}"},{"query":"{wait}"}]'

Leave = Callable[[Stage, bytes], Awaitable[None]]


async def leave_asgi(here: Stage, body: bytes) -> None:
    """Asks under an ASGI server, and goes once the operation runs."""
    exchange = posting(body)
    task = asyncio.create_task(exchange.run(here.edge))
    await here.engine.waiting.wait()
    exchange.goes()
    await task
    assert exchange.sent == []


async def leave_connection(here: Stage, body: bytes) -> None:
    """Asks over a connection of our own, which cancels what runs for a client that has gone."""
    request = Request("POST", b"/graphql", [(b"content-type", b"application/json")], body)
    task = asyncio.create_task(here.edge.answer(request))
    await here.engine.waiting.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


WAYS = pytest.mark.parametrize("leave", [leave_asgi, leave_connection])


@WAYS
@pytest.mark.parametrize("body", [QUERY, READS])
async def test_a_query_ends(leave: Leave, body: bytes) -> None:
    here = stage(batching=True)
    await leave(here, body)
    assert (here.engine.cancelled, here.engine.running, here.edge.gate.in_flight) == (1, 0, 0)
    assert [context.closed.is_set() for context in here.engine.contexts] == [True]


@jumping
async def test_a_query_ends_within_half_a_second() -> None:
    here = stage()
    began = now()
    await leave_asgi(here, QUERY)
    assert now() - began <= 0.5


@WAYS
@pytest.mark.parametrize("body", [MUTATION, BOTH])
async def test_a_mutation_goes_on(leave: Leave, body: bytes) -> None:
    here = stage(batching=True)
    await leave(here, body)
    assert (here.engine.cancelled, here.engine.running) == (0, 1)
    assert here.edge.gate.in_flight == (3 if body is BOTH else 1)
    [context] = here.engine.contexts
    assert not context.closed.is_set()
    here.engine.go.set()
    await here.edge.gate.drained()
    assert (here.engine.cancelled, here.engine.running, context.closed.is_set()) == (0, 0, True)
    assert len(here.engine.requests) == (3 if body is BOTH else 1)


async def test_the_log_tells_of_both() -> None:
    with captured_logs() as logs:
        here = stage()
        await leave_connection(here, MUTATION)
        assert '"status":499' in logs.take()
        here.engine.go.set()
        await here.edge.gate.drained()
        await asyncio.sleep(0)
        assert "write finished after its client had gone" in logs.take()


async def test_a_write_that_is_cut_off_is_told_of() -> None:
    with captured_logs() as logs:
        here = stage()
        await leave_connection(here, MUTATION)
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
        await here.edge.gate.drained()
        await asyncio.sleep(0)
        assert "write cut off" in logs.take()


async def test_a_write_that_fails_when_nobody_waits_is_told_of() -> None:
    with captured_logs() as logs:
        here = stage()
        await leave_connection(here, MUTATION)
        here.engine.go.set()
        here.engine.explode = True
        await here.edge.gate.drained()
        await asyncio.sleep(0)
        lines = logs.take()
        assert "write failed after its client had gone" in lines
        assert "a secret of the server" not in lines


async def test_a_quick_answer_is_not_watched() -> None:
    """The client's going is only looked out for once the operation takes a moment."""
    exchange = posting()
    await exchange.run(stage().edge)
    assert (exchange.status, exchange.received) == (200, 1)


@jumping
async def test_the_watch_ends_with_the_answer() -> None:
    here, exchange = stage(), posting(QUERY)
    task = asyncio.create_task(exchange.run(here.edge))
    await asyncio.sleep(1)
    assert exchange.received == 2
    here.engine.go.set()
    await task
    assert exchange.status == 200
    assert [
        other for other in asyncio.all_tasks() if other is not asyncio.current_task() and not other.cancelling()
    ] == []


async def test_cancellation_by_the_server_is_passed_on() -> None:
    here, exchange = stage(), posting(QUERY)
    task = asyncio.create_task(exchange.run(here.edge))
    await here.engine.waiting.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert here.edge.gate.in_flight == 0


async def test_many_that_go_leave_nothing_behind() -> None:
    here = stage()
    for _ in range(300):
        here.engine.waiting.clear()
        await leave_connection(here, QUERY)
    assert (here.engine.running, here.edge.gate.in_flight) == (0, 0)
    assert len(asyncio.all_tasks()) == 1
    assert (await here.post()).status_code == 200
