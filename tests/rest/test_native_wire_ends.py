"""How exchanges of the native wire end that do not end by themselves: by time, or because nobody waits."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import pytest

from custgraph.rest.connection import Connection
from custgraph.rest.native_wire import NativeChannel, NativeWire
from custgraph.rest.wire import Answer, WireFault
from support.asking import ANSWER, OK, ask, fault_of
from support.eventually import eventually
from support.rawserver import RawServer

MakeWire = Callable[..., NativeWire]


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
