"""A plan: one operation, compiled, for all requests that ask for it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

from graphql import (
    ExecutionResult,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLResolveInfo,
    OperationDefinitionNode,
    OperationType,
)

from custgraph.execution.plan.leaves import kinds_of
from custgraph.execution.plan.run import Run
from custgraph.execution.plan.selection import Selections, Shape, Uncompilable, condition_variables
from custgraph.execution.plan.source import Source
from custgraph.steps import Blueprint, Read

MAX_VARIANTS = 8
"""Sets of values of the condition variables that one operation is compiled for; three variables have eight."""

Compile = Callable[[Mapping[str, bool]], "Start | None"]
Start = Callable[[None, Run], dict[str, Any]]
Resolve = Callable[..., Any]
Middleware = Callable[..., Any]
General = Callable[["Middleware | None"], Awaitable[ExecutionResult]]
"""Runs the operation with graphql-core, on the same context; the middleware, if any, goes around its resolvers."""


class Plan:
    """One operation of a document, compiled. It holds nothing of any request.

    A plan knows success alone. When anything unusual shows, an error, a null where none may be, a value of a kind that
    it does not know, it gives up and graphql-core runs the operation on the same context: the reads that were made are
    remembered there, errors included, so nothing is asked twice, and every error is graphql-core's own.
    """

    __slots__ = ("_compile", "_conditions", "_starts", "_writes")

    def __init__(self, conditions: tuple[str, ...], compile_: Compile, *, writes: bool) -> None:
        self._conditions = conditions
        self._compile = compile_
        self._writes = writes
        self._starts: dict[tuple[Any, ...], Start | None] = {}

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
        start = self._start_for(variables)
        if start is None:
            return await general(None)
        run = Run(context, variables)
        memory: Memory | None = None
        try:
            try:
                data = start(None, run)
                if run.fresh:
                    if self._writes:
                        memory = Memory()
                        run.fresh[0].awaitable = memory.keep(run.fresh[0].awaitable)
                    await run.settle()
            except Exception:  # noqa: BLE001 - whatever it is, graphql-core meets it again and tells
                run.discard()
            else:
                return ExecutionResult(data)
            return await general(None if memory is None else memory.middleware)
        finally:
            run.close()

    def compiles(self) -> bool:
        """Says whether there is a function for an operation without condition variables."""
        return self._start_for({}) is not None

    def _start_for(self, variables: Mapping[str, Any]) -> Start | None:
        """Finds the function for the values of the condition variables; None where there is none."""
        values: tuple[Any, ...] = tuple([variables.get(name) for name in self._conditions])
        try:
            return self._starts[values]
        except KeyError:
            pass
        if len(self._starts) >= MAX_VARIANTS or not all(type(value) is bool for value in values):
            return None
        start = self._starts[values] = self._compile(dict(zip(self._conditions, values, strict=True)))
        return start


class Memory:
    """What one write came to, so that it is not sent again."""

    __slots__ = ("_error", "_known", "_value")

    def __init__(self) -> None:
        self._known = False
        self._value: Any = None
        self._error: Exception | None = None

    async def keep(self, write: Awaitable[Any]) -> Any:
        """Awaits the write and keeps what came of it."""
        try:
            self._value = await write
        except Exception as error:
            self._error = error
            raise
        finally:
            self._known = True
        return self._value

    def middleware(self, resolve: Resolve, source: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        """Resolves a field for graphql-core: the write's as it came, any other as always."""
        if info.path.prev is not None or not self._known:
            return resolve(source, info, **arguments)
        if self._error is not None:
            raise self._error
        return self._value


def _is_one_write(root: Shape) -> bool:
    """Whether a mutation has one field, whose value is used as it comes: nothing else can then be done twice."""
    writes = [field for field in root.fields if not isinstance(field, str)]
    return len(writes) == 1 and all(isinstance(field.step, Read) and field.step.remark is None for field in writes)


class Planner:
    """Makes plans for one schema."""

    def __init__(self, blueprint: Blueprint) -> None:
        self._blueprint = blueprint
        self._kinds = kinds_of(blueprint.records)

    def plan(self, fragments: Mapping[str, FragmentDefinitionNode], operation: OperationDefinitionNode) -> Plan | None:
        """Makes the plan of a validated operation.

        Args:
            fragments: the document's fragments by name.
            operation: one of the document's operations.

        Returns:
            The plan; None where graphql-core has to run the operation: it has a field without a step, introspection,
            or more writes than one.
        """
        if operation.operation is OperationType.SUBSCRIPTION:
            return None
        try:
            conditions = condition_variables(fragments, operation)
        except Uncompilable:
            return None
        plan = Plan(
            conditions,
            partial(self._compile, fragments, operation),
            writes=operation.operation is OperationType.MUTATION,
        )
        return plan if conditions or plan.compiles() else None

    def _compile(
        self,
        fragments: Mapping[str, FragmentDefinitionNode],
        operation: OperationDefinitionNode,
        conditions: Mapping[str, bool],
    ) -> Start | None:
        blueprint = self._blueprint
        variables = {definition.variable.name.value: definition for definition in operation.variable_definitions or ()}
        try:
            root = Selections(blueprint, fragments, operation, conditions).root()
            if operation.operation is OperationType.MUTATION and not _is_one_write(root):
                return None
            return Source(blueprint.records, self._kinds, fragments, variables, conditions).compile(root)
        except (Uncompilable, GraphQLError):
            return None
