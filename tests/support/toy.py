"""Runs documents on the toy schema, by their plans and with graphql-core."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import msgspec
from graphql import (
    ExecutionResult,
    FragmentDefinitionNode,
    OperationDefinitionNode,
    execute,
    parse,
    validate,
)
from graphql.execution.values import VariableValues, get_variable_values

from custgraph.execution.plan import Plan, Planner, Replay
from custgraph.steps import Blueprint
from support.toyschema import Context, make_blueprint


class Toy:
    """The schema, and all that runs it.

    Attributes:
        fell_back: how often a plan gave up.
    """

    def __init__(self, blueprint: Blueprint | None = None) -> None:
        self.blueprint = blueprint or make_blueprint()
        self.planner = Planner(self.blueprint)
        self.fell_back = 0

    def plan(self, query: str) -> Plan | None:
        """Makes the plan of a valid document's operation."""
        document = parse(query)
        assert not validate(self.blueprint.schema, document)
        fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
        (operation,) = (node for node in document.definitions if isinstance(node, OperationDefinitionNode))
        return self.planner.plan(fragments, operation)

    def coerced(self, query: str, variables: Mapping[str, Any] | None) -> VariableValues:
        """Coerces variables."""
        document = parse(query)
        (operation,) = (node for node in document.definitions if isinstance(node, OperationDefinitionNode))
        values = get_variable_values(self.blueprint.schema, operation.variable_definitions or (), dict(variables or {}))
        assert isinstance(values, VariableValues), values
        return values

    async def generally(
        self,
        query: str,
        variables: Mapping[str, Any] | None = None,
        context: Context | None = None,
        middleware: Replay | None = None,
    ) -> ExecutionResult:
        """Runs a document with graphql-core."""
        result = execute(
            self.blueprint.schema,
            parse(query),
            None,
            context or Context(),
            dict(variables or {}),
            middleware=None if middleware is None else (middleware,),
        )
        return result if isinstance(result, ExecutionResult) else await result

    async def both(
        self, query: str, variables: Mapping[str, Any] | None = None, values: Mapping[str, Any] | None = None
    ) -> ExecutionResult:
        """Runs a document both ways, holds the results against each other, and gives the plan's."""
        expected_context, context = Context(values=values or {}), Context(values=values or {})
        expected = await self.generally(query, variables, expected_context)
        got = await self.planned(query, variables, context)
        assert got.data == expected.data
        assert told(got, context) == told(expected, expected_context)
        assert not Counter(context.calls) - Counter(expected_context.calls)
        return got

    async def planned(
        self, query: str, variables: Mapping[str, Any] | None = None, context: Context | None = None
    ) -> ExecutionResult:
        """Runs a document by its plan."""
        plan = self.plan(query)
        assert plan is not None
        context = context or Context()

        async def general(replay: Replay | None) -> ExecutionResult:
            self.fell_back += 1
            return await self.generally(query, variables, context, replay)

        return plain(await plan.run(context, self.coerced(query, variables).coerced, general))


def plain(result: ExecutionResult) -> ExecutionResult:
    """The same result, its data as JSON would have it."""
    return ExecutionResult(msgspec.json.decode(msgspec.json.encode(result.data)), result.errors)


def told(result: ExecutionResult, context: Context) -> list[Any]:
    """What a response would say of errors and notes, in the order of the document."""
    errors = [error.formatted for error in [*(result.errors or ()), *context.notes]]
    return sorted(errors, key=str)
