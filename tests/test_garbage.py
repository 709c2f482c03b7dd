"""A request leaves nothing to the garbage collector: its pauses would be everybody's, and what it keeps is memory."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest

from custgraph import Settings, create_app

OPERATIONS = {
    "one customer": "{ customer(id: 17) { id firstName balance } }",
    "aliases": "{ a: customer(id: 1) { id } b: customer(id: 2) { id } c: customer(id: 3) { enterprise { name } } }",
    "many": "{ customersByIds(ids: [1, 2, 3, 4]) { id balance } }",
    "a page": "{ customers(first: 20) { totalCount nodes { id enterprise { id name } } } }",
    "a nested page": "{ enterprise(id: 1) { name customers(last: 3) { edges { cursor node { id } } } } }",
}
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
        return {type(thing).__qualname__ for thing in gc.garbage if type(thing).__module__.startswith(PARTS)}
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()
