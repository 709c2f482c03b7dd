"""Writes whose client leaves, or whose process stops: they go on to their end, or the log names them."""

from __future__ import annotations

import asyncio

import pytest

from support.faults.catalogue import FAULTS
from support.faults.gateway import Gateway
from support.faults.logs import Captured
from support.upstream import FakeUpstream, Kind, Script

WRITE = 'mutation { updateCustomer(id: 7, input: { email: "late@shop.test" }) { customer { id } } }'


async def leave(gateway: Gateway, upstream: FakeUpstream) -> None:
    """Sends the write, and goes away once the upstream has it."""
    seen = len(upstream.ledger.calls)
    client = asyncio.create_task(gateway.ask(WRITE, {}, upstream.tenants[0].token, "left-1"))
    await upstream.wait_calls(seen + 1)  # the read that fills up the PUT
    client.cancel()
    await asyncio.gather(client, return_exceptions=True)
    assert client.cancelled()


@pytest.mark.parametrize("wire", ["native", "httpx"])
async def test_a_write_goes_on_without_its_client(wire: str, logs: Captured) -> None:
    logs.take()
    async with FakeUpstream() as upstream:
        upstream.delay = 0.05
        async with Gateway(upstream.url(), upstream_wire=wire) as gateway:
            await leave(gateway, upstream)
            assert upstream.ledger.writes_seen == 0
        assert gateway.app.unsettled == ()
        assert upstream.ledger.times_applied("late@shop.test") == 1
    assert "left-1" in logs.take()


async def test_a_write_in_doubt_is_settled_without_its_client() -> None:
    async with FakeUpstream() as upstream:
        upstream.delay = 0.05
        upstream.plan = Script(FAULTS["reset-before-headers"], [Kind.UPDATE])
        async with Gateway(upstream.url()) as gateway:
            await leave(gateway, upstream)
        assert [call.kind for call in upstream.ledger.calls] == [Kind.SHOW, Kind.UPDATE, Kind.SHOW]
        assert upstream.ledger.times_applied("late@shop.test") == 1


async def test_a_process_that_cannot_wait_names_the_writes_it_cuts_off(logs: Captured) -> None:
    logs.take()
    async with FakeUpstream() as upstream:
        upstream.plan = Script(FAULTS["no-answer"], [Kind.UPDATE])
        async with Gateway(upstream.url(), drain_timeout=0.3) as gateway:
            await leave(gateway, upstream)
            await upstream.wait_calls(2)
        assert gateway.app.unsettled == ("left-1",)
        await upstream.wait_connections(0)
    (line,) = [line for line in logs.take().splitlines() if "write cut off" in line and '"part":"rest"' in line]
    assert "left-1" in line
