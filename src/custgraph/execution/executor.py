"""The executor: from a request to its result. It raises nothing for what a client sent."""

from __future__ import annotations

import asyncio
from typing import Any, Final, NamedTuple

from graphql import ExecutionResult
from graphql.execution.values import VariableValues

from custgraph.config import Settings
from custgraph.errors import CustgraphError, InvalidArgument
from custgraph.execution.faults import Refusal, format_field_errors, refuse, report
from custgraph.execution.general import run_generally
from custgraph.execution.limits import Limits
from custgraph.execution.preparation import Preparer
from custgraph.execution.prepared import PreparedOperation
from custgraph.execution.variables import NO_VARIABLES
from custgraph.operation import OperationRequest, OperationResult
from custgraph.steps import Blueprint

_NO_DOCUMENT: Final = refuse(InvalidArgument("Send a GraphQL document in 'query'."))
_NO_SUCH_OPERATION: Final = refuse(InvalidArgument("The document has no operation of the name in 'operationName'."))
_WHICH_OPERATION: Final = refuse(InvalidArgument("The document has many operations: name one in 'operationName'."))
_NO_MUTATION: Final = refuse(InvalidArgument("Send mutations with POST."), 405, (("allow", "POST"),))
_BROKEN: Final = refuse(CustgraphError(), 500)


class Admitted(NamedTuple):
    """An operation that may run."""

    operation: PreparedOperation
    variables: VariableValues
    cost: int
    calls: int


class Executor:
    """Runs GraphQL requests; implements `custgraph.operation.Engine`."""

    def __init__(self, blueprint: Blueprint, settings: Settings) -> None:
        self._schema = blueprint.schema
        self._limits = Limits(settings)
        self._preparer = Preparer(blueprint, settings)

    async def execute(self, request: OperationRequest, context: Any, *, allow_mutation: bool = True) -> OperationResult:
        """Runs one request; see `Engine`."""
        try:
            text = request.query
            if text is None:
                return _NO_DOCUMENT.result(context.request_id)
            admitted = self._admit(text, request, allow_mutation=allow_mutation)
            if isinstance(admitted, Refusal):
                return admitted.result(context.request_id)
            context.begin(admitted.operation.kind)
            result = await self._run(admitted, context)
            notes = getattr(context, "notes", ())
            if result.errors or notes:
                errors = format_field_errors([*(result.errors or ()), *notes], context.request_id)
                return OperationResult(result.data, errors)
            return OperationResult(result.data)
        except asyncio.CancelledError as error:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            report(error, context.request_id)  # something inside was cancelled, the operation was not
        except Exception as error:  # noqa: BLE001 - the last line of defence
            report(error, context.request_id)
        return _BROKEN.result(context.request_id)

    def _admit(self, text: str, request: OperationRequest, *, allow_mutation: bool) -> Admitted | Refusal:
        """Says whether a document's operation may run with the variables that came."""
        document = self._preparer.document(text)
        if isinstance(document, Refusal):
            return document
        operation = document.operations.get(request.operation_name or None)
        if operation is None:
            return _NO_SUCH_OPERATION if request.operation_name else _WHICH_OPERATION
        if operation.kind == "mutation" and not allow_mutation:
            return _NO_MUTATION
        if operation.refusal is not None:
            return operation.refusal
        variables = NO_VARIABLES if operation.variables is None else operation.variables.coerce(request.variables)
        if isinstance(variables, Refusal):
            return variables
        if operation.fixed is not None:
            return Admitted(operation, variables, *operation.fixed)
        cost, calls = operation.measures.amounts.compute(variables.coerced)
        faults = self._limits.passed_by_amounts(cost, calls)
        return Refusal(faults) if faults else Admitted(operation, variables, cost, calls)

    async def _run(self, admitted: Admitted, context: Any) -> ExecutionResult:
        return await run_generally(self._schema, admitted.operation, context, admitted.variables)
