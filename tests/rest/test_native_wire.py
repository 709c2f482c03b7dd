"""The wire against raw bytes: what is an answer, what is not, and which connections are used again."""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import trustme
import uvloop

from custgraph.rest.connection import Connection
from custgraph.rest.native_wire import NativeChannel, NativeWire
from custgraph.rest.wire import Answer, WireFault
from support.eventually import eventually
from support.rawserver import RawServer

MakeWire = Callable[..., NativeWire]
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
ANSWER = OK + b"Content-Length: 2\r\n\r\n{}"


async def ask(channel: NativeChannel, *, method: str = "GET", seconds: float = 2.0, request_id: str = "r-1") -> Answer:
    body = b'{"a":1}' if method in ("POST", "PUT") else None
    until = asyncio.get_running_loop().time() + seconds
    return await channel.send(method, "/customers/1", body, request_id, "", until)  # type: ignore[arg-type]


async def fault_of(channel: NativeChannel, **how: object) -> tuple[str, bool]:
    with pytest.raises(WireFault) as caught:
        await ask(channel, **how)  # type: ignore[arg-type]
    return caught.value.kind, caught.value.sent


@pytest.fixture
def channel(wire: NativeWire) -> NativeChannel:
    return wire.channel("X-Api-Token: secret-key")


async def test_a_request_is_these_bytes(server: RawServer, channel: NativeChannel) -> None:
    server.says(ANSWER)
    until = asyncio.get_running_loop().time() + 2
    answer = await channel.send("GET", "/customers?page=1", None, "abc-1", "Accept-Language: de\r\n", until)
    assert (answer.status, answer.body) == (200, b"{}")
    assert server.heads == [
        b"GET /api/v1/customers?page=1 HTTP/1.1\r\n"
        b"Host: 127.0.0.1:%d\r\n"
        b"Accept: application/json\r\n"
        b"Accept-Encoding: identity\r\n"
        b"User-Agent: custgraph\r\n"
        b"X-Api-Token: secret-key\r\n"
        b"X-Request-Id: abc-1\r\n"
        b"Accept-Language: de\r\n"
        b"\r\n" % server.port
    ]


async def test_a_write_carries_its_body(server: RawServer, channel: NativeChannel) -> None:
    bodies = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _number: int) -> None:
        await server.head(reader)
        bodies.append(await reader.readexactly(7))
        writer.write(ANSWER)
        await reader.read()

    server.answers(serve)
    await ask(channel, method="PUT")
    assert bodies == [b'{"a":1}']
    assert b"Content-Type: application/json\r\nContent-Length: 7\r\n" in server.heads[0]


ANSWERS = {
    "length": OK + b"Content-Length: 2\r\n\r\n{}",
    "chunked": OK + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n",
    "lower case": b"HTTP/1.1 200 ok\r\ncontent-length: 2\r\n\r\n{}",
    "no reason": b"HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\n{}",
    "echoed id": OK + b"X-Request-Id: r-1\r\nContent-Length: 2\r\n\r\n{}",
    "identity": OK + b"Content-Encoding: identity\r\nContent-Length: 2\r\n\r\n{}",
}


@pytest.mark.parametrize("wire_bytes", ANSWERS.values(), ids=ANSWERS)
async def test_a_plain_answer_leaves_its_connection_for_the_next(
    server: RawServer, channel: NativeChannel, wire_bytes: bytes
) -> None:
    server.says(wire_bytes, wire_bytes, wire_bytes)
    assert [(await ask(channel)).body for _ in range(3)] == [b"{}"] * 3
    assert server.connections == 1


ODD_BUT_WHOLE = {
    "until close": (OK + b"\r\n{}", b"{}"),
    "connection: close": (OK + b"Connection: close\r\nContent-Length: 2\r\n\r\n{}", b"{}"),
    "HTTP/1.0": (b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}", b"{}"),
    "interim first": (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\n" + ANSWER, b"{}"),
    "chunked with a trailer": (OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nX-T: 1\r\n\r\n", b"{}"),
    "one byte more": (ANSWER + b"\x00", b"{}"),
    "a line more": (ANSWER + b"\r\n", b"{}"),
    "a newline more": (ANSWER + b"\n", b"{}"),
    "chunked and a line more": (OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n\r\n", b"{}"),
    "a second answer": (ANSWER + ANSWER, b"{}"),
    "half a second answer": (ANSWER + b"HTTP/1.1 200", b"{}"),
    "two answers, both chunked": (
        (OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n") * 2,
        b"{}",
    ),
    "a second answer, chunked": (OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n" + ANSWER, b"{}"),
}


@pytest.mark.parametrize(("wire_bytes", "body"), ODD_BUT_WHOLE.values(), ids=ODD_BUT_WHOLE)
async def test_an_odd_but_whole_answer_is_used_and_its_connection_is_not(
    server: RawServer, channel: NativeChannel, wire: NativeWire, wire_bytes: bytes, body: bytes
) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _number: int) -> None:
        await server.head(reader)
        writer.write(wire_bytes)
        if b"Length" not in wire_bytes and b"chunked" not in wire_bytes:
            writer.write_eof()
        await reader.read()

    server.answers(serve)
    assert [(await ask(channel)).body for _ in range(2)] == [body] * 2
    assert (server.connections, len(wire.idle)) == (2, 0)


async def test_bytes_after_an_answer_close_the_idle_connection(
    server: RawServer, channel: NativeChannel, wire: NativeWire
) -> None:
    gone = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int) -> None:
        await server.head(reader)
        writer.write(ANSWER)
        if number == 1:
            await asyncio.sleep(0.02)
            writer.write(ANSWER)
            await reader.read()
            gone.set()
        await reader.read()

    server.answers(serve)
    await ask(channel)
    async with asyncio.timeout(2):
        await gone.wait()
    assert len(wire.idle) == 0
    await ask(channel)
    assert server.connections == 2


async def test_a_server_that_closes_at_once_was_sent_nothing(server: RawServer, channel: NativeChannel) -> None:
    async def serve(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter, _number: int) -> None:
        pass

    server.answers(serve)
    kinds = {await fault_of(channel, method="PUT") for _ in range(20)}
    assert kinds <= {("reset", False), ("reset", True), ("connect", False)}  # whichever side is quicker


async def test_an_answer_before_the_request_is_none(server: RawServer, channel: NativeChannel) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _number: int) -> None:
        writer.write(OK + b"X-Request-Id: other-9\r\nContent-Length: 2\r\n\r\n{}")
        await reader.read()

    server.answers(serve)
    kind, _ = await fault_of(channel)
    assert kind == "malformed"


NO_ANSWERS = {
    "no HTTP": b"\x16\x03\x01\x02\x00\x01" * 50,
    "a bad version": b"HTTP/9.9 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    "a bad status": b"HTTP/1.1 okay\r\n\r\n",
    "two lengths": OK + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    "equal lengths": OK + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
    "length and chunked": OK + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunked and length": OK + b"Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n0\r\n\r\n",
    "a signed length": OK + b"Content-Length: +2\r\n\r\n{}",
    "a negative length": OK + b"Content-Length: -2\r\n\r\n{}",
    "a huge length": OK + b"Content-Length: 99999999999999999999999\r\n\r\n{}",
    "an odd transfer encoding": OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "a bad chunk size": OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    "bare line feeds": b"HTTP/1.1 200 OK\nContent-Length: 2\n\n{}",
    "a header without colon": OK + b"nonsense\r\nContent-Length: 2\r\n\r\n{}",
    "a NUL in a header": OK + b"X-Odd: a\x00b\r\nContent-Length: 2\r\n\r\n{}",
    "a space before the colon": OK + b"Content-Length : 2\r\n\r\n{}",
    "compressed": OK + b"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
    "another's id": OK + b"X-Request-Id: r-2\r\nContent-Length: 2\r\n\r\n{}",
    "two ids": OK + b"X-Request-Id: r-1\r\nX-Request-Id: r-1\r\nContent-Length: 2\r\n\r\n{}",
    "another protocol": b"HTTP/1.1 101 Switching\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n",
    "a body too large": OK + b"Content-Length: 100001\r\n\r\n",
    "chunks too large": OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"4000\r\n" + b" " * 0x4000 + b"\r\n" * 7,
    "a body to the end, too large": OK + b"\r\n" + b" " * 100_001,
    "headers too large": OK + b"".join(b"X-%d: %s\r\n" % (n, b"p" * 100) for n in range(200)) + b"\r\n{}",
    "one header too large": OK + b"X-Pad: " + b"p" * 20_000,
    "interim answers without end": b"HTTP/1.1 100 Continue\r\n\r\n" * 1000,
}


@pytest.mark.parametrize("wire_bytes", NO_ANSWERS.values(), ids=NO_ANSWERS)
async def test_no_answer_is_made_of(
    server: RawServer, channel: NativeChannel, wire: NativeWire, wire_bytes: bytes
) -> None:
    chunks = wire_bytes * 7 if b"4000\r\n" in wire_bytes else wire_bytes
    server.says(chunks)
    assert await fault_of(channel) == ("malformed", True)
    assert not wire.idle


CUT = {
    "in the status line": b"HTTP/1.1 2",
    "in the headers": OK,
    "in the body": OK + b"Content-Length: 5\r\n\r\n{}",
    "in the chunks": OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{}",
    "between chunks": OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
    "after an interim answer": b"HTTP/1.1 100 Continue\r\n\r\n",
}


@pytest.mark.parametrize("reset", [False, True], ids=["closed", "reset"])
@pytest.mark.parametrize("wire_bytes", CUT.values(), ids=CUT)
async def test_an_answer_cut_off_is_truncated(
    server: RawServer, channel: NativeChannel, wire_bytes: bytes, reset: bool
) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _number: int) -> None:
        await server.head(reader)
        writer.write(wire_bytes)
        await writer.drain()
        await asyncio.sleep(0.02)
        if reset:
            writer.transport.abort()

    server.answers(serve)
    assert await fault_of(channel) == ("truncated", True)


async def test_closed_before_the_answer_is_a_reset(server: RawServer, channel: NativeChannel) -> None:
    async def serve(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter, _number: int) -> None:
        await server.head(reader)

    server.answers(serve)
    assert await fault_of(channel) == ("reset", True)


async def test_a_used_connection_closed_as_it_is_used_again_is_stale(server: RawServer, channel: NativeChannel) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _number: int) -> None:
        await server.head(reader)
        writer.write(ANSWER)
        await server.head(reader)

    server.answers(serve)
    await ask(channel)
    assert await fault_of(channel) == ("stale", True)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
async def test_a_write_has_a_connection_that_carried_nothing_before(
    server: RawServer, channel: NativeChannel, method: str
) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _number: int) -> None:
        while True:
            head = await server.head(reader)
            if b"Content-Length" in head:
                await reader.readexactly(7)
            writer.write(ANSWER)

    server.answers(serve)
    await ask(channel)
    await ask(channel, method=method)
    await ask(channel)
    assert server.connections == 2


async def test_callers_never_share_a_connection(server: RawServer, wire: NativeWire) -> None:
    server.says(ANSWER, ANSWER)
    await ask(wire.channel("X-Api-Token: one-one-one"))
    await ask(wire.channel("X-Api-Token: two-two-two"))
    assert server.connections == 2


async def test_an_idle_connection_is_closed_after_its_time(server: RawServer, make_wire: MakeWire) -> None:
    wire = make_wire(keepalive=0.05)
    server.says(ANSWER, ANSWER)
    await ask(wire.channel("X-Api-Token: secret-key"))
    (connection,) = wire.connections
    await eventually(lambda: not wire.connections)
    assert not connection.open


async def test_a_busy_connection_outlives_its_idle_time(server: RawServer, make_wire: MakeWire) -> None:
    channel = make_wire(keepalive=0.1).channel("X-Api-Token: secret-key")
    server.says(*[ANSWER] * 8)
    for _ in range(8):
        await ask(channel)
        await asyncio.sleep(0.04)
    assert server.connections == 1


async def test_more_idle_connections_than_allowed_close_the_oldest(server: RawServer, make_wire: MakeWire) -> None:
    wire = make_wire(max_idle=2)
    server.says(ANSWER)
    for name in ("one", "two", "three", "four"):
        await ask(wire.channel(f"X-Api-Token: {name}"))
    await eventually(lambda: len(wire.connections) == 2)
    assert len(wire.idle) == 2


async def test_no_answer_is_a_timeout_at_its_time(server: RawServer, channel: NativeChannel) -> None:
    server.says(b"")
    started = time.monotonic()
    assert await fault_of(channel, seconds=0.2) == ("timeout", True)
    assert 0.19 < time.monotonic() - started < 0.5


async def test_a_dripping_answer_is_a_timeout_at_its_time(server: RawServer, channel: NativeChannel) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _number: int) -> None:
        await server.head(reader)
        for byte in OK * 10:
            writer.write(bytes([byte]))
            await asyncio.sleep(0.02)

    server.answers(serve)
    started = time.monotonic()
    assert await fault_of(channel, seconds=0.3) == ("timeout", True)
    assert 0.29 < time.monotonic() - started < 0.6


async def test_a_write_waits_longer_for_its_answer_than_an_answer_may_stop(
    server: RawServer, make_wire: MakeWire
) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int) -> None:
        await server.head(reader)
        await asyncio.sleep(0.3)
        writer.write(ANSWER if number == 1 else ANSWER[:-1])
        await reader.read()

    server.answers(serve)
    channel = make_wire(write_timeout=0.1).channel("X-Api-Token: secret-key")
    assert (await ask(channel, method="DELETE")).status == 200
    started = time.monotonic()
    assert await fault_of(channel, method="DELETE") == ("timeout", True)
    assert time.monotonic() - started < 1


async def test_a_request_that_nobody_reads_is_a_timeout(server: RawServer, make_wire: MakeWire) -> None:
    async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _number: int) -> None:
        writer.transport.pause_reading()  # type: ignore[attr-defined]  # streams have it
        await asyncio.sleep(5)

    server.answers(serve)
    channel = make_wire(write_timeout=0.1).channel("X-Api-Token: secret-key")
    until = asyncio.get_running_loop().time() + 3
    started = time.monotonic()
    with pytest.raises(WireFault, match="timeout"):
        await channel.send("POST", "/customers", b" " * 20_000_000, "r-1", "", until)
    assert time.monotonic() - started < 1


async def test_cancelling_closes_the_connection(server: RawServer, channel: NativeChannel, wire: NativeWire) -> None:
    closed = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter, _number: int) -> None:
        await server.head(reader)
        await reader.read()
        closed.set()

    server.answers(serve)
    call = asyncio.create_task(ask(channel))
    await eventually(lambda: server.heads)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    async with asyncio.timeout(2):
        await closed.wait()
    assert (not wire.idle, not wire.connections) == (True, True)


@pytest.mark.parametrize("answered", [False, True], ids=["just before the answer", "just after the answer"])
async def test_one_cancelled_as_its_answer_comes_does_not_cut_the_next_exchange(
    server: RawServer, wire: NativeWire, channel: NativeChannel, answered: bool
) -> None:
    """Between the cancellation and the moment the cancelled one learns of it, another may have got the connection."""
    asked: list[asyncio.Task[Answer]] = []
    given_back = channel.keep

    class Watched(NativeChannel):
        def keep(self, connection: Connection) -> None:
            given_back(connection)
            if len(asked) == 1:
                asked.append(asyncio.create_task(ask(channel)))
                cancel = asked[0].cancel
                if answered:
                    asyncio.get_running_loop().call_soon(cancel)
                else:
                    cancel()

    server.says(ANSWER, ANSWER)
    asked.append(asyncio.create_task(ask(Watched(wire, "X-Api-Token: secret-key"))))
    await eventually(lambda: len(asked) == 2)
    async with asyncio.timeout(2):
        assert (await asked[1]).body == b"{}"


async def test_closing_the_wire_ends_what_is_under_way(
    server: RawServer, wire: NativeWire, channel: NativeChannel
) -> None:
    server.says(b"")
    call = asyncio.create_task(fault_of(channel))
    await eventually(lambda: server.heads)
    await wire.aclose()
    async with asyncio.timeout(2):
        assert await call == ("reset", True)


async def test_cancelling_while_connecting_leaves_nothing(
    server: RawServer, channel: NativeChannel, wire: NativeWire
) -> None:
    server.says(ANSWER)
    for turns in range(12):
        call = asyncio.create_task(ask(channel))
        for _ in range(turns):
            await asyncio.sleep(0)
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)
        channel.close_idle()
    await eventually(lambda: not wire.connections)


async def test_a_refused_connection_sent_nothing(make_wire: MakeWire) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        channel = make_wire(f"http://127.0.0.1:{taken.getsockname()[1]}/api/v1").channel("X-Api-Token: k")
        assert await fault_of(channel, method="PUT") == ("connect", False)


async def test_the_hosts_name_is_looked_up_for_every_connection(server: RawServer, make_wire: MakeWire) -> None:
    server.says(ANSWER)
    channel = make_wire(f"http://localhost:{server.port}/api/v1", keepalive=0.02).channel("X-Api-Token: secret-key")
    loop = asyncio.get_running_loop()
    looked_up, look_up = [], loop.getaddrinfo

    async def counted(host: str, *args: object, **how: object) -> object:
        looked_up.append(host)
        return await look_up(host, *args, **how)  # type: ignore[arg-type]

    loop.getaddrinfo = counted  # type: ignore[method-assign, assignment]
    for _ in range(3):
        await ask(channel, method="DELETE")
    assert looked_up == ["localhost"] * 3


async def test_an_unknown_host_sent_nothing(make_wire: MakeWire) -> None:
    channel = make_wire("http://custgraph-test.invalid/api/v1").channel("X-Api-Token: k")
    assert await fault_of(channel) == ("connect", False)


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.mark.parametrize(
    ("host", "trusted", "kind"),
    [("localhost", True, None), ("elsewhere.test", True, "tls"), ("localhost", False, "tls")],
    ids=["sound", "another host's", "untrusted"],
)
async def test_tls_carries_answers_only_from_whom_it_was_meant_for(
    make_wire: MakeWire, authority: trustme.CA, tmp_path: Path, host: str, trusted: bool, kind: str | None
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(host).configure_cert(context)
    ca_file = tmp_path / "ca.pem"
    (authority if trusted else trustme.CA()).cert_pem.write_to_path(str(ca_file))
    server = RawServer()
    server.says(ANSWER, ANSWER)
    running = await server.run(context)
    try:
        wire = make_wire(
            f"https://localhost:{server.port}/api/v1", ssl.create_default_context(cafile=str(ca_file)), keepalive=0.5
        )
        channel = wire.channel("X-Api-Token: secret-key")
        if kind is None:
            assert [(await ask(channel)).status for _ in range(2)] == [200, 200]
            assert server.connections == 1
            await wire.aclose()
        else:
            assert await fault_of(channel, method="PUT") == (kind, False)
            assert server.heads == []
    finally:
        await server.close(running)


def test_all_of_it_holds_on_uvloop() -> None:
    async def main() -> tuple[int, int, tuple[str, bool]]:
        server = RawServer()
        server.says(ANSWER, ANSWER, ANSWER[:-1])
        running = await server.run()
        wire = NativeWire(
            server.url,
            None,
            connect_timeout=2,
            write_timeout=5,
            keepalive=5,
            max_idle=8,
            max_body=1000,
            max_headers=1000,
        )
        channel = wire.channel("X-Api-Token: secret-key")
        statuses = [(await ask(channel)).status for _ in range(2)]
        fault = await fault_of(channel, seconds=0.1)
        connections = server.connections
        await wire.aclose()
        await server.close(running)
        return sum(statuses), connections, fault

    assert uvloop.run(main()) == (400, 1, ("timeout", True))
