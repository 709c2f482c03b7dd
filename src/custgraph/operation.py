"""The words that the HTTP edge and the executor share, so that neither has to know the other."""

from __future__ import annotations

from typing import Any, Literal, Protocol

import msgspec

OperationKind = Literal["query", "mutation"]


class OperationRequest(msgspec.Struct, frozen=True, rename="camel"):
    """One GraphQL request, as GraphQL over HTTP names its members."""

    query: str | None = None
    operation_name: str | None = None
    variables: dict[str, Any] | None = None
    extensions: dict[str, Any] | None = None
    document_id: str | None = None


class OperationResult(msgspec.Struct):
    """What one request came to.

    Attributes:
        data: the response's `data`, of whatever msgspec encodes; meaningful only when `executed`.
        errors: formatted GraphQL errors, each with `message` and `extensions {code, requestId}`.
        extensions: the response's `extensions`, if any.
        executed: False for a request error: nothing ran, and the response has no `data` entry.
        status: the HTTP status that the error asks for with `application/graphql-response+json`, such as
            400 (parse, validation, variables), 405 (a mutation over GET), 429 (rate limit); 200 when executed.
        headers: more response headers, lower-case names, such as `retry-after` or `allow`.
    """

    data: dict[str, Any] | None = None
    errors: list[dict[str, Any]] | None = None
    extensions: dict[str, Any] | None = None
    executed: bool = True
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()


class OperationContext(Protocol):
    """What the executor asks of a context; the schema's own has more. One is made for each HTTP request."""

    request_id: str
    credential_key: str
    """A keyed hash of the caller's credential (never the credential), for rate limits; empty when there is none."""
    wants_cost: bool
    """Whether the caller asks for `extensions.cost`."""
    traceparent: str | None
    """The client's W3C trace context, checked."""
    sole: bool
    """Whether one operation runs over it and no other ever will; False until somebody who knows sets it."""

    def begin(self, kind: OperationKind, *, alone: bool, brief: bool) -> None:
        """Starts the deadline for an operation of this kind; called once the document is known.

        Args:
            kind: query or mutation.
            alone: whether the operation has one root field, so that no other asks for anything in the same moment.
            brief: whether it asks for no field of `Blueprint.bulky`.
        """


class Engine(Protocol):
    """What the HTTP edge asks of the executor."""

    async def execute(self, request: OperationRequest, context: Any, *, allow_mutation: bool = True) -> OperationResult:
        """Runs one request; never raises for what a client sent.

        Args:
            request: the request as decoded by the edge.
            context: the context of its HTTP request (an `OperationContext`).
            allow_mutation: False for a GET, which may only read.
        """
        ...
