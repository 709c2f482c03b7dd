"""A request that is held back for one turn of the loop is not sent yet, whatever comes in between."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from custgraph.cork import Cork
from custgraph.rest.connection import Connection
from custgraph.rest.native_wire import NativeChannel, NativeWire
from custgraph.rest.wire import Answer, WireFault
from support.asking import ANSWER, ask
from support.eventually import eventually
from support.rawserver import RawServer


class Transport:
    """Keeps what is written."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.aborted = False

    def write(self, data: bytes) -> None:
        self.written.append(data)

    def abort(self) -> None:
        self.aborted = True


class Owner:
    """Has another exchange under way, or none."""

    max_body = max_headers = 1000
    keepalive = 5.0

    def __init__(self, *, busy: bool) -> None:
        self.busy = busy
        self.cork = Cork(0)
        self.kept: list[Connection] = []
        self.gone: list[Connection] = []

    def keep(self, connection: Connection) -> None:
        self.kept.append(connection)

    def lost(self, connection: Connection) -> None:
        self.gone.append(connection)


def connected(*, busy: bool = True) -> tuple[Connection, Transport, Owner]:
    owner, transport = Owner(busy=busy), Transport()
    connection = Connection(owner, asyncio.get_running_loop())
    connection.connection_made(transport)  # type: ignore[arg-type]  # as much of one as is used
    return connection, transport, owner


def asked(connection: Connection, gap: float = 0.0) -> asyncio.Future[Answer]:
    return connection.ask(b"GET", None, asyncio.get_running_loop().time() + 5, gap, hold=not gap)


async def fault_of(waiter: asyncio.Future[Answer]) -> tuple[str, bool]:
    with pytest.raises(WireFault) as caught:
        await waiter
    return caught.value.kind, caught.value.sent


async def test_it_goes_out_in_the_next_turn_when_others_are_under_way_and_at_once_when_none_is() -> None:
    connection, transport, owner = connected()
    waiter = asked(connection)
    assert transport.written == []
    await asyncio.sleep(0)
    assert transport.written == [b"GET"]
    connection.data_received(ANSWER)
    assert ((await waiter).status, owner.kept) == (200, [connection])

    connection, transport, _ = connected(busy=False)
    asked(connection)
    assert transport.written == [b"GET"]
    connection.abort()


async def test_a_write_goes_out_at_once() -> None:
    connection, transport, _ = connected()
    transport.get_write_buffer_size = lambda: 0  # type: ignore[attr-defined]
    asked(connection, gap=1.0)
    assert transport.written == [b"GET"]
    connection.abort()


async def test_bytes_that_come_first_are_no_answer_to_it_and_it_is_never_sent() -> None:
    connection, transport, owner = connected()
    waiter = asked(connection)
    connection.data_received(ANSWER)
    assert (connection.spoke, transport.aborted, owner.kept) == (True, True, [])
    assert await fault_of(waiter) == ("stale", False)
    await asyncio.sleep(0)
    assert transport.written == []


@pytest.mark.parametrize("end", [lambda it: it.abort(), lambda it: it.connection_lost(None)])
async def test_it_is_not_sent_on_a_connection_that_ends_first(end: Callable[[Connection], Any]) -> None:
    connection, transport, _ = connected()
    waiter = asked(connection)
    end(connection)
    assert await fault_of(waiter) in [("reset", True), ("reset", False)]
    await asyncio.sleep(0)
    assert transport.written == []


async def test_nobody_gets_what_came_unasked_while_requests_were_held_back(server: RawServer, wire: NativeWire) -> None:
    """The upstream sends a whole answer too many on the one connection, and tells the others apart by their ids."""
    turns: list[int] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int) -> None:
        while await server.head(reader):
            turns.append(number)
            writer.write(ANSWER.replace(b"{}", b"%02d" % number) + (ANSWER if number == 1 else b""))

    server.answers(serve)
    one, other = wire.channel("X-Api-Token: one-key"), wire.channel("X-Api-Token: other-key")
    first = await ask(one)
    await eventually(lambda: not one._idle)
    answers = await asyncio.gather(*(ask(channel) for channel in (one, other) for _ in range(4)))
    assert first.body == b"01"
    assert all(answer.body in {b"%02d" % number for number in turns} - {b"01"} for answer in answers)


async def test_a_channel_is_busy_with_a_second_exchange(make_wire: Callable[..., NativeWire]) -> None:
    wire = make_wire()
    channel: NativeChannel = wire.channel("X-Api-Token: a-key")
    connections: list[Any] = [object(), object()]
    wire.connections.update(connections)
    assert channel.busy
    wire.idle[connections[0]] = channel
    assert not channel.busy
    wire.connections.clear()
    wire.idle.clear()
