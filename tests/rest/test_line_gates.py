"""Gates between calls: the upstream's own pauses, slots, and nothing left behind by those who leave."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from custgraph.errors import (
    CustgraphError,
    Overloaded,
    UpstreamRateLimited,
    UpstreamTimeout,
)
from custgraph.rest import UpstreamSession
from custgraph.rest.wire import Answer
from support.clock import jumping, now
from support.documents import compact, one
from support.fakewire import JSON, FakeWire, caller, ok, refusal, upstream_on


def session_on(wire: FakeWire, **settings: Any) -> UpstreamSession:
    return upstream_on(wire, **settings).session(caller())


async def error_of(session: UpstreamSession, customer_id: int = 1) -> CustgraphError:
    with pytest.raises(CustgraphError) as caught:
        await session.show_customer(customer_id)
    return caught.value


@jumping
async def test_a_pause_that_the_upstream_asks_for_holds_for_this_credential_alone() -> None:
    wire = FakeWire(refusal(429, "No.", (b"retry-after", b"10")))
    upstream = upstream_on(wire)
    error = await error_of(upstream.session(caller("one")))
    assert error.extensions == {"retryAfter": 10}
    await asyncio.sleep(5)
    error = await error_of(upstream.session(caller("one")))
    assert (type(error), error.extensions) == (UpstreamRateLimited, {"retryAfter": 5})
    await upstream.session(caller("two")).show_customer(1)
    await asyncio.sleep(5)
    await upstream.session(caller("one")).show_customer(1)
    assert [sent.credential[-3:] for sent in wire.sent] == ["one", "two", "one"]


@jumping
async def test_a_shorter_pause_does_not_end_a_longer_one() -> None:
    wire = FakeWire(
        refusal(429, "No.", (b"retry-after", b"30")), refusal(429, "No.", (b"retry-after", b"3")), usual=ok()
    )
    upstream = upstream_on(wire)
    await asyncio.gather(*(error_of(upstream.session(caller("one", f"r{n}"))) for n in range(2)))
    await asyncio.sleep(4)
    assert type(await error_of(upstream.session(caller("one")))) is UpstreamRateLimited


@jumping
async def test_a_queued_call_looks_again_at_what_changed_meanwhile() -> None:
    wire = FakeWire(lambda _sent: refusal(429, "No.", (b"retry-after", b"30")))
    wire.outcomes.appendleft(0.5)
    upstream = upstream_on(wire, credential_concurrency=1)
    sessions = [upstream.session(caller("one", f"r{n}")) for n in range(3)]
    outcomes = await asyncio.gather(*(session.show_customer(1) for session in sessions), return_exceptions=True)
    assert [type(outcome).__name__ for outcome in outcomes] == [
        "Customer",
        "UpstreamRateLimited",
        "UpstreamRateLimited",
    ]
    assert (len(wire.sent), upstream.bulkheads.active) == (2, 0)


@jumping
async def test_no_slot_in_time_is_overloaded() -> None:
    wire = FakeWire(60.0)
    upstream = upstream_on(wire, credential_concurrency=1, pool_timeout=1)
    stalled = asyncio.create_task(error_of(upstream.session(caller("one"))))
    await asyncio.sleep(0.1)
    started = now()
    assert type(await error_of(upstream.session(caller("one", "other")))) is Overloaded
    assert now() - started == pytest.approx(1)
    assert type(await stalled) is UpstreamTimeout
    assert (upstream.bulkheads.active, upstream.bulkheads.waiting) == (0, 0)


@jumping
async def test_cancelled_calls_leave_nothing_behind() -> None:
    wire = FakeWire(usual=60.0)
    upstream = upstream_on(wire, credential_concurrency=2)
    calls = [asyncio.create_task(upstream.session(caller("one", f"r{n}")).show_customer(1)) for n in range(5)]
    await asyncio.sleep(0.5)
    for call in calls:
        call.cancel()
    await asyncio.gather(*calls, return_exceptions=True)
    bulkheads = upstream.bulkheads
    assert (wire.under_way, bulkheads.active, bulkheads.waiting, bulkheads._waiting) == (0, 0, 0, {})
    assert upstream.traffic.health(now()).calls == {}


@jumping
async def test_a_large_answer_is_decoded_beside_the_loop_to_the_same_effect() -> None:
    text = compact(one()) + b" " * 600_000
    loop = asyncio.get_running_loop()
    seen: list[object] = []

    def run(_executor: object, call: Any, *args: object) -> asyncio.Future[Any]:
        seen.append(call)
        done = loop.create_future()
        done.set_result(call(*args))
        return done

    loop.run_in_executor = run  # type: ignore[method-assign, assignment]  # a thread would not be seen by this clock
    assert (await session_on(FakeWire(Answer(200, JSON, text))).show_customer(1)).id == 1
    assert len(seen) == 1
