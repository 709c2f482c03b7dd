"""A server of raw bytes, and wires that talk to it."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from custgraph.rest.native_wire import NativeChannel, NativeWire
from support.rawserver import RawServer


@pytest.fixture
async def server() -> AsyncIterator[RawServer]:
    raw = RawServer()
    running = await raw.run()
    yield raw
    await raw.close(running)


@pytest.fixture
async def make_wire(server: RawServer) -> AsyncIterator[Callable[..., NativeWire]]:
    """Makes native wires to the server; limits can be given."""
    wires: list[NativeWire] = []

    def make(url: str | None = None, ssl_context: ssl.SSLContext | None = None, **limits: Any) -> NativeWire:
        given: dict[str, Any] = {
            "connect_timeout": 2.0,
            "write_timeout": 5.0,
            "keepalive": 5.0,
            "max_idle": 64,
            "max_body": 100_000,
            "max_headers": 10_000,
            **limits,
        }
        wire = NativeWire(url or server.url, ssl_context, **given)
        wires.append(wire)
        return wire

    yield make
    for wire in wires:
        await wire.aclose()
        assert not wire.connections


@pytest.fixture
def wire(make_wire: Callable[..., NativeWire]) -> NativeWire:
    return make_wire()


@pytest.fixture
def channel(wire: NativeWire) -> NativeChannel:
    return wire.channel("X-Api-Token: secret-key")
