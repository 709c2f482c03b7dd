"""Learning whether the upstream searches: one probe for all who wait, and each by its own deadline."""

from __future__ import annotations

import asyncio

import pytest

from custgraph.errors import CustgraphError, UpstreamCannotSearch, UpstreamTimeout
from custgraph.rest import Condition, ListQuery, Upstream
from support.clock import jumping, now
from support.fakewire import FakeWire, Sent, caller, cut, page, refusal, upstream_on

QUERY = ListQuery(conditions=(Condition("email", "end", (".test",)),))


def is_probe(sent: Sent) -> bool:
    return "id_in%5D%5B%5D=0&" in sent.target


def listing(upstream: Upstream, seconds: float = 10.0) -> asyncio.Task[object]:
    session = upstream.session(caller())
    session._line.begin(seconds)
    return asyncio.ensure_future(session.list_customers(QUERY))


async def types_of(*tasks: asyncio.Task[object]) -> list[str]:
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    return [type(outcome).__name__ for outcome in outcomes]


@jumping
async def test_those_who_ask_at_once_share_one_probe() -> None:
    wire = FakeWire(usual=lambda sent: page() if is_probe(sent) else page(1, 2))
    upstream = upstream_on(wire)
    assert await types_of(*(listing(upstream) for _ in range(10))) == ["CustomerPage"] * 10
    assert sum(map(is_probe, wire.sent)) == 1
    assert upstream.searches is True


@jumping
async def test_rows_for_nobody_mean_that_conditions_are_ignored() -> None:
    wire = FakeWire(usual=page(1, 2))
    upstream = upstream_on(wire)
    for _ in range(2):
        with pytest.raises(UpstreamCannotSearch):
            await listing(upstream)
    assert (len(wire.sent), upstream.searches) == (1, False)


@jumping
async def test_a_probe_that_stalls_holds_nobody_beyond_the_own_deadline() -> None:
    upstream = upstream_on(FakeWire(usual=60.0), attempt_timeout=4)
    started = now()
    first, hurried = listing(upstream), listing(upstream, 0.5)
    with pytest.raises(UpstreamTimeout):
        await hurried
    assert now() - started == 0.5
    with pytest.raises(UpstreamTimeout):
        await first
    assert now() - started == 4


@jumping
async def test_a_probe_that_fails_costs_the_one_who_asked_alone() -> None:
    wire = FakeWire(refusal(500), usual=lambda sent: page() if is_probe(sent) else page(1, 2))
    upstream = upstream_on(wire)
    assert await types_of(*(listing(upstream) for _ in range(3))) == ["UpstreamError", "CustomerPage", "CustomerPage"]


@jumping
async def test_the_probe_is_on_nobodys_bill() -> None:
    wire = FakeWire(cut("reset"), usual=lambda sent: page() if is_probe(sent) else page(1))
    session = upstream_on(wire, max_upstream_calls=1).session(caller())
    session.begin("query")
    assert len((await session.list_customers(QUERY)).rows) == 1
    with pytest.raises(CustgraphError):
        await session.show_customer(1)
