"""The executor: from a request to its result. It raises nothing for what a client sent."""

from __future__ import annotations

from typing import Any, Final

from graphql.execution.values import VariableValues

from custgraph.config import Settings
from custgraph.errors import CustgraphError, InvalidArgument
from custgraph.execution import general
from custgraph.execution.faults import Refusal, format_field_errors, refuse, report
from custgraph.execution.preparation import Preparer
from custgraph.execution.prepared import PreparedDocument, PreparedOperation
from custgraph.execution.variables import NO_VARIABLES
from custgraph.operation import OperationRequest, OperationResult
from custgraph.steps import Blueprint

_NO_DOCUMENT: Final = refuse(InvalidArgument("Send a GraphQL document in 'query'."))
_NO_SUCH_OPERATION: Final = refuse(InvalidArgument("The document has no operation of the name in 'operationName'."))
_WHICH_OPERATION: Final = refuse(InvalidArgument("The document has many operations: name one in 'operationName'."))
_NO_MUTATION: Final = refuse(InvalidArgument("Send mutations with POST."), 405, (("allow", "POST"),))
_BROKEN: Final = refuse(CustgraphError(), 500)


class Executor:
    """Runs GraphQL requests; implements `custgraph.operation.Engine`."""

    def __init__(self, blueprint: Blueprint, settings: Settings) -> None:
        self._schema = blueprint.schema
        self._hide_suggestions = not settings.suggestions
        self._preparer = Preparer(blueprint, settings)
        self._documents: dict[str, PreparedDocument | Refusal] = {}

    async def execute(self, request: OperationRequest, context: Any, *, allow_mutation: bool = True) -> OperationResult:
        """Runs one request; see `Engine`."""
        try:
            return await self._execute(request, context, allow_mutation=allow_mutation)
        except Exception as error:  # noqa: BLE001 - the last line of defence
            report(error, context.request_id)
            return _BROKEN.result(context.request_id)

    async def _execute(self, request: OperationRequest, context: Any, *, allow_mutation: bool) -> OperationResult:
        if request.query is None:
            return _NO_DOCUMENT.result(context.request_id)
        document = self._prepared(request.query)
        if isinstance(document, Refusal):
            return document.result(context.request_id)
        operation = document.operations.get(request.operation_name or None)
        if operation is None:
            refusal = _NO_SUCH_OPERATION if request.operation_name else _WHICH_OPERATION
            return refusal.result(context.request_id)
        if operation.kind == "mutation" and not allow_mutation:
            return _NO_MUTATION.result(context.request_id)
        variables = NO_VARIABLES if operation.variables is None else operation.variables.coerce(request.variables)
        if isinstance(variables, Refusal):
            return variables.result(context.request_id)
        context.begin(operation.kind)
        return await self._run(operation, context, variables)

    async def _run(self, operation: PreparedOperation, context: Any, variables: VariableValues) -> OperationResult:
        result = await general.run(self._schema, operation, context, variables, hide_suggestions=self._hide_suggestions)
        notes = getattr(context, "notes", None)
        if not result.errors and not notes:
            return OperationResult(result.data)
        errors = format_field_errors([*(result.errors or ()), *(notes or ())], context.request_id)
        return OperationResult(result.data, errors)

    def _prepared(self, text: str) -> PreparedDocument | Refusal:
        document = self._documents.get(text)
        if document is None:
            document = self._documents[text] = self._preparer.prepare(text)
        return document
