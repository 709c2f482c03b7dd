"""Asking the native wire, and the least that a server can answer."""

from __future__ import annotations

import asyncio

import pytest

from custgraph.rest.native_wire import NativeChannel
from custgraph.rest.wire import Answer, WireFault

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
