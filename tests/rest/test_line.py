"""One caller's line: what is sent, what is not sent at all, and how long a call may take."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from custgraph.credentials import Caller, Credential
from custgraph.errors import (
    CustgraphError,
    QueryTooComplex,
    Unauthenticated,
    UpstreamTimeout,
)
from custgraph.rest import UpstreamSession
from support.clock import jumping, now
from support.documents import one
from support.fakewire import FakeWire, caller, cut, ok, upstream_on


def session_on(wire: FakeWire, **settings: Any) -> UpstreamSession:
    return upstream_on(wire, **settings).session(caller())


async def error_of(session: UpstreamSession, customer_id: int = 1) -> CustgraphError:
    with pytest.raises(CustgraphError) as caught:
        await session.show_customer(customer_id)
    return caught.value


@jumping
async def test_a_read_is_one_call_with_an_id_of_its_own() -> None:
    wire = FakeWire(ok(), ok(one(2)))
    session = session_on(wire)
    await session.show_customer(1)
    await session.show_customer(2)
    assert wire.targets == ["GET /customers/1", "GET /customers/2"]
    assert [sent.request_id for sent in wire.sent] == ["req-1", "req-2"]
    assert {sent.credential for sent in wire.sent} == {"X-Api-Token: key-of-one"}


@jumping
async def test_an_attempt_has_its_time_and_no_more_than_the_deadline() -> None:
    wire = FakeWire()
    session = session_on(wire, attempt_timeout=4, query_deadline=5)
    session.begin("query")
    await session.show_customer(1)
    await asyncio.sleep(3)
    wire.usual = ok(one(2))
    await session.show_customer(2)
    assert [sent.until - sent.at for sent in wire.sent] == [4.0, 2.0]


@jumping
async def test_after_the_deadline_nothing_is_sent() -> None:
    wire = FakeWire()
    session = session_on(wire, query_deadline=5)
    session.begin("query")
    await asyncio.sleep(5)
    assert type(await error_of(session)) is UpstreamTimeout
    assert not wire.sent


@jumping
async def test_a_stalled_call_is_a_timeout_and_not_asked_again() -> None:
    wire = FakeWire(60.0)
    started = now()
    assert type(await error_of(session_on(wire, attempt_timeout=4))) is UpstreamTimeout
    assert (now() - started, len(wire.sent)) == (4.0, 1)


@jumping
async def test_no_credential_means_no_call() -> None:
    wire = FakeWire()
    upstream = upstream_on(wire)
    for credential in (None, Credential("with space", key="k"), Credential("", key="k"), Credential("a\r\nb", key="k")):
        assert type(await error_of(upstream.session(Caller(credential, "req")))) is Unauthenticated
    assert not wire.sent


async def test_a_request_id_that_could_end_a_line_is_refused() -> None:
    with pytest.raises(ValueError, match="header line"):
        upstream_on(FakeWire()).session(Caller(None, "a\r\nb"))


@jumping
async def test_other_headers_travel_on_unless_they_could_end_a_line() -> None:
    wire = FakeWire()
    credential = caller().credential
    for language, trace in (("de", "00-ab-cd-01"), ("d\r\ne", "0\n0"), ("\u00e9", None), (None, None)):
        await upstream_on(wire).session(Caller(credential, "r", trace, language)).show_customer(1)
    assert [sent.extra for sent in wire.sent] == ["Accept-Language: de\r\ntraceparent: 00-ab-cd-01\r\n", "", "", ""]


@jumping
async def test_an_operation_has_so_many_calls_retries_aside() -> None:
    wire = FakeWire(cut("reset"))
    session = session_on(wire, max_upstream_calls=2)
    session.begin("query")
    await session.show_customer(1)
    wire.usual = ok(one(2))
    await session.show_customer(2)
    error = await error_of(session, 3)
    assert type(error) is QueryTooComplex
    assert error.extensions == {"limit": 2, "measured": 3, "setting": "CUSTGRAPH_MAX_UPSTREAM_CALLS"}
    assert (len(wire.sent), session.calls) == (3, 3)


@jumping
async def test_calls_at_once_do_not_pass_the_limit_either() -> None:
    wire = FakeWire(usual=lambda sent: ok(one(int(sent.target.rpartition("/")[2]))))
    session = session_on(wire, max_upstream_calls=5, credential_concurrency=2)
    session.begin("query")
    reads = (session.show_customer(id_) for id_ in range(1, 9))
    outcomes = await asyncio.gather(*reads, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes].count(QueryTooComplex) == 3
    assert len(wire.sent) == 5


@jumping
async def test_each_operation_of_a_request_has_calls_of_its_own() -> None:
    wire = FakeWire(usual=lambda sent: ok(one(int(sent.target.rpartition("/")[2]))))
    session = session_on(wire, max_upstream_calls=2)
    for first in (1, 3):
        session.begin("query")
        await session.show_customer(first)
        await session.show_customer(first + 1)
    assert type(await error_of(session, 5)) is QueryTooComplex
