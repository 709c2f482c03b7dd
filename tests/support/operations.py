"""Runs operations on the schema, over the embedded service, and tells which upstream calls they made."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from inspect import isawaitable
from typing import Any

import httpx
from graphql import ExecutionResult, GraphQLError, execute, parse, validate

from custgraph.config import Settings
from custgraph.credentials import Caller, Credential
from custgraph.embedded import create_service
from custgraph.embedded.calls import Call
from custgraph.embedded.sample import DEMO_TOKEN
from custgraph.embedded.service import EmbeddedService
from custgraph.errors import CustgraphError
from custgraph.rest import Upstream
from custgraph.schema import Context, build_blueprint


class Outcome:
    """What one operation came to.

    Attributes:
        data: the response's `data`.
        errors: the errors, notes included.
        calls: the upstream calls that came in, oldest first.
    """

    def __init__(self, result: ExecutionResult, notes: list[GraphQLError], calls: list[Call]) -> None:
        self._data = result.data
        self.errors = [*(result.errors or ()), *notes]
        self.calls = calls

    @property
    def data(self) -> dict[str, Any]:
        assert self._data is not None, self.errors
        return self._data

    @property
    def whole(self) -> dict[str, Any]:
        """The data of an operation without errors."""
        assert not self.errors, self.errors
        return self.data

    @property
    def codes(self) -> list[tuple[list[str | int], str]]:
        """Where each error is, and its code."""
        return [(error.path or [], code_of(error)) for error in self.errors]

    @property
    def nothing(self) -> bool:
        """Whether `data` is null, or null in every field."""
        return self._data is None or not any(self._data.values())


def code_of(error: GraphQLError) -> str:
    """The code of an error that is one of the gateway's own; anything else would leak Python's text."""
    original = error.original_error
    assert isinstance(original, CustgraphError), repr(original or error)
    return original.code


class Gateway:
    """The schema over an embedded service."""

    def __init__(self, service: EmbeddedService, settings: Settings) -> None:
        self.service = service
        self.blueprint = build_blueprint(settings)
        self._settings = settings
        self.upstream = Upstream(settings, transport=httpx.ASGITransport(service))

    def put_in_between(self, wrap: Callable[[httpx.AsyncBaseTransport], httpx.AsyncBaseTransport]) -> None:
        """Lets another transport see, and change, what goes between the gateway and the service."""
        self.upstream = Upstream(self._settings, transport=wrap(httpx.ASGITransport(self.service)))

    async def run(
        self, document: str, variables: Mapping[str, Any] | None = None, *, token: str | None = DEMO_TOKEN
    ) -> Outcome:
        """Runs one valid operation."""
        parsed = parse(document)
        assert not (errors := validate(self.blueprint.schema, parsed)), errors
        context = Context(self.upstream, Caller(None if token is None else Credential.of(token), "test"))
        with self.service.calls.record() as calls:
            result = execute(
                self.blueprint.schema, parsed, context_value=context, variable_values=dict(variables or {})
            )
            if isawaitable(result):
                result = await result
            assert isinstance(result, ExecutionResult)
            context.close()
            return Outcome(result, context.notes, list(calls))


@asynccontextmanager
async def open_gateway(settings: Settings | None = None, **behaviour: Any) -> AsyncIterator[Gateway]:
    """Makes a gateway over a new service with the sample data."""
    service = create_service(None, **behaviour)
    gateway = Gateway(service, settings or Settings())
    try:
        yield gateway
    finally:
        await gateway.upstream.aclose()
        await service.aclose()
