"""Limits and framing, as the edge checks them under any ASGI server: what a lenient HTTP parser lets through."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from support.asgi import Exchange, posting
from support.clock import jumping, now
from support.edge import Stage, stage

JSON = ("content-type", "application/json")
BODY = b'{"query":"{hello}"}'


async def refusal(here: Stage, exchange: Exchange) -> tuple[int, str]:
    """Status and code of the answer, which ends the connection; nothing was run."""
    exchange.goes()  # what a server tells when its client has read the answer and closed
    await exchange.run(here.edge)
    assert exchange.headers["connection"] == "close"
    assert exchange.headers["cache-control"] == "no-store"
    assert here.engine.contexts == []
    [error] = msgspec.json.decode(exchange.body)["errors"]
    assert error["extensions"]["requestId"] == exchange.headers["x-request-id"]
    return exchange.status, error["extensions"]["code"]


def post(*headers: tuple[str, str]) -> Exchange:
    """A POST whose body does not come."""
    return Exchange("POST", "/graphql", JSON, *headers)


LIMITS: dict[str, Any] = {"max_body_bytes": 2000, "max_url_bytes": 1000, "max_headers": 20, "max_header_bytes": 4000}
BAD, TOO_LARGE, TOO_MUCH = (400, "BAD_REQUEST"), (413, "BODY_TOO_LARGE"), (431, "HEADERS_TOO_LARGE")
CHUNKED = ("transfer-encoding", "chunked")
HEADS: dict[str, tuple[Exchange, tuple[int, str]]] = {
    "no Host": (post(), BAD),
    "two Hosts": (post(("host", "a"), ("host", "a")), BAD),
    "a path in Host": (post(("host", "a/?x=")), BAD),
    "a user in Host": (post(("host", "a@b")), BAD),
    "two ports in Host": (post(("host", "a:80:80")), BAD),
    "a blank in Host": (post(("host", "a b")), BAD),
    "an empty Host": (post(("host", "")), BAD),
    "both framings": (post(("content-length", "9"), CHUNKED), BAD),
    "another coding": (post(("transfer-encoding", "gzip, chunked")), BAD),
    "two codings": (post(CHUNKED, CHUNKED), BAD),
    "two lengths": (post(("content-length", "9"), ("content-length", "9")), BAD),
    "a list of lengths": (post(("content-length", "9, 9")), BAD),
    "a signed length": (post(("content-length", "+5")), BAD),
    "a negative length": (post(("content-length", "-5")), BAD),
    "an empty length": (post(("content-length", "")), BAD),
    "a length in other digits": (post(("content-length", "\xb2")), BAD),
    "a length over the limit": (post(("content-length", "2001")), TOO_LARGE),
    "a length of 40 digits": (post(("content-length", "9" * 40)), TOO_LARGE),
    "a long URL": (Exchange("GET", "/graphql?query={" + "a" * 1000 + "}"), (414, "URL_TOO_LONG")),
    "many headers": (post(*[(f"x-{n}", "1") for n in range(20)]), TOO_MUCH),
    "large headers": (post(("x-a", "1" * 5000)), TOO_MUCH),
    "another version": (Exchange("GET", "/graphql?query={hello}", version="2.0"), (505, "BAD_REQUEST")),
    "an upgrade": (Exchange("GET", "/graphql?query={hello}", ("upgrade", "WebSocket")), (404, "NOT_FOUND")),
}
HEADS["no Host"][0].scope["headers"].pop(0)


@pytest.mark.parametrize(("exchange", "answer"), HEADS.values(), ids=HEADS)
async def test_heads_that_are_refused(exchange: Exchange, answer: tuple[int, str]) -> None:
    """The body is not waited for."""
    assert await refusal(stage(**LIMITS), exchange) == answer


GOOD_HOSTS = ["gateway", "gateway:8000", "127.0.0.1:80", "[::1]:8000", "[::1]", "a-b.c_d~e.example"]


@pytest.mark.parametrize("host", GOOD_HOSTS)
async def test_hosts_that_are_taken(host: str) -> None:
    exchange = posting(BODY, ("host", host))
    await exchange.run(stage().edge)
    assert exchange.status == 200


@pytest.mark.parametrize("version", ["1.0", "2"])
async def test_only_http_1_1_needs_a_host(version: str) -> None:
    exchange = Exchange("GET", "/graphql?query={hello}", version=version)
    exchange.scope["headers"].clear()
    exchange.sends(b"")
    await exchange.run(stage().edge)
    assert exchange.status == 200


async def test_a_body_in_pieces() -> None:
    exchange = Exchange("POST", "/graphql", JSON, ("transfer-encoding", "Chunked"))
    for byte in BODY:
        exchange.sends(bytes([byte]), more=True)
    exchange.sends(b"")
    await exchange.run(stage().edge)
    assert (exchange.status, exchange.body) == (200, b'{"data":{"hello":"Hello you!"}}')


@pytest.mark.parametrize("size", [1999, 2000])
async def test_a_body_within_the_limit(size: int) -> None:
    exchange = posting(BODY + b" " * (size - len(BODY)))
    await exchange.run(stage(**LIMITS).edge)
    assert exchange.status == 200


@pytest.mark.parametrize("pieces", [[2001], [1000, 1001], [1] * 2001], ids=["one piece", "two", "many"])
async def test_a_body_over_the_limit(pieces: list[int]) -> None:
    """By what comes, whatever was said of it; and no more is kept than that."""
    exchange = Exchange("POST", "/graphql", JSON, ("content-length", "10"))
    for size in pieces:
        exchange.sends(b" " * size, more=True)
    assert await refusal(stage(**LIMITS), exchange) == (413, "BODY_TOO_LARGE")


async def test_what_a_refused_client_still_sends_is_thrown_away_first() -> None:
    """Closing on unread bytes would reset the connection before the client has read why."""
    exchange = Exchange("POST", "/graphql", JSON, ("content-length", "5000"))
    for _ in range(4):
        exchange.sends(b" " * 1000, more=True)
    exchange.sends(b" " * 1000)
    await exchange.run(stage(**LIMITS).edge)
    assert (exchange.status, exchange.received) == (413, 5)


@jumping
async def test_not_for_ever() -> None:
    exchange = Exchange("POST", "/graphql", JSON, ("content-length", "5000"))
    began = now()
    await exchange.run(stage(**LIMITS).edge)
    assert (exchange.status, round(now() - began)) == (413, 2)


@jumping
async def test_a_body_that_does_not_come() -> None:
    here, exchange = stage(body_timeout=3.0), Exchange("POST", "/graphql", JSON, ("content-length", "10"))
    exchange.sends(b" ", more=True)
    began = now()
    await exchange.run(here.edge)
    assert (exchange.status, exchange.headers["connection"]) == (408, "close")
    assert 3.0 <= now() - began < 5.2  # three seconds, and two for what it may still send
    assert here.engine.contexts == []


@jumping
async def test_a_body_that_drips() -> None:
    """Time counts from the first byte of the request, not from the last one."""
    here, exchange = stage(body_timeout=3.0), Exchange("POST", "/graphql", JSON, ("content-length", "1000"))
    task = asyncio.create_task(exchange.run(here.edge))
    began = now()
    while not exchange.sent:
        exchange.sends(b" ", more=True)
        await asyncio.sleep(0.5)
    assert (exchange.status, now() - began <= 4.0) == (408, True)
    exchange.goes()
    await task


async def test_a_client_that_breaks_off() -> None:
    here, exchange = stage(), Exchange("POST", "/graphql", JSON, ("content-length", "10"))
    exchange.sends(b" ", more=True)
    exchange.goes()
    await exchange.run(here.edge)
    assert (exchange.sent, here.engine.contexts) == ([], [])
