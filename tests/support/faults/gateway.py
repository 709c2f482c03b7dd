"""The whole gateway over a fake upstream, asked as a client asks it: GraphQL in, GraphQL out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import httpx

from custgraph import Settings, create_app

ALWAYS: Mapping[str, Any] = {
    "breaker_failures": 10_000,
    "graphiql": False,
    "log_level": "debug",
    "max_loop_lag": 3600.0,
}
"""Settings of every case: a circuit that its few calls cannot open; nothing is shed where the machine is slow."""

HASTY: Mapping[str, Any] = {
    "attempt_timeout": 1.0,
    "connect_timeout": 0.7,
    "query_deadline": 4.0,
    "mutation_deadline": 3.2,
}
"""Settings for an upstream that stalls: short times, so that a run is short."""


@dataclass(frozen=True)
class Answered:
    """One answer, as bytes would show it to a client.

    Attributes:
        status: the HTTP status.
        head: all headers, as text.
        text: the body.
    """

    status: int
    head: str
    text: str

    @property
    def body(self) -> dict[str, Any]:
        found = json.loads(self.text)
        assert isinstance(found, dict)
        return found

    @property
    def data(self) -> dict[str, Any]:
        return self.body.get("data") or {}

    @property
    def errors(self) -> list[dict[str, Any]]:
        return list(self.body.get("errors") or ())

    def codes(self, root: str) -> list[str]:
        """The codes of the errors at one root field or below it, each once."""
        found = [error["extensions"]["code"] for error in self.errors if (error.get("path") or [None])[0] == root]
        return sorted(set(found))


class Gateway:
    """One gateway; an async context manager that closes it, and with it every connection and task.

    Args:
        url: the upstream's base URL.
        settings: besides those of `ALWAYS`.
    """

    def __init__(self, url: str, **settings: Any) -> None:
        self.app = create_app(Settings(upstream_url=url, **{**ALWAYS, **settings}))
        transport = httpx.ASGITransport(self.app)
        self._client = httpx.AsyncClient(transport=transport, base_url="http://gateway.test", timeout=60)

    async def ask(
        self, document: str, variables: Mapping[str, Any], token: str | None, request_id: str | None = None
    ) -> Answered:
        """Sends one operation."""
        headers = {"Accept": "application/graphql-response+json"}
        if token is not None:
            headers["X-Api-Token"] = token
        if request_id is not None:
            headers["X-Request-Id"] = request_id
        answer = await self._client.post(
            "/graphql", json={"query": document, "variables": dict(variables)}, headers=headers
        )
        head = "\r\n".join(f"{name}: {value}" for name, value in answer.headers.multi_items())
        return Answered(answer.status_code, head, answer.text)

    @property
    def connections(self) -> int:
        """Connections to the upstream that are open; those of the native wire."""
        return len(getattr(self.app.upstream._wire, "connections", ()))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()
        await self.app.aclose()
