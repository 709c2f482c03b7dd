"""Errors on their way to the caller: the one place where anything that went wrong becomes a GraphQL error."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from graphql import GraphQLError, Node, ValueNode
from graphql.language import ArgumentNode, SourceLocation

from custgraph.errors import CustgraphError, InvalidArgument
from custgraph.operation import OperationResult
from custgraph.telemetry import fault, logger

PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"

_log = logger("custgraph.execution")


class Fault(NamedTuple):
    """A request error, free of anything that belongs to one request, so that it can be kept."""

    message: str
    code: str
    locations: Sequence[SourceLocation] = ()
    extensions: dict[str, Any] | None = None

    def formatted(self, request_id: str) -> dict[str, Any]:
        """Gives the error as GraphQL has it."""
        error: dict[str, Any] = {"message": self.message}
        if self.locations:
            error["locations"] = [{"line": place.line, "column": place.column} for place in self.locations]
        error["extensions"] = {"code": self.code, "requestId": request_id, **(self.extensions or {})}
        return error


class Refusal(NamedTuple):
    """Why nothing runs."""

    faults: tuple[Fault, ...]
    status: int = 400
    headers: tuple[tuple[str, str], ...] = ()

    def result(self, request_id: str) -> OperationResult:
        """Gives the answer to one request."""
        errors = [fault.formatted(request_id) for fault in self.faults]
        return OperationResult(errors=errors, executed=False, status=self.status, headers=self.headers)


def refuse(error: CustgraphError, status: int = 400, headers: tuple[tuple[str, str], ...] = ()) -> Refusal:
    """Makes a refusal of one of our own errors."""
    return Refusal((Fault(error.message, error.code, extensions=error.extensions),), status, headers)


def format_field_errors(errors: Iterable[GraphQLError], request_id: str) -> list[dict[str, Any]]:
    """Formats what execution collected, each error with its path and locations.

    They come in the order of the document, whichever happened first: the same answer to the same question.
    """
    reported: set[tuple[type, str]] = set()
    ordered = sorted(errors, key=_place)
    formatted = [_format(error, request_id, reported) for error in ordered]
    _let_go([error for error in ordered if isinstance(_cause_of(error), CustgraphError)])
    return formatted


def _let_go(errors: Iterable[BaseException]) -> None:
    """Forgets how errors came about: an error refers to frames that refer to it, and only the collector would see."""
    outer = sys.exc_info()[1]  # what a host may be handling, and is not ours
    pending = list(errors)
    while pending:
        error = pending.pop()
        others = (error.__cause__, error.__context__, getattr(error, "original_error", None))
        error.__traceback__ = error.__cause__ = error.__context__ = None
        pending += [
            other for other in others if other is not None and other is not outer and other.__traceback__ is not None
        ]


def _place(error: GraphQLError) -> tuple[list[int], list[str | int]]:
    return list(error.positions or ()), error.path or []  # paths of one field part at a key or at an index: comparable


def _format(error: GraphQLError, request_id: str, reported: set[tuple[type, str]]) -> dict[str, Any]:
    """Formats one error. One that is not ours is masked, and logged unless its like was reported of the same field."""
    cause = _cause_of(error)
    if not isinstance(cause, CustgraphError):
        field = ".".join(part for part in error.path or () if isinstance(part, str))
        if (type(cause), field) not in reported:
            reported.add((type(cause), field))
            report(cause, request_id, field)
        cause = CustgraphError()
    formatted: dict[str, Any] = {"message": cause.message}
    if error.locations:
        formatted["locations"] = [{"line": place.line, "column": place.column} for place in error.locations]
    if error.path:
        formatted["path"] = error.path
    formatted["extensions"] = {"code": cause.code, "requestId": request_id, **cause.extensions}
    return formatted


def _cause_of(error: GraphQLError) -> Exception:
    """Finds what was raised first. graphql-core's own words may quote a value, so they are never passed on."""
    cause: Exception = error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    if isinstance(cause, GraphQLError) and _blames_an_argument(cause.nodes):
        return InvalidArgument("A variable's value does not fit the argument that it is used for.")
    return cause


def _blames_an_argument(nodes: Sequence[Node] | None) -> bool:
    return bool(nodes) and isinstance(nodes[0], ArgumentNode | ValueNode)  # type: ignore[index]  # not empty


def report(error: BaseException, request_id: str, field: str = "") -> None:
    """Logs a fault of ours: its class and where it was raised, never its text, which may hold personal data."""
    _log.error("operation failed", request_id=request_id, field=field, **fault(error))
