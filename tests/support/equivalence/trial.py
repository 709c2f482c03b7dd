"""Runs one operation twice, each time on an upstream and a context of its own: by its plan, and with graphql-core."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass, replace
from typing import Any

import msgspec
from graphql import ExecutionResult

from custgraph.config import Settings
from custgraph.credentials import Caller, Credential
from custgraph.execution.faults import Refusal, format_field_errors
from custgraph.execution.general import run_generally
from custgraph.execution.plan import Plan, Planner, Replay
from custgraph.execution.preparation import Preparer
from custgraph.execution.prepared import PreparedOperation
from custgraph.rest import Upstream
from custgraph.rest.retries import FLOOR
from custgraph.schema import Context, build_blueprint
from custgraph.schema.binding import bind
from support.equivalence.documents import Request
from support.equivalence.lies import Liar
from support.equivalence.world import World

UNBOUNDED = 10_000_000


@dataclass
class Answer:
    """What a run came to.

    Attributes:
        data: as JSON would have it.
        errors: as the response has them.
        sent: the upstream calls, in order.
        planned: whether a plan went through to its end.
    """

    data: Any
    errors: list[dict[str, Any]]
    sent: list[str]
    planned: bool = False


class Trial:
    """A schema whose steps can lie, and everything that runs it."""

    def __init__(self) -> None:
        self._settings = Settings(
            breaker_failures=UNBOUNDED,
            max_upstream_calls=UNBOUNDED,
            max_cost=UNBOUNDED,
            max_aliases=UNBOUNDED,
            max_directives=UNBOUNDED,
            max_root_fields=UNBOUNDED,
            max_depth=UNBOUNDED,
            max_fields=UNBOUNDED,
        )
        self.liar = Liar()
        honest = build_blueprint(self._settings)
        steps = self.liar.steps(honest.steps)
        bind(honest.schema, steps)
        self.blueprint = replace(honest, steps=steps)
        self._preparer = Preparer(self.blueprint, self._settings)
        self._planner = Planner(self.blueprint)

    def prepared(self, request: Request) -> tuple[PreparedOperation, Any, Plan | None] | Refusal:
        """Prepares a request as the executor does; gives a refusal when it would not run."""
        document = self._preparer.prepare(request.query)
        if isinstance(document, Refusal):
            return document
        operation = document.operations[None]
        variables = {} if operation.variables is None else operation.variables.coerce(request.variables)
        if isinstance(variables, Refusal):
            return variables
        return operation, variables, self._planner.plan(operation.fragments.definitions, operation.node)

    async def generally(self, operation: PreparedOperation, variables: Any, world: World) -> Answer:
        """Runs an operation with graphql-core, and reads the addresses in any case."""
        context = self._context(world, operation, brief=False)
        try:
            result = await run_generally(self.blueprint.schema, operation, context, variables)
        finally:
            context.close()
        return _answer(result, context, world)

    async def by_plan(self, operation: PreparedOperation, variables: Any, plan: Plan, world: World) -> Answer:
        """Runs an operation by its plan, which may give up."""
        context = self._context(world, operation, brief=operation.brief)
        gave_up = False

        def general(replay: Replay | None) -> Awaitable[ExecutionResult]:
            nonlocal gave_up
            gave_up = True
            return run_generally(self.blueprint.schema, operation, context, variables, replay)

        try:
            result = await plan.run(context, variables, general)
        finally:
            context.close()
        answer = _answer(result, context, world)
        answer.planned = not gave_up
        return answer

    def _context(self, world: World, operation: PreparedOperation, *, brief: bool) -> Context:
        upstream = Upstream(self._settings, wire=world)
        for _ in range(FLOOR):  # retries wait for a random time, and here all times are fixed: the budget is spent
            upstream.traffic.retried(asyncio.get_running_loop().time())
        context = Context(upstream, Caller(Credential.of("a-key-of-its-own"), "request"))
        context.sole = True
        context.begin(operation.kind, alone=operation.alone, brief=brief)
        return context


def _answer(result: ExecutionResult, context: Context, world: World) -> Answer:
    errors = format_field_errors([*(result.errors or ()), *context.notes], "request")
    return Answer(msgspec.json.decode(msgspec.json.encode(result.data)), errors, world.sent)
