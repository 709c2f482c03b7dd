"""Connections of the native wire: which are used again, and when they are closed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from custgraph.rest.native_wire import NativeChannel, NativeWire
from support.asking import ANSWER, ask, fault_of
from support.eventually import eventually
from support.rawserver import RawServer

MakeWire = Callable[..., NativeWire]


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


@pytest.mark.parametrize("max_idle", [0, 1, 5])
async def test_answers_of_one_turn_leave_no_more_idle_connections_than_allowed(
    server: RawServer, make_wire: MakeWire, max_idle: int
) -> None:
    heads = []

    async def listen(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter, _number: int) -> None:
        heads.append(await server.head(reader))
        await reader.read()

    server.answers(listen)
    wire = make_wire(max_idle=max_idle)
    channels = [wire.channel(f"X-Api-Token: {name}") for name in ("one", "two", "three")]
    for _ in range(3):
        heads.clear()
        asked = [asyncio.ensure_future(ask(channel, method="PUT")) for channel in channels for _ in range(6)]
        await eventually(lambda: len(heads) == 18)
        for connection in wire.connections - wire.idle.keys():
            connection.data_received(ANSWER)
        assert len(wire.idle) == max_idle
        await asyncio.gather(*asked)
    await eventually(lambda: len(wire.connections) == max_idle)
    assert sum(len(channel._idle) for channel in channels) == max_idle
