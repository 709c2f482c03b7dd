"""Runs one whole request through an ASGI application, for everything that is not the GraphQL endpoint."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from custgraph.http.server.reader import WireRequest

Write = Callable[[int, list[tuple[bytes, bytes]], bytes, bool], None]
"""`write(status, headers, body, more)`: the head with the first piece of the body; later pieces with status 0."""


class Cycle:
    """One request's `receive` and `send`.

    Attributes:
        gone: set when the client has gone or the answer was sent.
        started: whether the head was sent.
        complete: whether all of the answer was sent.
    """

    __slots__ = ("_body", "_headers", "_resumed", "_status", "_write", "complete", "gone", "started")

    def __init__(self, body: bytes, write: Write, resumed: asyncio.Event) -> None:
        self._body: bytes | None = body
        self._write = write
        self._resumed = resumed
        self._status = 0
        self._headers: list[tuple[bytes, bytes]] = []
        self.gone = asyncio.Event()
        self.started = False
        self.complete = False

    async def receive(self) -> dict[str, Any]:
        """Gives the body, once; then waits for the client to go."""
        if self._body is not None:
            body, self._body = self._body, None
            return {"type": "http.request", "body": body, "more_body": False}
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        """Takes the answer. The head waits for the first piece of the body, so that both go out together."""
        if self.gone.is_set() or self.complete:
            return
        if message["type"] == "http.response.start":
            self._status = message["status"]
            self._headers = [(bytes(name).lower(), bytes(value)) for name, value in message.get("headers", ())]
            return
        if message["type"] != "http.response.body":
            raise RuntimeError(f"ASGI message {message['type']!r} where a response was expected")
        more = message.get("more_body", False)
        self._write(0 if self.started else self._status, self._headers, message.get("body", b""), more)
        self.started = True
        if not more:
            self.complete = True
            self.gone.set()
        elif not self._resumed.is_set():
            await self._resumed.wait()


def scope_of(
    request: WireRequest,
    *,
    client: tuple[str, int] | None,
    server: tuple[str, int] | None,
    scheme: str,
    root_path: str,
    state: dict[str, Any],
) -> dict[str, Any]:
    """Writes the connection scope of the ASGI specification, HTTP, version 2.3."""
    raw_path, _, query = request.target.partition(b"?")
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": request.version,
        "method": request.method,
        "scheme": scheme,
        "path": root_path + unquote(raw_path.decode("ascii")),
        "raw_path": root_path.encode() + raw_path,
        "query_string": query,
        "root_path": root_path,
        "headers": request.headers,
        "client": client,
        "server": server,
        "state": state.copy(),
    }
