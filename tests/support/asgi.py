"""One ASGI exchange played by hand: what the client sends and when, what it gets and when."""

from __future__ import annotations

import asyncio
from typing import Any


class Exchange:
    """The server's side of one request to an application.

    Args:
        method, target, headers: the request's head; `Host` is added where it is not given.
        version: of HTTP.
    """

    def __init__(
        self, method: str = "POST", target: str = "/graphql", *headers: tuple[str, str], version: str = "1.1"
    ) -> None:
        path, _, query = target.partition("?")
        lines = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers]
        if not any(name == b"host" for name, _ in lines):
            lines.insert(0, (b"host", b"gateway"))
        self.scope: dict[str, Any] = {
            "type": "http",
            "http_version": version,
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": lines,
        }
        self.sent: list[dict[str, Any]] = []
        self.received = 0
        self._inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    def sends(self, body: bytes, *, more: bool = False) -> None:
        """The client sends a piece of the body."""
        self._inbox.put_nowait({"type": "http.request", "body": body, "more_body": more})

    def goes(self) -> None:
        """The client closes its connection."""
        self._inbox.put_nowait({"type": "http.disconnect"})

    async def run(self, app: Any) -> None:
        """Lets the application answer."""
        await app(self.scope, self._receive, self._send)

    async def _receive(self) -> dict[str, Any]:
        self.received += 1
        return await self._inbox.get()

    async def _send(self, message: dict[str, Any]) -> None:
        self.sent.append(message)

    @property
    def status(self) -> int:
        """Of the answer."""
        return int(self.sent[0]["status"])

    @property
    def headers(self) -> dict[str, str]:
        """Of the answer; each name is there once."""
        headers = [(name.decode(), value.decode()) for name, value in self.sent[0]["headers"]]
        assert len(dict(headers)) == len(headers)
        return dict(headers)

    @property
    def body(self) -> bytes:
        """Of the answer, whose length it has told."""
        body = b"".join(message.get("body", b"") for message in self.sent[1:])
        assert not self.sent[-1].get("more_body", False)
        assert int(self.headers["content-length"]) == len(body)
        return body


def posting(body: bytes = b'{"query":"{hello}"}', *headers: tuple[str, str]) -> Exchange:
    """A POST of JSON, whole."""
    exchange = Exchange("POST", "/graphql", ("content-type", "application/json"), *headers)
    exchange.sends(body)
    return exchange
