"""The wire against raw bytes: what is sent, what is an answer, and what is not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from custgraph.rest.native_wire import NativeChannel, NativeWire
from support.asking import ANSWER, OK, ask, fault_of
from support.rawserver import RawServer

MakeWire = Callable[..., NativeWire]


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
