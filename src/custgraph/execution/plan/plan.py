"""A plan: one operation, compiled, for all requests that ask for it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any
from weakref import WeakValueDictionary, finalize

from graphql import (
    ExecutionResult,
    FragmentDefinitionNode,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
)

from custgraph.execution.plan.leaves import kinds_of
from custgraph.execution.plan.replay import Replay
from custgraph.execution.plan.run import Run
from custgraph.execution.plan.selection import MAX_FIELDS, Selections, Uncompilable, condition_variables
from custgraph.execution.plan.source import Source
from custgraph.execution.plan.writer import Catalogue, Surroundings, Writer
from custgraph.steps import Blueprint, FieldName, Step
from custgraph.telemetry import fault, logger

MAX_VARIANTS = 8
"""Sets of values of the condition variables that one operation is compiled for; three variables have eight."""

MAX_COMPILED = 30_000
"""Fields in all plans of a planner at once; each takes about a kilobyte."""

_log = logger("custgraph.execution")

Start = Callable[[None, Run], dict[str, Any]]
Starts = tuple[Start, ...]
"""What starts an operation: one function, or one for each of its writes, to be run one after the other."""

Compile = Callable[[Mapping[str, bool]], Starts | None]
General = Callable[[Replay | None], Awaitable[ExecutionResult]]
"""Runs the operation with graphql-core, on the same context; the replay, if any, is its middleware."""


class Plan:
    """One operation of a document, compiled. It holds nothing of any request.

    A plan knows success alone. When anything unusual shows, an error, a null where none may be, a value that it does
    not know, it gives up, and graphql-core runs the operation: with what the reads have brought so far, and with those
    that are still under way. So nothing is read or written twice, and every error is graphql-core's own.
    """

    __slots__ = ("_compile", "_conditions", "_starts", "_steps")

    def __init__(self, conditions: tuple[str, ...], compile_: Compile, steps: Mapping[FieldName, Step]) -> None:
        self._conditions = conditions
        self._compile = compile_
        self._steps = steps
        self._starts: dict[tuple[Any, ...], Starts | None] = {}

    async def run(self, context: Any, variables: Mapping[str, Any], general: General) -> ExecutionResult:
        """Answers one request, in one attempt or with graphql-core.

        Args:
            context: the request's own; shared with `general`.
            variables: the operation's coerced variables.
            general: runs the operation with graphql-core.

        Returns:
            The result. `data` of a plan that went through is made of what msgspec encodes: dicts, Structs, lists and
            scalars.
        """
        starts = self._starts_for(variables)
        if starts is None:
            return await general(None)
        run = Run(context, variables)
        try:
            try:
                for start in starts:
                    await run.do(start)
            except Exception:  # noqa: BLE001 - whatever it is, graphql-core meets it again and tells
                run.discard()
            else:
                return ExecutionResult(run.parts[0] if len(run.parts) == 1 else _merged(run.parts))
            return await general(Replay(run, self._steps) if run.watched else None)
        finally:
            run.close()

    def compiles(self) -> bool:
        """Says whether there is a function for an operation without condition variables."""
        return self._starts_for({}) is not None

    def _starts_for(self, variables: Mapping[str, Any]) -> Starts | None:
        """Finds the functions for the values of the condition variables; None where there is none."""
        values: tuple[Any, ...] = tuple([variables.get(name) for name in self._conditions])
        try:
            return self._starts[values]
        except KeyError:
            pass
        if len(self._starts) >= MAX_VARIANTS or not all(type(value) is bool for value in values):
            return None
        starts = self._starts[values] = self._compile(dict(zip(self._conditions, values, strict=True)))
        return starts


def _merged(parts: list[dict[str, Any]]) -> dict[str, Any]:
    return {key: value for part in parts for key, value in part.items()}


class Planner:
    """Makes plans for one schema."""

    def __init__(self, blueprint: Blueprint, *, most: int = MAX_COMPILED) -> None:
        self._blueprint = blueprint
        self._catalogue = Catalogue(
            blueprint.records, blueprint.brief, kinds_of(blueprint.records), WeakValueDictionary()
        )
        self._left = most

    def plan(self, fragments: Mapping[str, FragmentDefinitionNode], operation: OperationDefinitionNode) -> Plan | None:
        """Makes the plan of a validated operation.

        Args:
            fragments: the document's fragments by name.
            operation: one of the document's operations.

        Returns:
            The plan; None where graphql-core has to run the operation: it has a field without a step, or introspection.
        """
        if operation.operation is OperationType.SUBSCRIPTION:
            return None
        try:
            conditions = condition_variables(fragments, operation)
        except Uncompilable:
            return None
        plan = Plan(conditions, partial(self._compile, fragments, operation), self._blueprint.steps)
        return plan if conditions or plan.compiles() else None

    def _compile(
        self,
        fragments: Mapping[str, FragmentDefinitionNode],
        operation: OperationDefinitionNode,
        conditions: Mapping[str, bool],
    ) -> Starts | None:
        variables = {definition.variable.name.value: definition for definition in operation.variable_definitions or ()}
        selections = Selections(self._blueprint, fragments, operation, conditions, min(MAX_FIELDS, self._left))
        source = Source()
        writer = Writer(self._catalogue, Surroundings(fragments, variables, conditions), source)
        try:
            root = selections.root()
            roots = [root]
            if operation.operation is OperationType.MUTATION:
                roots = [replace(root, fields=(field,)) for field in root.fields]
            starts = source.build([writer.root(root) for root in roots])
        except (Uncompilable, GraphQLError):
            return None
        except Exception as error:  # noqa: BLE001 - graphql-core can run it all the same
            _log.error("plan failed", **fault(error))
            return None
        for start in starts[:1]:
            self._left -= selections.fields
            finalize(start, self._give_back, selections.fields).atexit = False
        return starts

    def _give_back(self, fields: int) -> None:
        self._left += fields
