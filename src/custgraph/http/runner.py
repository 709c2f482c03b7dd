"""Runs the operations of a request: one, or an array of them, over one context."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Protocol, TypeVar

from custgraph.credentials import Caller
from custgraph.http.gate import Gate
from custgraph.http.refusals import Refused, batch_too_long
from custgraph.operation import Engine, OperationContext, OperationRequest, OperationResult
from custgraph.telemetry import fault, logger

T = TypeVar("T")
_log = logger("custgraph.http")


class RequestContext(OperationContext, Protocol):
    """What the edge asks of a context beyond what the executor does."""

    def close(self) -> None:
        """Ends what still runs for the request."""


class Runner:
    """Runs operations for callers, counted by the gate.

    A caller's task that is cancelled has lost its client: what it reads is cancelled, too; what may write goes on to
    its end, in a task of its own, and the log tells of it.

    Args:
        engine: runs one operation.
        make_context: makes what one request's operations share.
        gate: counts them.
        max_batch: most operations in one array; None takes no array.
    """

    def __init__(
        self, engine: Engine, make_context: Callable[[Caller], RequestContext], gate: Gate, max_batch: int | None
    ) -> None:
        self._engine = engine
        self._make_context = make_context
        self._gate = gate
        self._max_batch = max_batch
        self._writes: set[asyncio.Task[Any]] = set()

    def run(
        self, operation: OperationRequest, caller: Caller, *, wants_cost: bool
    ) -> Coroutine[Any, Any, OperationResult]:
        """Runs an operation that came by POST."""
        work = self._run(operation, caller, wants_cost, allow_mutation=True)
        return self._to_the_end(work, caller.request_id) if _may_write(operation) else work

    def read(
        self, operation: OperationRequest, caller: Caller, *, wants_cost: bool
    ) -> Coroutine[Any, Any, OperationResult]:
        """Runs an operation that came by GET, and so may not write."""
        return self._run(operation, caller, wants_cost, allow_mutation=False)

    async def run_batch(
        self, operations: list[OperationRequest], caller: Caller, *, wants_cost: bool
    ) -> list[OperationResult]:
        """Runs an array: reads all at once, so that they share loads; with a write among them, each in its turn.

        Raises:
            Refused: batching is off, the array is empty or too long, or too much is under way.
        """
        most, count = self._max_batch, len(operations)
        if most is None:
            raise Refused(400, "Send one operation: batching is off.", "BATCHING_DISABLED")
        if not count:
            raise Refused(400, "The array has no operation.")
        if count > most:
            raise batch_too_long(most, count)
        self._gate.check(count)
        self._gate.check_share(_key_of(caller), count)
        in_turn = any(map(_may_write, operations))
        work = self._run_batch(operations, caller, wants_cost, in_turn=in_turn)
        return await (self._to_the_end(work, caller.request_id) if in_turn else work)

    async def _run(
        self, operation: OperationRequest, caller: Caller, wants_cost: bool, *, allow_mutation: bool
    ) -> OperationResult:
        gate, key = self._gate, _key_of(caller)
        gate.enter(key)
        try:
            context = self._make_context(caller)
            context.wants_cost = wants_cost
            context.sole = True
            try:
                return await self._engine.execute(operation, context, allow_mutation=allow_mutation)
            finally:
                context.close()
        finally:
            gate.leave(key)

    async def _run_batch(
        self, operations: list[OperationRequest], caller: Caller, wants_cost: bool, *, in_turn: bool
    ) -> list[OperationResult]:
        execute, gate, count, key = self._engine.execute, self._gate, len(operations), _key_of(caller)
        gate.enter(key, count)
        try:
            context = self._make_context(caller)
            context.wants_cost = wants_cost
            try:
                if in_turn:
                    return [await execute(operation, context) for operation in operations]
                async with asyncio.TaskGroup() as group:
                    tasks = [group.create_task(execute(operation, context)) for operation in operations]
                return [task.result() for task in tasks]
            finally:
                context.close()
        finally:
            gate.leave(key, count)

    async def _to_the_end(self, work: Coroutine[Any, Any, T], request_id: str) -> T:
        task = asyncio.create_task(work)
        self._writes.add(task)
        task.add_done_callback(self._writes.discard)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            task.add_done_callback(lambda done: _tell(done, request_id))
            raise


def _key_of(caller: Caller) -> str:
    return "" if caller.credential is None else caller.credential.key


def _may_write(operation: OperationRequest) -> bool:
    """Says whether it could be a mutation, which its text alone cannot hide; a document named by its id could."""
    return operation.query is None or "mutation" in operation.query


def _tell(work: asyncio.Task[Any], request_id: str) -> None:
    if work.cancelled():
        _log.error("write cut off", request_id=request_id)
    elif (error := work.exception()) is not None:
        _log.error("write failed after its client had gone", request_id=request_id, **fault(error))
    else:
        _log.info("write finished after its client had gone", request_id=request_id)
