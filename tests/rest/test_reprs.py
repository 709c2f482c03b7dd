"""What a debugger, a traceback or a careless log line may print: no key, and nobody's data."""

from __future__ import annotations

import pytest

from custgraph.config import Settings
from custgraph.credentials import Caller, Credential
from custgraph.errors import CustgraphError
from custgraph.rest import Condition, ListQuery, Upstream
from custgraph.rest.answers import of_answer
from custgraph.rest.careful import BadDocument
from custgraph.rest.connection import Connection
from custgraph.rest.documents import decode_customer, decode_rows
from custgraph.rest.pages import examine
from custgraph.rest.wire import Answer
from support.documents import compact, many, one, resource
from support.fakewire import FakeWire, ok, refusal, upstream_on

KEY = "canary-key-0123456789"
CANARY = "canary"
NAMED = {
    "first_name": CANARY,
    "last_name": CANARY,
    "email": f"{CANARY}@shop.test",
    "code": CANARY,
    "tags": [CANARY],
    "billing_address": {
        **dict.fromkeys(("first_name", "last_name", "phone", "street_address_1", "street_address_2"), CANARY),
        **dict.fromkeys(("postal_code", "locality"), CANARY),
        "latitude": None,
        "longitude": None,
        "region": {"code": CANARY, "name": CANARY},
        "country": {"code": CANARY, "name": CANARY},
    },
}


def shown(thing: object) -> str:
    return f"{thing!r} {thing} {getattr(thing, 'args', '')}"


def test_records_and_answers() -> None:
    body = compact(one(1, **NAMED))
    customer = decode_customer(body)
    rows = decode_rows(compact(many(resource(1, **NAMED))))
    query = ListQuery(conditions=(Condition("email", "eq", (f"{CANARY}@shop.test",)),))
    for thing in (customer, customer.billing_address, rows, examine(rows, query), query, Answer(200, {}, body)):
        assert CANARY not in shown(thing)


async def test_callers_and_the_leg() -> None:
    wire = FakeWire(ok(one(1, **NAMED)))
    upstream = upstream_on(wire, upstream_token=KEY)
    caller = Caller(Credential.of(KEY), "req")
    session = upstream.session(caller)
    await session.show_customer(1)
    lane = upstream._lane(Credential.of(KEY))
    real = Upstream(Settings(upstream_url="http://127.0.0.1:9/api/v1", upstream_token=KEY))
    channel = real._lane(Credential.of(KEY))
    assert channel is not None
    things: list[object] = [caller, caller.credential, session, session._memory, session._line, lane, upstream]
    things += [upstream.settings, real, real.settings, real._wire, channel, channel.channel]
    for thing in things:
        assert KEY not in shown(thing)


def test_errors() -> None:
    for answer in (
        refusal(401, f"Invalid API key ({KEY}) specified."),
        refusal(422, CANARY, validation_errors=[f"{CANARY} is invalid"]),
        refusal(500, CANARY),
        Answer(200, {}, CANARY.encode()),
    ):
        verdict = of_answer(answer, KEY)
        error = verdict.error
        assert isinstance(error, CustgraphError)
        for thing in (verdict, error, answer):
            assert KEY not in shown(thing)
            assert CANARY not in shown(thing)


@pytest.mark.parametrize(
    "body",
    [CANARY.encode(), compact({"data": CANARY}), compact(one(1, email=None, first_name=CANARY)), b'{"a":1,"a":2}'],
)
def test_a_document_that_is_none_is_not_quoted(body: bytes) -> None:
    with pytest.raises(BadDocument) as bad:
        decode_customer(body)
    error: BaseException | None = bad.value
    while error is not None:
        assert CANARY not in shown(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def test_a_connection_shows_nothing() -> None:
    assert "Connection object" in repr(Connection.__new__(Connection))
