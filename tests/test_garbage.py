"""A request leaves nothing to the garbage collector: its pauses would be everybody's, and what it keeps is memory."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any, cast

import pytest
import uvicorn
from uvicorn.server import ServerState

import custgraph
from custgraph import Settings, create_app
from custgraph.http.server import Connection
from support.eventually import eventually
from support.faults.catalogue import FAULTS
from support.faults.gateway import HASTY, Gateway
from support.upstream import FakeUpstream, Kind, Script, Tenant

OPERATIONS = {
    "one customer": "{ customer(id: 17) { id firstName balance } }",
    "aliases": "{ a: customer(id: 1) { id } b: customer(id: 2) { id } c: customer(id: 3) { enterprise { name } } }",
    "many": "{ customersByIds(ids: [1, 2, 3, 4]) { id balance } }",
    "a page": "{ customers(first: 20) { totalCount nodes { id enterprise { id name } } } }",
    "a nested page": "{ enterprise(id: 1) { name customers(last: 3) { edges { cursor node { id } } } } }",
}
PACKAGE = str(Path(custgraph.__file__).parent)
PARTS = (
    "custgraph.batches",
    "custgraph.execution",
    "custgraph.schema",
    "custgraph.rest",
    "custgraph.loaders",
    "custgraph.http",
)


async def test_requests_leave_no_cycles() -> None:
    async def ask(query: str) -> None:
        assert (await app.execute(query)).errors is None

    app = create_app(Settings(embedded_memory=True))
    left: dict[str, set[str]] = {}
    async with app.router.lifespan_context(app):
        for name, query in OPERATIONS.items():
            for _ in range(3):  # the plan is made, and the caches are filled
                await ask(query)
            left[name] = await _left_by(lambda query=query: ask(query))  # type: ignore[misc]
    assert not any(left.values()), left


@pytest.mark.parametrize("turns", range(1, 8))
async def test_requests_that_are_cancelled_leave_no_cycles(turns: int) -> None:
    app = create_app(Settings(embedded_memory=True))

    async def give_up() -> None:
        asking = asyncio.ensure_future(app.execute(OPERATIONS["aliases"]))
        for _ in range(turns):
            await asyncio.sleep(0)
        asking.cancel()
        with suppress(asyncio.CancelledError):
            await asking
        await asyncio.sleep(0)

    async with app.router.lifespan_context(app):
        for _ in range(3):
            await app.execute(OPERATIONS["aliases"])
        assert await _left_by(give_up) == set()


FAILURES = ("500-html", "404-html", "reset-before-headers", "no-answer", "json-duplicate-keys", "truncated-json")
FAILING = {
    "one customer": "{ customer(id: 7) { id } }",
    "aliases": "{ a: customer(id: 7) { id } b: customer(id: 8) { enterprise { name } } }",
    "a page": "{ customers(first: 20) { nodes { id } } }",
    "a mutation": 'mutation { updateCustomer(id: 7, input: {code: "X"}) { customer { id } } }',
    "something wrong": '{ customers(first: 20, after: "nowhere") { nodes { id } } }',
}


@pytest.mark.parametrize("query", FAILING.values(), ids=FAILING)
@pytest.mark.parametrize("fault", FAILURES)
async def test_requests_that_fail_leave_no_cycles(fault: str, query: str) -> None:
    tenant = Tenant(1)
    async with (
        FakeUpstream([tenant]) as upstream,
        Gateway(upstream.url(), **{**HASTY, "attempt_timeout": 0.1, "mutation_deadline": 0.1}) as gateway,
    ):

        async def ask() -> None:
            assert (await gateway.ask(query, {}, tenant.token)).errors

        upstream.plan = Script(FAULTS[fault], Kind)
        for _ in range(3):
            await ask()
        assert await _left_by(ask) == set()


MISSING = {
    "one customer": "{ customer(id: 9000) { id } }",
    "aliases": "{ a: customer(id: 9000) { id } b: customer(id: 9001) { id } }",
    "a node": '{ node(nodeId: "Q3VzdG9tZXI6OTAwMA==") { nodeId } none: customersByIds(ids: [9000]) { id } }',
    "an update": 'mutation { updateCustomer(id: 9000, input: {code: "X"}) { userErrors { message } } }',
    "a deletion": "mutation { deleteCustomer(id: 9000) { userErrors { message } } }",
}


@pytest.mark.parametrize("query", MISSING.values(), ids=MISSING)
async def test_refusals_that_are_no_errors_leave_no_cycles(query: str) -> None:
    tenant = Tenant(1)
    async with FakeUpstream([tenant]) as upstream, Gateway(upstream.url()) as gateway:

        async def ask() -> None:
            answer = await gateway.ask(query, {}, tenant.token)
            assert not answer.errors
            assert ("userErrors" in query) == ("message" in answer.text)

        for _ in range(3):
            await ask()
        assert await _left_by(ask) == set()


async def test_connections_that_end_leave_no_cycles() -> None:
    """Those of clients; those to the upstream end with each mutation above."""
    app = create_app(Settings(embedded_memory=True))
    body = b'{"query":"{ customer(id: 17) { id } }"}'
    request = b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"

    config = uvicorn.Config(app, lifespan="off", proxy_headers=False)
    config.load()
    state, loop = ServerState(), asyncio.get_running_loop()

    async with app.router.lifespan_context(app):
        server = await loop.create_server(lambda: cast("Any", Connection(config, state, {}, loop)), "127.0.0.1", 0)

        async def come_and_go() -> None:
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            writer.write(request % (len(body), body))
            assert (await reader.readline()).startswith(b"HTTP/1.1 200")
            writer.close()
            await writer.wait_closed()
            await eventually(lambda: not state.connections)

        async with server:
            for _ in range(3):
                await come_and_go()
            assert await _left_by(come_and_go) == set()


async def _left_by(ask: Callable[[], Awaitable[None]]) -> set[str]:
    """Names the classes of what only the collector finds after some requests."""
    gc.collect()
    gc.collect()
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        for _ in range(3):
            await ask()
        gc.collect()
        return {name for thing in gc.garbage if (name := _ours(thing))}
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()


def _ours(thing: object) -> str | None:
    """Names an object of ours, or a frame of our code; None for anything else."""
    if isinstance(thing, FrameType):
        code = thing.f_code
        return code.co_qualname if code.co_filename.startswith(PACKAGE) else None
    return type(thing).__qualname__ if type(thing).__module__.startswith(PARTS) else None
