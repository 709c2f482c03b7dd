"""Whether the process lives and takes work; the upstream is not asked."""

from __future__ import annotations

from typing import Any

import pytest

from support.asgi import Exchange
from support.edge import stage


@pytest.mark.parametrize("name", ["livez", "readyz"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_all_is_well(name: str, method: str) -> None:
    exchange = Exchange(method, f"/{name}", ("x-request-id", "an-id"))
    await exchange.run(getattr(stage().edge, name))
    assert exchange.status == 200
    assert exchange.sent[1]["body"] == (b'{"status":"ok"}' if method == "GET" else b"")
    assert exchange.headers == {
        "content-type": "application/json",
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        "content-length": "15",
        "x-request-id": "an-id",
    }


@pytest.mark.parametrize("method", ["POST", "OPTIONS", "DELETE"])
async def test_it_is_only_read(method: str) -> None:
    exchange = Exchange(method, "/livez")
    await exchange.run(stage().edge.livez)
    assert (exchange.status, exchange.headers["allow"]) == (405, "GET, HEAD")


async def test_no_websocket() -> None:
    here = stage()
    for app in (here.edge.livez, here.edge.assets):
        sent: list[Any] = []

        async def send(message: Any, sent: list[Any] = sent) -> None:
            sent.append(message)

        await app({"type": "websocket"}, None, send)
        assert sent == [{"type": "websocket.close"}]
