"""The executor: from a request to its result. It raises nothing for what a client sent."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any, Final

from custgraph.config import Settings
from custgraph.errors import CustgraphError, InvalidArgument
from custgraph.execution.documents import Documents
from custgraph.execution.faults import Refusal, format_field_errors, refuse, report
from custgraph.execution.general import run_generally
from custgraph.execution.limits import Limits
from custgraph.execution.preparation import PLANNED_RUN, Preparer
from custgraph.execution.prepared import PreparedDocument, PreparedOperation
from custgraph.execution.rate import RateLimit
from custgraph.execution.shared import SharedStore
from custgraph.operation import OperationRequest, OperationResult
from custgraph.steps import Blueprint

_NO_SUCH_OPERATION: Final = refuse(InvalidArgument("The document has no operation of the name in 'operationName'."))
_WHICH_OPERATION: Final = refuse(InvalidArgument("The document has many operations: name one in 'operationName'."))
_NO_MUTATION: Final = refuse(InvalidArgument("Send mutations with POST."), 405, (("allow", "POST"),))
_BROKEN: Final = refuse(CustgraphError(), 500)


class Admitted:
    """An operation that may run, its coerced variables, and what it costs."""

    __slots__ = ("calls", "cost", "operation", "variables")

    def __init__(self, operation: PreparedOperation, variables: dict[str, Any], cost: int, calls: int) -> None:
        self.operation = operation
        self.variables = variables
        self.cost = cost
        self.calls = calls


class Executor:
    """Runs GraphQL requests; implements `custgraph.operation.Engine`."""

    def __init__(self, blueprint: Blueprint, settings: Settings, *, plans: bool = True) -> None:
        """Checks the trusted documents; touches no network.

        Args:
            blueprint: the schema and what is known of it.
            settings: limits, documents, rates.
            plans: whether operations are compiled; without that, graphql-core runs them all, to the same effect.

        Raises:
            BrokenTrustedDocument: one of them is wrong.
        """
        self._schema = blueprint.schema
        self._limits = Limits(settings)
        self._preparer = Preparer(blueprint, settings)
        self._shared = SharedStore(settings.shared_url) if settings.shared_url else None
        self._documents = Documents(self._preparer, settings, self._shared)
        self._any_text_runs = not settings.documents_only
        self._rate = RateLimit(settings.rate_limit, self._shared) if settings.rate_limit else None
        self._reports_cost = settings.report_cost
        self._planned_run = PLANNED_RUN if plans else 0

    async def execute(self, request: OperationRequest, context: Any, *, allow_mutation: bool = True) -> OperationResult:
        """Runs one request; see `Engine`."""
        try:
            if self._any_text_runs and request.query and not request.extensions and request.document_id is None:
                document = self._preparer.known(request.query) or await self._preparer.document(request.query)
            else:
                document = await self._documents.find(request)
            admitted = self._admit(document, request, allow_mutation=allow_mutation)
            if isinstance(admitted, Admitted) and self._rate is not None:
                admitted = await self._rate.spend(context.credential_key, admitted.cost) or admitted
            if isinstance(admitted, Refusal):
                return admitted.result(context.request_id)
            operation = admitted.operation
            context.begin(operation.kind, alone=operation.alone, brief=operation.brief)
            return await self._run(admitted, context)
        except asyncio.CancelledError as error:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            report(error, context.request_id)  # something inside was cancelled, the operation was not
        except Exception as error:  # noqa: BLE001 - the last line of defence
            report(error, context.request_id)
        return _BROKEN.result(context.request_id)

    async def aclose(self) -> None:
        """Closes the connections to the shared store."""
        if self._shared is not None:
            await self._shared.aclose()

    def _admit(
        self, document: PreparedDocument | Refusal, request: OperationRequest, *, allow_mutation: bool
    ) -> Admitted | Refusal:
        """Says whether a document's operation may run with the variables that came."""
        if isinstance(document, Refusal):
            return document
        operation = document.operations.get(request.operation_name or None)
        if operation is None:
            return _NO_SUCH_OPERATION if request.operation_name else _WHICH_OPERATION
        if operation.kind == "mutation" and not allow_mutation:
            return _NO_MUTATION
        if operation.refusal is not None:
            return operation.refusal
        variables = {} if operation.variables is None else operation.variables.coerce(request.variables)
        if isinstance(variables, Refusal):
            return variables
        if operation.fixed is not None:
            cost, calls = operation.fixed
            return Admitted(operation, variables, cost, calls)
        cost, calls = operation.measures.amounts.compute(variables)
        faults = self._limits.passed_by_amounts(cost, calls)
        return Refusal(faults) if faults else Admitted(operation, variables, cost, calls)

    async def _run(self, admitted: Admitted, context: Any) -> OperationResult:
        operation, variables = admitted.operation, admitted.variables
        if operation.runs < self._planned_run:
            self._preparer.count_run(operation)
        if operation.plan is None:
            ran = await run_generally(self._schema, operation, context, variables)
        else:
            general = partial(run_generally, self._schema, operation, context, variables)
            ran = await operation.plan.run(context, variables, general)
        result = OperationResult(ran.data)
        notes = getattr(context, "notes", ())
        if ran.errors or notes:
            result.errors = format_field_errors([*(ran.errors or ()), *notes], context.request_id)
        if self._reports_cost or context.wants_cost:
            result.extensions = {"cost": await self._cost(admitted, context)}
        return result

    async def _cost(self, admitted: Admitted, context: Any) -> dict[str, int]:
        """Tells what the operation costs, of which budget, and what is left of that."""
        budget = self._limits.cost.maximum
        remaining = budget - admitted.cost
        if self._rate is not None:
            budget = self._rate.budget
            remaining = await self._rate.remaining(context.credential_key)
        return {"requested": admitted.cost, "budget": budget, "remaining": remaining, "upstreamCalls": admitted.calls}
