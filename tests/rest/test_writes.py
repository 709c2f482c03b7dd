"""Writes: sent once; applied, refused or unknown; and not stopped by a caller that leaves."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from custgraph.errors import CustgraphError, InvalidArgument, NotFound, OutcomeUnknown, Refused, UpstreamTimeout
from custgraph.rest import UpstreamSession
from custgraph.rest.wire import Answer
from support.clock import jumping, now
from support.documents import ADDRESS, many, one, resource
from support.fakewire import JSON, FakeWire, Outcome, caller, cut, ok, page, refusal, upstream_on

NEW = {"enterprise_id": 2, "email": "New@Shop.test", "tags": ["a", "b"], "code": ""}
STORED = {"id": 7, "enterprise_id": 2, "email": "new@shop.test", "tags": ["b", "a"], "code": None}
CHANGE = {"first_name": "Zoe", "shipping_address": {"region": {"name": "victoria"}, "latitude": -37.8173751}}
CHANGED = {"first_name": "Zoe", "shipping_address": ADDRESS}

Write = Callable[[UpstreamSession], Awaitable[Any]]


def create(session: UpstreamSession) -> Awaitable[Any]:
    return session.create_customer(NEW)


def update(session: UpstreamSession) -> Awaitable[Any]:
    return session.update_customer(1, CHANGE)


def delete(session: UpstreamSession) -> Awaitable[Any]:
    return session.delete_customer(1)


# Each write with its answer, the read that settles it in its favour, and that which does not.
WRITES: dict[str, tuple[Write, Answer, Answer, Answer]] = {
    "create": (create, ok(one(7, **STORED), 201), ok(many(resource(7, **STORED))), page()),
    "update": (update, ok(one(1, **CHANGED)), ok(one(1, **CHANGED)), ok(one(1))),
    "delete": (delete, ok(one(1)), refusal(404), ok(one(1))),
}
OPERATIONS = {"create": "createCustomer", "update": "updateCustomer", "delete": "deleteCustomer"}


def session_on(wire: FakeWire, **settings: Any) -> UpstreamSession:
    session = upstream_on(wire, **{"upstream_put": "partial", **settings}).session(caller())
    session.begin("mutation")
    return session


DOUBTFUL: dict[str, Outcome] = {
    "timeout": cut("timeout"),
    "reset": cut("reset"),
    "truncated": cut("truncated"),
    "malformed": cut("malformed"),
    "stale": cut("stale"),
    "500": refusal(500),
    "502": refusal(502),
    "503": refusal(503),
    "504": refusal(504),
    "422, a crash": refusal(422, "Something went wrong. Our team has been notified."),
    "408": refusal(408),
    "302": Answer(302, {}, b""),
    "202": Answer(202, JSON, b"{}"),
    "200, empty": Answer(200, JSON, b""),
    "not JSON": Answer(200, {b"content-type": b"text/html"}, b"<p>"),
    "another customer": ok(one(99)),
    "a defect of ours": ZeroDivisionError(),
}


@pytest.mark.parametrize("name", WRITES)
@pytest.mark.parametrize("outcome", DOUBTFUL.values(), ids=DOUBTFUL)
def test_a_write_in_doubt_is_settled_by_one_read_or_unknown(outcome: Outcome, name: str) -> None:
    write, _, applied, not_applied = WRITES[name]

    @jumping
    async def main() -> None:
        wire = FakeWire(outcome, applied)
        await write(session_on(wire))
        assert [sent.method for sent in wire.sent][1:] == ["GET"]
        for settling in (not_applied, refusal(500), cut("timeout")):
            wire = FakeWire(outcome, settling)
            with pytest.raises(OutcomeUnknown) as unknown:
                await write(session_on(wire))
            assert unknown.value.extensions == {"operation": OPERATIONS[name], "safeToRetry": name != "create"}
            assert [sent.method for sent in wire.sent][1:] == ["GET"]

    main()


CERTAIN: dict[str, tuple[Outcome, str]] = {
    "connect": (cut("connect", sent=False), "UPSTREAM_UNAVAILABLE"),
    "unreachable": (cut("unreachable", sent=False), "UPSTREAM_UNAVAILABLE"),
    "tls": (cut("tls", sent=False), "UPSTREAM_UNAVAILABLE"),
    "401": (refusal(401), "FORBIDDEN"),
    "403": (refusal(403), "FORBIDDEN"),
    "409": (refusal(409), "UPSTREAM_ERROR"),
    "429": (refusal(429, "No.", (b"retry-after", b"1")), "UPSTREAM_RATE_LIMITED"),
    "a page that is not found": (Answer(404, {}, b"<p>"), "UPSTREAM_BAD_RESPONSE"),
}


@pytest.mark.parametrize("name", WRITES)
@pytest.mark.parametrize(("outcome", "code"), CERTAIN.values(), ids=CERTAIN)
def test_a_write_that_was_certainly_not_applied_has_failed_and_is_not_sent_again(
    outcome: Outcome, code: str, name: str
) -> None:
    @jumping
    async def main() -> None:
        wire = FakeWire(outcome)
        with pytest.raises(CustgraphError) as failed:
            await WRITES[name][0](session_on(wire))
        assert (failed.value.code, len(wire.sent)) == (code, 1)

    main()


@pytest.mark.parametrize("name", WRITES)
def test_a_write_that_was_answered_is_done(name: str) -> None:
    write, answer, _, _ = WRITES[name]

    @jumping
    async def main() -> None:
        wire = FakeWire(answer)
        await write(session_on(wire))
        assert len(wire.sent) == 1

    main()


@jumping
async def test_what_the_upstream_refuses_carries_its_words() -> None:
    invalid = refusal(422, "Invalid resource.", validation_errors=["Email is invalid", "<b>"])
    not_allowed = refusal(422, "Parameters not allowed in this request: code, foo")
    missing = refusal(422, "A required parameter is missing or empty: customer")
    for answer, words in (
        (invalid, (("Email is invalid", "A value is not valid"), (), ())),
        (not_allowed, ((), ("code", "foo"), ())),
        (missing, ((), (), ("customer",))),
    ):
        with pytest.raises(Refused) as refused:
            await create(session_on(FakeWire(answer)))
        assert (refused.value.sentences, refused.value.not_allowed, refused.value.missing) == words


@jumping
async def test_a_write_leaves_time_for_the_read_that_settles_it() -> None:
    wire = FakeWire(60.0, refusal(404))
    session = session_on(wire, mutation_deadline=20)
    await delete(session)
    assert [sent.until - sent.at for sent in wire.sent] == [18.5, 1.5]


@jumping
async def test_without_time_for_a_read_the_outcome_is_unknown() -> None:
    wire = FakeWire(60.0)
    session = session_on(wire, mutation_deadline=1.5)
    started = now()
    with pytest.raises(OutcomeUnknown):
        await delete(session)
    assert (now() - started, len(wire.sent)) == (0.75, 1)


@jumping
async def test_after_the_deadline_no_write_is_sent() -> None:
    wire = FakeWire()
    session = session_on(wire, mutation_deadline=2)
    await asyncio.sleep(2)
    with pytest.raises(UpstreamTimeout):
        await delete(session)
    assert not wire.sent


@jumping
async def test_a_whole_put_is_filled_up_with_what_a_read_shows() -> None:
    wire = FakeWire(ok(one(1)), ok(one(1, first_name="Zoe")))
    await session_on(wire, upstream_put="full").update_customer(1, {"first_name": "Zoe"})
    assert [sent.method for sent in wire.sent] == ["GET", "PUT"]
    assert json.loads(wire.sent[1].body or b"") == {
        "enterprise_id": 2,
        "email": "alice1@example.com",
        "first_name": "Zoe",
    }


@jumping
async def test_a_whole_put_whose_read_fails_is_not_sent() -> None:
    wire = FakeWire(refusal(404))
    with pytest.raises(NotFound):
        await session_on(wire, upstream_put="full").update_customer(1, {"first_name": "Zoe"})
    assert [sent.method for sent in wire.sent] == ["GET"]


@jumping
async def test_a_value_that_cannot_be_sent_is_refused_before_anything_is() -> None:
    wire = FakeWire()
    with pytest.raises(InvalidArgument):
        await session_on(wire, upstream_put="full").update_customer(1, {"first_name": "\ud800"})
    with pytest.raises(ValueError, match="writable"):
        await session_on(wire).create_customer({"balance": 1})
    assert not wire.sent


@jumping
async def test_reads_after_a_write_are_asked_anew() -> None:
    wire = FakeWire(ok(), ok(one(1, **CHANGED)), ok(one(1, **CHANGED)))
    session = session_on(wire)
    assert (await session.show_customer(1)).first_name == "Alice"
    await update(session)
    assert (await session.show_customer(1)).first_name == "Zoe"


@pytest.mark.parametrize("outcome", [1.0, cut("reset")], ids=["applied", "in doubt"])
def test_a_caller_that_leaves_does_not_stop_its_write(outcome: Outcome) -> None:
    @jumping
    async def main() -> None:
        wire = FakeWire(outcome, ok(one(1)))
        upstream = upstream_on(wire)
        session = upstream.session(caller())
        session.begin("mutation")
        waiting = asyncio.ensure_future(delete(session))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        assert waiting.cancelled()
        assert await upstream.aclose() == ()
        assert wire.targets == ["DELETE /customers/1"] + (["GET /customers/1"] if outcome != 1.0 else [])
        assert wire.closed

    main()


@jumping
async def test_closing_waits_for_writes_so_long_and_names_those_it_cuts_off() -> None:
    wire = FakeWire(usual=10.0)
    upstream = upstream_on(wire)
    writes = [asyncio.ensure_future(upstream.session(caller("one", name)).delete_customer(1)) for name in ("a", "b")]
    await asyncio.sleep(0)
    started = now()
    assert await upstream.aclose(3) == ("a", "b")
    assert (now() - started, wire.under_way, wire.closed) == (3.0, 0, True)
    outcomes = await asyncio.gather(*writes, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [asyncio.CancelledError] * 2
