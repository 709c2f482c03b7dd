"""The general path: graphql-core executes the operation, resolver by resolver."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any, cast

from graphql import (
    ExecutionResult,
    GraphQLSchema,
    MiddlewareManager,
    default_field_resolver,
    default_type_resolver,
)
from graphql.execution import Executor
from graphql.execution.values import VariableValues

from custgraph.execution.prepared import PreparedOperation


async def run_generally(
    schema: GraphQLSchema,
    operation: PreparedOperation,
    context: Any,
    variables: VariableValues,
    middleware: Any = None,
) -> ExecutionResult:
    """Runs a valid operation with coerced variables.

    The middleware, if any, goes around the resolvers. graphql-core's executor is built here rather than by `execute`:
    all that it would look up is at hand.
    """
    executor: Executor[None] = Executor(
        schema,
        operation.fragments.definitions,
        operation.fragments.details,
        None,
        context,
        operation.node,
        variables,
        default_field_resolver,
        default_type_resolver,
        default_field_resolver,
        middleware_manager=None if middleware is None else MiddlewareManager(middleware),
        hide_suggestions=True,  # its words are never passed on
    )
    result = executor.execute_operation()
    if isinstance(result, ExecutionResult):
        return result
    return await cast("Awaitable[ExecutionResult]", result)
