"""The general path: graphql-core executes the operation, resolver by resolver."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar, cast
from weakref import proxy

from graphql import (
    ExecutionResult,
    GraphQLSchema,
    MiddlewareManager,
    default_field_resolver,
    default_type_resolver,
)
from graphql.execution import Executor
from graphql.execution.values import VariableValues
from graphql.type.definition import GraphQLResolveInfoHelpers

from custgraph.execution.prepared import PreparedOperation

T = TypeVar("T")


class StrayCancellation(Exception):
    """What a field waited for was cancelled, though nobody cancelled the field."""


class _Executor(Executor[None]):
    """Makes an error of the one field when what it waits for is cancelled from elsewhere.

    graphql-core would let the cancellation end the operation, without an answer, and leave the other fields running.
    """

    async def with_abort_signal(self, awaitable: Awaitable[T]) -> T:
        """Awaits a field's value; graphql-core calls it for each."""
        try:
            return await awaitable
        except asyncio.CancelledError as error:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            raise StrayCancellation from error


async def run_generally(
    schema: GraphQLSchema,
    operation: PreparedOperation,
    context: Any,
    variables: dict[str, Any],
    middleware: Any = None,
) -> ExecutionResult:
    """Runs a valid operation with coerced variables.

    The middleware, if any, goes around the resolvers. graphql-core's executor is built here rather than by `execute`:
    all that it would look up is at hand. Where the variables came from is left out: graphql-core looks there for
    variables within the literals of scalars that have a `coerce_input_literal`, and of the schema's own none has.
    """
    executor = _Executor(
        schema,
        operation.fragments.definitions,
        operation.fragments.details,
        None,
        context,
        operation.node,
        VariableValues({}, variables),
        default_field_resolver,
        default_type_resolver,
        default_field_resolver,
        middleware_manager=None if middleware is None else MiddlewareManager(middleware),
        hide_suggestions=True,  # its words are never passed on
    )
    weak = proxy(executor)  # its own helpers would refer back to it, and keep all of the request for the collector
    executor.async_helpers = GraphQLResolveInfoHelpers(
        gather=lambda values: weak.gather_async_work(values), track=lambda values: weak.track_async_work(values)
    )
    result = executor.execute_operation()
    if isinstance(result, ExecutionResult):
        return result
    return await cast("Awaitable[ExecutionResult]", result)
