"""One call and what a fault may do with its connection."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from support.upstream.messages import Call, Reply


class Exchange:
    """The call, the honest reply to it, and the connection that it came on.

    A fault's function returns whether the connection may carry another call.
    """

    def __init__(
        self, call: Call, reply: Reply, streams: tuple[asyncio.StreamReader, asyncio.StreamWriter], served: int
    ) -> None:
        self.call = call
        self.reply = reply
        self.served = served
        """How many calls this connection carried before."""
        self._reader, self._writer = streams

    async def send(self, *pieces: bytes, gap: float = 0.0) -> bool:
        """Sends the pieces, `gap` seconds apart; False once the client has gone."""
        for piece in pieces:
            if self._writer.is_closing():
                return False
            self._writer.write(piece)
            try:
                await self._writer.drain()
            except ConnectionError:
                return False
            if gap and await self.gone_within(gap):
                return False
        return True

    async def gone_within(self, seconds: float) -> bool:
        """Waits for the client to close, that long at most."""
        try:
            async with asyncio.timeout(seconds):
                return not await self.until_gone()
        except TimeoutError:
            return False

    async def until_gone(self) -> bool:
        """Waits for the client to close; then the connection is of no more use."""
        try:
            while await self._reader.read(4096):
                pass
        except ConnectionError:
            pass
        return False

    def finish(self) -> bool:
        """Closes in order (FIN)."""
        return False

    def reset(self) -> bool:
        """Closes with a reset (RST)."""
        raw: socket.socket = self._writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()
        return False


@dataclass(frozen=True)
class Fault:
    """One way to misbehave.

    Attributes:
        name: words joined by hyphens; stable, as tests and documents name it.
        title: what the upstream does, for people.
        run: does it; returns whether the connection may carry another call.
        applies: for a write, whether the fault comes after it took effect; each value is a case of its own.
        late: a write takes effect only after the next read was answered.
    """

    name: str
    title: str
    run: Callable[[Exchange], Awaitable[bool]]
    applies: tuple[bool, ...] = (True, False)
    late: bool = False


@dataclass(frozen=True)
class Strike:
    """A fault for one call, and whether a write takes effect before it."""

    fault: Fault
    commit: bool = True


Plan = Callable[[Call], Strike | None]
"""Chooses the fault of each call; None answers honestly."""


def honest(_call: Call) -> Strike | None:
    """The plan of an upstream that behaves."""
    return None
