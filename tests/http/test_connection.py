"""HTTP/1.1 as the gateway's own server reads and writes it, over real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import Any, NamedTuple, cast

import pytest
import uvicorn

from custgraph.cork import Cork
from custgraph.http.known_heads import KnownHeads
from custgraph.http.messages import written
from custgraph.http.server import Connection
from custgraph.http.server.reader import Limits, Refusal, WireRequest
from support.eventually import eventually

HOST = b"Host: gateway.test\r\n"


class Reply(NamedTuple):
    """One answer of the little application below."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes
    head: bytes | None = None


class Application:
    """Answers `/graphql` with what it was asked, and everything else over ASGI."""

    direct_path = b"/graphql"
    wire_limits = Limits(url=100, head=1000, headers=10, body=2000)
    request_timeout = 0.4

    def __init__(self) -> None:
        self.known_heads = KnownHeads()
        self.seen: list[WireRequest] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.cancelled = 0
        self.reply_size = 0
        self.writes_heads = False
        self.cork = Cork(0)

    async def answer(self, request: WireRequest) -> Reply:
        self.seen.append(request)
        if request.body == b"crash":
            raise RuntimeError("a secret")
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        body = b"x" * self.reply_size or b"%s %s" % (request.method.encode(), request.body)
        headers = [(b"content-type", b"text/plain"), (b"content-length", b"%d" % len(body))]
        return Reply(200, headers, body, written(headers) if self.writes_heads else None)

    def refuse(self, refusal: Refusal) -> Reply:
        return Reply(refusal.status, [], refusal.reason.encode())

    async def __call__(self, scope: Any, receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Any]) -> None:
        if scope["path"] == "/crash":
            raise RuntimeError("a secret")
        message = await receive()
        start: dict[str, Any] = {
            "type": "http.response.start",
            "status": 204 if scope["path"] == "/none" else 201,
            "headers": [],
        }
        await send(start)
        if scope["path"] == "/half":
            await send({"type": "http.response.body", "body": b"half", "more_body": True})
            raise RuntimeError("a secret")
        if scope["path"] == "/pieces":
            await send({"type": "http.response.body", "body": b"one ", "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": True})
            await send({"type": "http.response.body", "body": b"two"})
            return
        said = f"{scope['method']} {scope['path']}?{scope['query_string'].decode()} "
        await send({"type": "http.response.body", "body": said.encode() + message["body"]})


class Client:
    """A raw connection to the server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def answer(self) -> tuple[int, dict[bytes, bytes], bytes]:
        """Reads one answer by its framing."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        line, *rest = head[:-4].split(b"\r\n")
        headers = dict(entry.lower().split(b": ", 1) for entry in rest)
        if headers.get(b"transfer-encoding") == b"chunked":
            body = b""
            while size := int(await self.reader.readuntil(b"\r\n"), 16):
                body += await self.reader.readexactly(size)
                await self.reader.readexactly(2)
            await self.reader.readexactly(2)
        else:
            body = await self.reader.readexactly(int(headers.get(b"content-length", b"0")))
        return int(line.split(b" ")[1]), headers, body

    async def closed(self) -> bool:
        """Waits for the server to close; says whether it did so without another byte."""
        try:
            return await self.reader.read() == b""
        except ConnectionResetError:
            return True


class Served(NamedTuple):
    """A running server."""

    app: Application
    server: uvicorn.Server
    connect: Callable[[], Awaitable[Client]]


@asynccontextmanager
async def serving(**options: Any) -> AsyncIterator[Served]:
    app = Application()
    config = uvicorn.Config(
        app, port=0, http=cast("Any", Connection), ws="none", proxy_headers=False, lifespan="off", log_level="critical",
        timeout_keep_alive=1, server_header=False, **options,
    )  # fmt: skip
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    await eventually(lambda: server.started)
    port = server.servers[0].sockets[0].getsockname()[1]
    clients: list[Client] = []

    async def connect() -> Client:
        clients.append(Client(*await asyncio.open_connection("127.0.0.1", port)))
        return clients[-1]

    try:
        yield Served(app, server, connect)
    finally:
        app.gate.set()
        for client in clients:
            client.writer.close()
        server.should_exit = True
        await task


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    async with serving() as running:
        yield running


def post(body: bytes, *headers: bytes, path: bytes = b"/graphql") -> bytes:
    lines = b"".join(header + b"\r\n" for header in headers)
    return b"POST %s HTTP/1.1\r\n%s%sContent-Length: %d\r\n\r\n%s" % (path, HOST, lines, len(body), body)


async def test_a_request_is_answered_and_the_connection_used_again(served: Served) -> None:
    client = await served.connect()
    for body in (b"{}", b"", b"more"):
        client.writer.write(post(body))
        status, headers, said = await client.answer()
        assert (200, b"POST " + body) == (status, said)
        assert b"connection" not in headers
        assert b"server" not in headers


async def test_a_connection_that_is_closed_leaves_nothing_running(served: Served) -> None:
    before = asyncio.all_tasks()
    client = await served.connect()
    for body in (b"1", b"2"):
        client.writer.write(post(body))
        await client.answer()
    assert len(asyncio.all_tasks() - before) == 1  # waits for the next request
    client.writer.close()
    await eventually(lambda: asyncio.all_tasks() <= before)


async def test_bytes_may_come_one_by_one(served: Served) -> None:
    client = await served.connect()
    for byte in post(b"{}"):
        client.writer.write(bytes([byte]))
        await client.writer.drain()
    assert (await client.answer())[2] == b"POST {}"


async def test_a_chunked_body_is_put_together_and_its_trailers_count_for_nothing(served: Served) -> None:
    client = await served.connect()
    head = b"POST /graphql HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n"
    client.writer.write(head + b"2\r\n{}\r\n1;ext=1\r\n \r\n0\r\nX-Api-Token: trailing\r\n\r\n")
    assert (await client.answer())[2] == b"POST {} "
    assert [name for name, _ in served.app.seen[0].headers] == [b"host", b"transfer-encoding"]


async def test_pipelined_requests_are_answered_one_after_the_other(served: Served) -> None:
    client = await served.connect()
    served.app.gate.clear()
    client.writer.write(post(b"1") + post(b"2") + post(b"", path=b"/other"))
    await eventually(lambda: served.app.seen)
    assert len(served.app.seen) == 1
    served.app.gate.set()
    assert [(await client.answer())[2] for _ in range(3)] == [b"POST 1", b"POST 2", b"POST /other? "]


async def test_pipelined_requests_give_everybody_else_a_turn(served: Served) -> None:
    client = await served.connect()
    client.writer.write(post(b"1") * 40)
    seen = [0]
    while seen[-1] < 40:
        await asyncio.sleep(0)
        seen.append(len(served.app.seen))
    assert all(later <= earlier + 1 for earlier, later in pairwise(seen))


async def test_large_pipelined_requests_are_no_large_head(served: Served) -> None:
    client = await served.connect()
    whole = post(b"1") * 30  # more bytes than a head may have
    client.writer.write(whole + post(b"2")[:30])
    for _ in range(30):
        assert (await client.answer())[2] == b"POST 1"
    client.writer.write(post(b"2")[30:])
    assert (await client.answer())[2] == b"POST 2"


async def test_everything_but_the_endpoint_is_asgi(served: Served) -> None:
    client = await served.connect()
    client.writer.write(b"GET /a%20b/c?d=e HTTP/1.1\r\n" + HOST + b"\r\n")
    status, _, body = await client.answer()
    assert (status, body) == (201, b"GET /a b/c?d=e ")
    client.writer.write(b"GET /pieces HTTP/1.1\r\n" + HOST + b"\r\n")
    status, headers, body = await client.answer()
    assert (body, headers[b"transfer-encoding"]) == (b"one two", b"chunked")
    client.writer.write(b"GET /none HTTP/1.1\r\n" + HOST + b"\r\n")
    status, headers, body = await client.answer()
    assert (status, body) == (204, b"")
    assert not {b"content-length", b"transfer-encoding"} & headers.keys()


async def test_head_has_the_headers_and_no_body(served: Served) -> None:
    client = await served.connect()
    client.writer.write(b"HEAD /x HTTP/1.1\r\n" + HOST + b"\r\n" + post(b"next"))
    head = await client.reader.readuntil(b"\r\n\r\n")
    assert b"content-length: 9" in head
    assert (await client.answer())[2] == b"POST next"


async def test_an_application_that_fails_costs_a_500_that_says_nothing(served: Served) -> None:
    client = await served.connect()
    client.writer.write(b"GET /crash HTTP/1.1\r\n" + HOST + b"\r\n")
    status, headers, body = await client.answer()
    assert (status, headers[b"connection"]) == (500, b"close")
    assert b"secret" not in body
    assert await client.closed()


async def test_an_application_that_fails_halfway_leaves_no_whole_answer(served: Served) -> None:
    client = await served.connect()
    client.writer.write(b"GET /half HTTP/1.1\r\n" + HOST + b"\r\n")
    with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
        await client.answer()


async def test_expect_continue_is_answered_before_the_body(served: Served) -> None:
    client = await served.connect()
    whole = post(b"{}", b"Expect: 100-continue")
    client.writer.write(whole[:-2])
    assert await client.reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
    client.writer.write(b"{}")
    assert (await client.answer())[2] == b"POST {}"


async def test_http_1_0_closes_unless_it_asks_to_stay(served: Served) -> None:
    client = await served.connect()
    client.writer.write(b"POST /graphql HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\n1")
    assert (await client.answer())[1][b"connection"] == b"keep-alive"
    client.writer.write(b"POST /graphql HTTP/1.0\r\nContent-Length: 1\r\n\r\n1")
    assert (await client.answer())[1][b"connection"] == b"close"
    assert await client.closed()


REFUSED = {
    "no HTTP": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
    "two framings": (post(b"0\r\n\r\n", b"Transfer-Encoding: chunked"), 400),
    "a length twice": (post(b"1", b"Content-Length: 1"), 400),
    "a signed length": (b"POST /graphql HTTP/1.1\r\n" + HOST + b"Content-Length: +5\r\n\r\n12345", 400),
    "two codings": (b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: gzip, chunked\r\n\r\n", 400),
    "a bare line feed": (b"GET /graphql HTTP/1.1\r\nHost: a\nX: y\r\n\r\n", 400),
    "a folded header": (b"GET /graphql HTTP/1.1\r\nHost: a\r\nX: y\r\n z\r\n\r\n", 400),
    "no host": (b"GET /graphql HTTP/1.1\r\n\r\n", 400),
    "two hosts": (b"GET /graphql HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400),
    "a host with a path": (b"GET /graphql HTTP/1.1\r\nHost: a/?x=\r\n\r\n", 400),
    "a host with a user": (b"GET /graphql HTTP/1.1\r\nHost: b@a\r\n\r\n", 400),
    "another version": (b"GET /graphql HTTP/2.0\r\n" + HOST + b"\r\n", 505),
    "an absolute target": (b"GET http://elsewhere.test/graphql HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    "a long URL": (b"GET /graphql?" + b"a" * 100 + b" HTTP/1.1\r\n" + HOST + b"\r\n", 414),
    "large headers": (post(b"", b"X: " + b"a" * 1000), 431),
    "one header without end": (b"GET /graphql HTTP/1.1\r\nX: " + b"a" * 2000, 431),
    "many headers": (post(b"", *(b"X%d: y" % number for number in range(10))), 431),
    "a large body": (post(b"a" * 2001), 413),
    "a large body said": (b"POST /graphql HTTP/1.1\r\n" + HOST + b"Content-Length: 99999999999\r\n\r\n", 413),
    "a large body in chunks": (
        b"POST /graphql HTTP/1.1\r\n"
        + HOST
        + b"Transfer-Encoding: chunked\r\n\r\n"
        + b"3e8\r\n%s\r\n" % (b"a" * 1000) * 3,
        413,
    ),
    "a WebSocket": (
        b"GET /graphql HTTP/1.1\r\n" + HOST + b"Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
        404,
    ),
}


@pytest.mark.parametrize(("sent", "status"), REFUSED.values(), ids=REFUSED)
async def test_what_is_refused(served: Served, sent: bytes, status: int) -> None:
    client = await served.connect()
    client.writer.write(sent)
    said, headers, body = await client.answer()
    assert (status, b"close") == (said, headers[b"connection"])
    assert body
    assert await client.closed()
    assert not served.app.seen


async def test_what_comes_behind_a_last_request_is_not_read(served: Served) -> None:
    client = await served.connect()
    client.writer.write(post(b"1", b"Connection: close") + post(b"2"))
    assert (await client.answer())[2] == b"POST 1"
    assert await client.closed()
    assert len(served.app.seen) == 1


@pytest.mark.parametrize("sent", [post(b"12345")[:-2], post(b"12345")[:30]], ids=["half a body", "half a head"])
async def test_a_request_that_does_not_come_in_time_is_answered_408(served: Served, sent: bytes) -> None:
    client = await served.connect()
    client.writer.write(sent)
    assert (await client.answer())[0] == 408
    assert await client.closed()


async def test_dripping_bytes_does_not_win_time(served: Served) -> None:
    client = await served.connect()
    started = asyncio.get_running_loop().time()

    async def drip() -> None:
        for byte in post(b"{}") * 9:
            client.writer.write(bytes([byte]))
            await asyncio.sleep(0.02)

    dripping = asyncio.create_task(drip())
    assert (await client.answer())[0] == 408
    assert asyncio.get_running_loop().time() - started < 1.0
    dripping.cancel()
    await asyncio.gather(dripping, return_exceptions=True)


async def test_silent_and_idle_connections_are_closed(served: Served) -> None:
    silent, idle = await served.connect(), await served.connect()
    idle.writer.write(post(b""))
    await idle.answer()
    assert await silent.closed()
    assert await idle.closed()
    await eventually(lambda: not served.server.server_state.connections)


async def test_a_client_that_goes_cancels_what_is_under_way_for_it(served: Served) -> None:
    client = await served.connect()
    served.app.gate.clear()
    client.writer.write(post(b"1"))
    await eventually(lambda: served.app.seen)
    client.writer.transport.abort()
    await eventually(lambda: served.app.cancelled == 1)
    await eventually(lambda: not served.server.server_state.tasks)


async def test_a_client_that_reads_nothing_is_cut_off_and_asks_no_more(served: Served) -> None:
    client = await served.connect()
    served.app.reply_size = 8 << 20
    client.reader._limit = 1 << 10  # type: ignore[attr-defined]  # reads as little as a stream can
    client.writer.write(post(b"1"))
    await eventually(lambda: served.app.seen)
    client.writer.write(post(b"2"))
    await eventually(lambda: not served.server.server_state.connections, 5)
    assert len(served.app.seen) == 1


async def test_a_stop_lets_the_request_under_way_end() -> None:
    async with serving() as served:
        busy, idle = await served.connect(), await served.connect()
        served.app.gate.clear()
        busy.writer.write(post(b"1"))
        await eventually(lambda: served.app.seen)
        served.server.should_exit = True
        assert await idle.closed()
        served.app.gate.set()
        _, headers, body = await busy.answer()
        assert (body, headers[b"connection"]) == (b"POST 1", b"close")


async def test_a_refusal_reaches_a_client_that_is_still_sending(served: Served) -> None:
    client = await served.connect()
    client.writer.write(b"POST /graphql HTTP/1.1\r\n" + HOST + b"Content-Length: 9000000\r\n\r\n")
    for _ in range(9):
        client.writer.write(b"x" * 1_000_000)
    assert (await client.answer())[0] == 413
    await client.writer.drain()
    assert await client.closed()


@pytest.mark.parametrize(
    "sent",
    [
        post(b"{}"),
        post(b"{}", b"Connection: close"),
        b"POST /graphql HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\n{}",
        b"HEAD /graphql HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n",
    ],
    ids=["as nearly always", "the last one", "HTTP/1.0", "HEAD"],
)
async def test_an_answer_whose_head_is_written_already_goes_out_as_any_other(served: Served, sent: bytes) -> None:
    said = []
    for served.app.writes_heads in (False, True):
        client = await served.connect()
        client.writer.write(sent)
        head = await client.reader.readuntil(b"\r\n\r\n")
        said.append(sorted(line for line in head.split(b"\r\n") if not line.startswith(b"date")))
    assert said[0] == said[1]


async def test_answers_made_in_one_turn_go_out_together_each_to_its_client(served: Served) -> None:
    served.app.writes_heads = True
    clients = [await served.connect() for _ in range(20)]
    for turn in range(3):
        served.app.gate.clear()
        for number, client in enumerate(clients):
            client.writer.write(post(b"%d %d" % (turn, number)))
        await eventually(lambda turn=turn: len(served.app.seen) == 20 * (turn + 1))  # type: ignore[misc]
        served.app.gate.set()
        for number, client in enumerate(clients):
            assert (await client.answer())[2] == b"POST %d %d" % (turn, number)


async def test_an_answer_held_back_goes_out_before_the_next_one_and_before_the_end(served: Served) -> None:
    """Two clients at once: the first's next request is for another path, the second's is refused."""
    served.app.writes_heads = True
    one, two = await served.connect(), await served.connect()
    served.app.gate.clear()
    one.writer.write(post(b"1") + post(b"", path=b"/other"))
    two.writer.write(post(b"2") + b"GET / HTTP/3.7\r\n\r\n")
    await eventually(lambda: len(served.app.seen) == 2)
    served.app.gate.set()
    assert [(await one.answer())[2] for _ in range(2)] == [b"POST 1", b"POST /other? "]
    assert [(await two.answer())[0] for _ in range(2)] == [200, 400]
    assert await two.closed()


class StopsFirst:
    """A cork whose connections are shut down before they are uncorked."""

    def __init__(self) -> None:
        self.cork = Cork(0)
        self.held = 0

    @property
    def holds(self) -> bool:
        return self.cork.holds

    def pays(self, now: float) -> bool:
        return self.cork.pays(now)

    def hold(self, connection: Any, loop: asyncio.AbstractEventLoop) -> None:
        self.held += 1
        loop.call_soon(connection.shutdown)
        self.cork.hold(connection, loop)


async def test_a_stop_in_the_same_turn_does_not_lose_an_answer_held_back() -> None:
    async with serving() as served:
        served.app.writes_heads = True
        served.app.cork = cork = StopsFirst()  # type: ignore[assignment]
        clients = [await served.connect() for _ in range(3)]
        served.app.gate.clear()
        for client in clients:
            client.writer.write(post(b"{}"))
        await eventually(lambda: len(served.app.seen) == 3)
        served.app.gate.set()
        for client in clients:
            assert (await client.answer())[2] == b"POST {}"
        assert cork.held > 1
        assert sum([await client.closed() for client in clients[: cork.held]]) == cork.held


async def test_an_answer_that_cannot_be_made_ends_the_connection_and_leaves_nothing() -> None:
    async with serving() as served:
        client = await served.connect()
        client.writer.write(post(b"crash"))
        assert await client.closed()
        await eventually(lambda: not served.server.server_state.tasks)
        await eventually(lambda: not served.server.server_state.connections)
