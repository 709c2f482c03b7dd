"""An upstream in this process that answers whatever a test wants it to."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qsl

import httpx

from custgraph.config import Settings
from custgraph.credentials import Caller, Credential
from custgraph.rest import Upstream
from custgraph.schema import Context
from support.documents import compact, errors

Reply = tuple[int, dict[str, Any]]
NOT_FOUND: Reply = (404, errors("The resource you were looking for could not be found."))
NOT_ALLOWED: Reply = (401, errors("You are not authorized to perform that action."))
CRASH: Reply = (422, errors("Something went wrong. Our team has been notified."))


class Call:
    """One call.

    Attributes:
        target: path and query, decoded.
        id: the customer that is shown; None for a list.
        ids: the ids that a list is asked for.
    """

    def __init__(self, request: httpx.Request) -> None:
        path = request.url.path.removeprefix("/api/v1/customers")
        query = parse_qsl(request.url.query.decode())
        self.target = path + "?" + "&".join(f"{name}={value}" for name, value in query)
        self.id = int(path[1:]) if path else None
        self.ids = [int(value) for name, value in query if name == "q[id_in][]"]
        self._query = dict(query)

    def __repr__(self) -> str:
        return self.target

    def get(self, name: str, default: str = "") -> str:
        """One parameter's value."""
        return self._query.get(name, default)


Answer = Callable[[Call], Reply | Awaitable[Reply]]


class Scripted:
    """The upstream.

    Attributes:
        calls: the calls so far, in the order they came.
        upstream: the gateway's leg to it.
    """

    def __init__(self, answer: Answer) -> None:
        self.calls: list[Call] = []
        self._answer = answer
        self.upstream = Upstream(Settings(), transport=httpx.MockTransport(self._handle))

    def context(self) -> Context:
        """What one operation has."""
        return Context(self.upstream, Caller(Credential.of("some-token"), "test"))

    async def _handle(self, request: httpx.Request) -> httpx.Response:
        call = Call(request)
        self.calls.append(call)
        reply = self._answer(call)
        status, document = await reply if inspect.isawaitable(reply) else reply
        return httpx.Response(status, headers={"content-type": "application/json"}, content=compact(document))


@asynccontextmanager
async def scripted(answer: Answer) -> AsyncIterator[Scripted]:
    """Makes an upstream for the block."""
    fake = Scripted(answer)
    try:
        yield fake
    finally:
        await fake.upstream.aclose()
