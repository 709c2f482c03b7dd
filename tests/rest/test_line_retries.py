"""Which reads are asked again, once, and which are not."""

from __future__ import annotations

from typing import Any

import pytest

from custgraph.errors import (
    CustgraphError,
    Forbidden,
    NotFound,
    Unauthenticated,
    UpstreamBadResponse,
    UpstreamError,
    UpstreamRateLimited,
    UpstreamTimeout,
    UpstreamUnavailable,
)
from custgraph.rest import UpstreamSession
from custgraph.rest.wire import Answer
from support.clock import jumping
from support.documents import one
from support.fakewire import JSON, FakeWire, Outcome, caller, cut, ok, refusal, upstream_on


def session_on(wire: FakeWire, **settings: Any) -> UpstreamSession:
    return upstream_on(wire, **settings).session(caller())


async def error_of(session: UpstreamSession, customer_id: int = 1) -> CustgraphError:
    with pytest.raises(CustgraphError) as caught:
        await session.show_customer(customer_id)
    return caught.value


AGAIN: dict[str, Outcome] = {
    "connect": cut("connect", sent=False),
    "reset": cut("reset"),
    "truncated": cut("truncated"),
    "stale": cut("stale"),
    "502": refusal(502),
    "503": refusal(503),
    "504": refusal(504),
    "503, one second": refusal(503, "No.", (b"retry-after", b"1")),
    "429, at once": refusal(429, "No.", (b"retry-after", b"0")),
    "429, two seconds": refusal(429, "No.", (b"retry-after", b"2")),
}


@pytest.mark.parametrize("outcome", AGAIN.values(), ids=AGAIN)
def test_is_asked_again_once(outcome: Outcome) -> None:
    @jumping
    async def main() -> None:
        wire = FakeWire(outcome)
        assert (await session_on(wire).show_customer(1)).id == 1
        assert [sent.request_id for sent in wire.sent] == ["req-1", "req-2"]
        wire = FakeWire(usual=outcome)
        await error_of(session_on(wire))
        assert len(wire.sent) == 2

    main()


ONCE: dict[str, tuple[Outcome, type[CustgraphError]]] = {
    "unreachable": (cut("unreachable", sent=False), UpstreamUnavailable),
    "tls": (cut("tls", sent=False), UpstreamUnavailable),
    "timeout": (cut("timeout"), UpstreamTimeout),
    "malformed": (cut("malformed"), UpstreamBadResponse),
    "400": (refusal(400), UpstreamError),
    "401": (refusal(401), Forbidden),
    "401, key": (refusal(401, "Invalid API key (key-of-one) specified."), Unauthenticated),
    "403": (refusal(403), Forbidden),
    "404": (refusal(404), NotFound),
    "422": (refusal(422), UpstreamError),
    "422, sentences": (refusal(422, "No.", validation_errors=["Email is invalid"]), UpstreamError),
    "422, parameters": (refusal(422, "Parameters not allowed in this request: page"), UpstreamError),
    "200, empty": (Answer(200, JSON, b""), UpstreamBadResponse),
    "429": (refusal(429), UpstreamRateLimited),
    "429, three seconds": (refusal(429, "No.", (b"retry-after", b"3")), UpstreamRateLimited),
    "500": (refusal(500), UpstreamError),
    "501": (refusal(501), UpstreamError),
    "503, three seconds": (refusal(503, "No.", (b"retry-after", b"3")), UpstreamUnavailable),
    "not JSON": (Answer(200, {b"content-type": b"text/html"}, b"<p>"), UpstreamBadResponse),
    "bad JSON": (Answer(200, JSON, b"{"), UpstreamBadResponse),
    "another customer": (ok(one(2)), UpstreamBadResponse),
    "204": (Answer(204, {}, b""), UpstreamBadResponse),
    "302": (Answer(302, {}, b""), UpstreamBadResponse),
}


@pytest.mark.parametrize(("outcome", "error"), ONCE.values(), ids=ONCE)
def test_is_not_asked_again(outcome: Outcome, error: type[CustgraphError]) -> None:
    @jumping
    async def main() -> None:
        wire = FakeWire(outcome)
        assert type(await error_of(session_on(wire))) is error
        assert len(wire.sent) == 1

    main()


@jumping
async def test_a_stale_connection_means_that_the_others_are_stale_too() -> None:
    wire = FakeWire(cut("stale"))
    await session_on(wire).show_customer(1)
    assert (wire.closed_idle, wire.sent[0].at == wire.sent[1].at) == (1, True)


@jumping
async def test_a_document_that_cannot_be_believed_closes_the_other_connections() -> None:
    wire = FakeWire(ok(one(2)))
    await error_of(session_on(wire))
    assert wire.closed_idle == 1
