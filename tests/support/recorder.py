"""Listens in on an HTTP service: what came in, header by header, before the service answers it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import httpx
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Headers of one connection or one encoding, which a proxy writes anew.
_OWN = {"connection", "content-encoding", "content-length", "host", "keep-alive", "transfer-encoding"}


@dataclass(frozen=True)
class Heard:
    """One request. Header names are in lower case."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass
class Recorder:
    """An ASGI application that keeps each request and hands it to another application.

    Attributes:
        app: the application that answers.
        heard: the requests so far, oldest first.
    """

    app: ASGIApp
    heard: list[Heard] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        body = await Request(scope, receive).body()
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        self.heard.append(Heard(scope["method"], scope["path"], scope["query_string"].decode(), headers, body))
        await self.app(scope, _replay(body, receive), send)


def _replay(body: bytes, receive: Receive) -> Receive:
    """Gives the body that was read already, then whatever else there is."""
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replayed() -> Message:
        return messages.pop() if messages else await receive()

    return replayed


def proxy(origin: str) -> ASGIApp:
    """Makes an application that passes every request on to another server, of this origin."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        async with httpx.AsyncClient(base_url=origin, timeout=30) as client:
            answer = await client.request(
                request.method,
                request.url.path,
                params=request.url.query,
                headers=[(name, value) for name, value in request.headers.items() if name not in _OWN],
                content=await request.body(),
            )
        headers = {name: value for name, value in answer.headers.items() if name not in _OWN}
        await Response(answer.content, answer.status_code, headers)(scope, receive, send)

    return app
