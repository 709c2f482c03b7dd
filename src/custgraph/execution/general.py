"""The general path: graphql-core executes the operation, resolver by resolver."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any, cast

from graphql import ExecutionResult, GraphQLSchema, default_field_resolver, default_type_resolver
from graphql.execution import Executor
from graphql.execution.values import VariableValues

from custgraph.execution.prepared import PreparedOperation


class StrayCancellation(Exception):
    """Something inside the operation was cancelled, though nobody cancelled the operation."""


async def run(
    schema: GraphQLSchema,
    operation: PreparedOperation,
    context: Any,
    variables: VariableValues,
    *,
    hide_suggestions: bool,
) -> ExecutionResult:
    """Runs a valid operation with coerced variables. The executor is built here: all that it needs is at hand.

    Raises:
        StrayCancellation: a field's work was cancelled from within, so there is no answer.
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
        hide_suggestions=hide_suggestions,
    )
    result = executor.execute_operation()
    if isinstance(result, ExecutionResult):
        return result
    try:
        return await cast("Awaitable[ExecutionResult]", result)
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise
        raise StrayCancellation from error
