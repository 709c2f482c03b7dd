"""The circuit breaker on a line: who tries, who is told at once, and an outage of a minute under load."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any

import pytest

from custgraph.errors import CustgraphError, UpstreamUnavailable
from custgraph.rest import Upstream
from support.clock import jumping, now
from support.fakewire import FakeWire, Outcome, caller, cut, ok, refusal, upstream_on

DEAD = cut("connect", sent=False)


async def outcome_of(call: Awaitable[object]) -> str:
    try:
        await call
    except CustgraphError as error:
        return error.code
    return "ok"


async def show(upstream: Upstream, who: str = "one") -> str:
    return await outcome_of(upstream.session(caller(who)).show_customer(1))


async def opened(**settings: Any) -> tuple[Upstream, FakeWire]:
    """An upstream whose circuit has just opened."""
    wire = FakeWire(usual=DEAD)
    upstream = upstream_on(wire, **settings)
    while not upstream.breaker.open:
        await show(upstream)
    wire.sent.clear()
    return upstream, wire


@jumping
async def test_while_it_is_open_reads_and_writes_are_refused_at_once() -> None:
    upstream, wire = await opened()
    started = now()
    with pytest.raises(UpstreamUnavailable) as refused:
        await upstream.session(caller()).show_customer(1)
    assert (now() - started, refused.value.extensions) == (0, {"retryAfter": 5})
    assert await outcome_of(upstream.session(caller()).delete_customer(1)) == "UPSTREAM_UNAVAILABLE"
    assert not wire.sent


@jumping
async def test_a_write_never_tries_and_a_read_does() -> None:
    upstream, wire = await opened()
    wire.usual = ok()
    await asyncio.sleep(5)
    assert await outcome_of(upstream.session(caller()).delete_customer(1)) == "UPSTREAM_UNAVAILABLE"
    assert [await show(upstream) for _ in range(3)] == ["ok"] * 3
    assert not upstream.breaker.open
    assert wire.targets == ["GET /customers/1"] * 3


@jumping
async def test_while_one_tries_the_others_are_refused() -> None:
    upstream, wire = await opened()
    wire.usual = 1.0
    await asyncio.sleep(5)
    outcomes = await asyncio.gather(*(show(upstream, who) for who in ("one", "two", "three")))
    assert (outcomes, len(wire.sent)) == (["ok", "UPSTREAM_UNAVAILABLE", "UPSTREAM_UNAVAILABLE"], 1)


@pytest.mark.parametrize(
    "outcome", [DEAD, cut("timeout"), cut("reset"), refusal(503), refusal(500), ok({"data": None})], ids=str
)
def test_a_bad_try_is_not_asked_again_and_opens_it_for_another_rest(outcome: Outcome) -> None:
    @jumping
    async def main() -> None:
        upstream, wire = await opened()
        await asyncio.sleep(5)
        wire.usual = outcome
        assert await show(upstream) != "ok"
        await asyncio.sleep(4.9)
        assert await show(upstream, "two") == "UPSTREAM_UNAVAILABLE"
        assert len(wire.sent) == 1

    main()


@jumping
async def test_a_try_that_tells_nothing_leaves_the_next_one_to_try() -> None:
    upstream, wire = await opened()
    await asyncio.sleep(5)
    wire.usual = 60.0
    tries = asyncio.create_task(show(upstream))
    await asyncio.sleep(0.1)
    tries.cancel()
    await asyncio.gather(tries, return_exceptions=True)
    wire.usual = ok()
    wire.outcomes.append(cut("stale"))
    assert await show(upstream) == "ok"
    assert len(wire.sent) == 3


@jumping
async def test_refusals_of_one_caller_show_an_upstream_at_work() -> None:
    upstream, wire = await opened()
    await asyncio.sleep(5)
    wire.usual = refusal(404)
    assert [await show(upstream) for _ in range(3)] == [CustgraphError.code] * 3
    assert not upstream.breaker.open


@jumping
async def test_a_call_that_the_deadline_left_no_time_blames_nobody() -> None:
    wire = FakeWire(usual=cut("unreachable", sent=False))
    upstream = upstream_on(wire, query_deadline=3)
    for number in range(40):
        session = upstream.session(caller(f"c{number % 4}"))
        session.begin("query")
        await asyncio.sleep(2.5)
        assert await outcome_of(session.show_customer(1)) == "UPSTREAM_TIMEOUT"
    assert not upstream.breaker.open
    wire.usual = 60.0
    calls = [upstream.session(caller(f"c{number}")) for number in range(20)]
    assert set(await asyncio.gather(*(outcome_of(call.show_customer(1)) for call in calls))) == {"UPSTREAM_TIMEOUT"}
    assert upstream.breaker.open


@jumping
async def test_a_short_attempt_timeout_of_the_settings_is_fair() -> None:
    upstream = upstream_on(FakeWire(usual=60.0), attempt_timeout=0.5)
    await asyncio.gather(*(show(upstream, f"c{number}") for number in range(20)))
    assert upstream.breaker.open


OUTAGES: dict[str, Outcome] = {
    "refused": DEAD,
    "reset": cut("reset"),
    "503": refusal(503),
    "500": refusal(500),
    "silent": 60.0,
}


@pytest.mark.parametrize("outage", OUTAGES.values(), ids=OUTAGES)
@pytest.mark.parametrize("tenants", [1, 20])
def test_an_outage_of_a_minute_under_a_hundred_requests_a_second(outage: Outcome, tenants: int) -> None:
    """Calls that reach the upstream, how long a refusal takes, and how soon it is well again."""

    @jumping
    async def main() -> None:
        wire = FakeWire(usual=ok())
        upstream = upstream_on(wire, upstream_queue=1)
        ends: list[tuple[float, float, str]] = []

        async def one(number: int) -> None:
            started = now()
            result = await show(upstream, f"c{number % tenants}")
            ends.append((started, now() - started, result))

        async def load(seconds: float) -> None:
            calls = [one(number) for number in range(int(seconds * 100))]
            tasks = []
            for call in calls:
                tasks.append(asyncio.create_task(call))
                await asyncio.sleep(0.01)
            await asyncio.gather(*tasks)

        wire.usual, dead = outage, now()
        await load(60)
        reached = len(wire.sent)
        wire.usual, back = ok(), now()
        await load(10)

        if tenants == 1 and outage is not DEAD:  # one credential's failures are no proof of an outage
            assert not upstream.breaker.open
            assert reached <= 6000 * 1.2 + 3
            return
        in_ten_seconds = [sent for sent in wire.sent if sent.at < dead + 10]
        assert len(in_ten_seconds) <= (25 if outage != 60.0 else 64 + 25)
        assert reached <= len(in_ten_seconds) + 12
        refused = [took for started, took, result in ends if dead + 10 < started < back and took < 1]
        assert len(refused) > 4000
        assert max(refused) == 0.0
        well = max(started for started, _, result in ends if result != "ok" and started >= back)
        assert well - back <= 6

    main()
