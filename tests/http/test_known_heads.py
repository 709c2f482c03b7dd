"""Heads that are known: what comes of a request is the same whether its head was read before or not."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custgraph.credentials import Caller
from custgraph.http.known_heads import LONGEST, MOST, KnownHeads
from custgraph.http.messages import Answer
from custgraph.http.server.reader import Limits, Reader, WireRequest
from support.edge import TOKEN, Stage, stage

LIMITS = Limits(url=200, head=4_000, headers=12, body=400)
QUERY = b'{"query":"{hello}"}'
CALLER = Caller(None, "anybody")
OTHER_TOKEN = "another-token"

START_LINES = st.sampled_from(
    [b"POST /graphql HTTP/1.1", b"POST /a?b HTTP/1.1", b"GET /graphql HTTP/1.1", b"POST /graphql HTTP/1.0"]
)
LINES = st.sampled_from(
    [
        b"Host: a",
        b"host: a",
        b"X-Api-Token: 12345678",
        b"Connection: close",
        b"Connection: keep-alive",
        b"Connection: upgrade\r\nUpgrade: h2c",
        b"Expect: 100-continue",
        b"Transfer-Encoding: chunked",
        b"Content-Length: 2",
        b"Content-Length: 02",
        b"X: \xff",
        b"X:  spaces  ",
        b" folded: y",
    ]
)
BODIES = st.sampled_from([b"", b"{}", b"[]", b"0\r\n\r\n", b"2\r\n{}\r\n0\r\n\r\n", b"\r\n", b"{}\r\n", b"\r\n\r\n"])


def post(*headers: str, body: bytes = QUERY) -> bytes:
    lines = ["POST /graphql HTTP/1.1", "Host: gateway", "Content-Type: application/json", *headers]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body


@st.composite
def messages(draw: st.DrawFn) -> bytes:
    """Mostly sound requests, some of them with what makes a parser take another turn."""
    body = draw(BODIES)
    if draw(st.booleans()):
        return post(draw(st.sampled_from(["X: y", "X: y", "Connection: close"])), body=body)
    lines = draw(st.lists(LINES, max_size=2))
    lines += draw(st.sampled_from([[b"Host: a"], [b"Host: a"], []]))
    lines += draw(st.sampled_from([[b"Content-Length: %d" % len(body)], [b"Content-Length: %d" % len(body)], []]))
    before = draw(st.sampled_from([b"", b"", b"\r\n"]))
    return before + b"\r\n".join([draw(START_LINES), *lines, b"", b""]) + body


def outcome(reader: Reader) -> tuple[Any, ...]:
    return [seen(request) for request in reader.ready], reader.refusal, reader.begun


def seen(request: WireRequest) -> tuple[Any, ...]:
    return (
        request.method,
        request.target,
        request.headers,
        request.body,
        request.keep_alive,
        request.upgrade,
        request.version,
    )


@given(st.lists(messages(), min_size=1, max_size=3).flatmap(lambda some: st.lists(st.sampled_from(some), max_size=8)))
def test_a_request_is_the_same_whether_its_head_is_known_or_not(sent: list[bytes]) -> None:
    known = KnownHeads()
    for _ in range(2):  # two connections that share what is known
        whole, parsing = Reader(LIMITS, known), Reader(LIMITS, KnownHeads())
        for message in sent:
            whole.feed(message)
            for request in whole.ready[-1:]:
                known.learn(request, dict(request.headers), "application/json", CALLER)
            parsing.feed(message[:3])  # what has begun is the parser's
            if parsing.refusal is None:
                parsing.feed(message[3:])
            assert outcome(whole) == outcome(parsing)
            if whole.refusal or (whole.ready and not whole.ready[-1].keep_alive):
                break  # the connection takes no more


class Client:
    """One connection to an edge, without the socket."""

    def __init__(self, here: Stage) -> None:
        self._edge = here.edge
        self._reader = Reader(here.edge.wire_limits, here.edge.known_heads)

    async def ask(self, sent: bytes) -> Answer:
        self._reader.feed(sent)
        [request] = self._reader.ready
        self._reader.ready.clear()
        self.knew = request.known is not None
        return await self._edge.answer(request)


def headers_of(answer: Answer) -> dict[bytes, bytes]:
    return dict(answer.headers)


async def test_each_request_has_its_own_id_and_each_caller_its_own_credential() -> None:
    here = stage()
    client = Client(here)
    sent = [post(f"X-Api-Token: {token}") for token in (TOKEN, OTHER_TOKEN)]
    answers = [await client.ask(sent[number % 2]) for number in range(6)]
    assert client.knew
    assert [answer.status for answer in answers] == [200] * 6
    callers = [context.caller for context in here.engine.contexts]
    assert [caller.credential.secret for caller in callers if caller.credential] == [TOKEN, OTHER_TOKEN] * 3
    ids = [headers_of(answer)[b"x-request-id"].decode() for answer in answers]
    assert [caller.request_id for caller in callers] == ids
    assert len(set(ids)) == 6


async def test_what_a_head_says_holds_each_time() -> None:
    here = stage(cors_origins=["https://shop.test"])
    client = Client(here)
    sent = post(
        f"X-Api-Token: {TOKEN}",
        "Origin: https://shop.test",
        "Accept: application/graphql-response+json",
        "Accept-Language: de",
        "GraphQL-Report-Cost: 1",
    )
    answers = [await client.ask(sent) for _ in range(2)]
    assert client.knew
    assert {*headers_of(answers[0])} == {*headers_of(answers[1])}
    assert headers_of(answers[1])[b"access-control-allow-origin"] == b"https://shop.test"
    assert headers_of(answers[1])[b"content-type"].startswith(b"application/graphql-response+json")
    first, again = here.engine.contexts
    assert again.caller.credential == first.caller.credential
    assert (again.caller.accept_language, again.wants_cost) == ("de", True)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (post("X-Api-Token: short"), 401),
        (post(f"X-Api-Token: {TOKEN}", f"Authorization: Bearer {TOKEN}"), 400),
        (post("Accept: text/plain"), 406),
        (post("Content-Encoding: gzip"), 415),
        (post().replace(b"application/json", b"text/plain"), 415),
        (post().replace(b"/graphql", b"/graphql?token=12345678"), 400),
        (post("Cookie: session=12345678", "Sec-Fetch-Site: cross-site", "Origin: https://evil.test"), 403),
    ],
)
async def test_what_is_refused_is_refused_again_and_not_kept(sent: bytes, status: int) -> None:
    here = stage(session_cookie="session")
    client = Client(here)
    for _ in range(3):
        assert (await client.ask(sent)).status == status
        assert not client.knew
    assert not len(here.edge.known_heads)


async def test_a_cookie_is_known_with_where_it_came_from() -> None:
    here = stage(session_cookie="session")
    client = Client(here)
    cookie = "Cookie: session=12345678"
    for site, status in [("same-origin", 200), ("cross-site", 403)] * 2:
        assert (await client.ask(post(cookie, f"Sec-Fetch-Site: {site}"))).status == status


async def test_the_gate_is_asked_each_time() -> None:
    here = stage()
    client = Client(here)
    assert (await client.ask(post())).status == 200
    here.edge.gate.drain()
    answer = await client.ask(post())
    assert (client.knew, answer.status, answer.code) == (True, 503, "SHUTTING_DOWN")


async def test_no_credential_gets_more_than_its_share_by_being_known() -> None:
    here = stage(max_in_flight=8)
    client = Client(here)
    sent = post(f"X-Api-Token: {TOKEN}")
    assert (await client.ask(sent)).status == 200
    key = here.engine.contexts[0].credential_key
    here.edge.gate.enter(key, 7)
    assert (await client.ask(sent)).status == 503
    assert client.knew
    here.edge.gate.leave(key, 7)


async def learned(sent: bytes) -> bool:
    here = stage()
    reader = Reader(here.edge.wire_limits, here.edge.known_heads)
    reader.feed(sent)
    for request in reader.ready:
        await here.edge.answer(request)
    return here.edge.known_heads.find(sent) is not None


async def test_so_many_are_kept() -> None:
    here = stage()
    client, known = Client(here), here.edge.known_heads
    first = post("X: 0")
    for number in range(MOST):
        await client.ask(post(f"X: {number}"))
    assert (len(known), known.find(first) is not None) == (MOST, True)
    await client.ask(post("X: one more"))
    assert (len(known), known.find(first)) == (1, None)


async def test_long_ones_are_not() -> None:
    edge = LONGEST - (len(post("X: ")) - len(QUERY))
    assert await learned(post("X: " + "x" * edge))
    assert not await learned(post("X: " + "x" * (edge + 1)))


@pytest.mark.parametrize(
    "sent",
    [
        post("X-Request-Id: one-of-a-kind"),
        post("traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
        post("Connection: close"),
        post().replace(b"HTTP/1.1", b"HTTP/1.0"),
        post().replace(b"POST", b"PUT"),
        post() + b"\r\n",
        post() + post(),
        post()[:-1],
        post(body=b"").replace(b"Content-Length: 0\r\n", b""),
        post(body=b"0\r\n\r\n").replace(b"Content-Length: 5", b"Transfer-Encoding: chunked"),
    ],
)
async def test_only_a_plain_post_that_came_whole_and_alone_and_may_come_again_is_learned(sent: bytes) -> None:
    assert await learned(post())
    assert not await learned(sent)
