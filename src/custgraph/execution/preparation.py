"""Prepares documents, once for each text."""

from __future__ import annotations

from graphql import FragmentDefinitionNode, OperationDefinitionNode
from graphql.execution.collect_fields import FragmentDetails

from custgraph.config import Settings
from custgraph.execution.faults import Refusal
from custgraph.execution.prepared import Fragments, PreparedDocument, PreparedOperation
from custgraph.execution.validation import Validator
from custgraph.execution.variables import VariableCoercer
from custgraph.operation import OperationKind
from custgraph.steps import Blueprint


class Preparer:
    """Parses, validates, limits and plans documents."""

    def __init__(self, blueprint: Blueprint, settings: Settings) -> None:
        self._blueprint = blueprint
        self._hide_suggestions = not settings.suggestions
        self._validator = Validator(blueprint.schema, settings)

    def prepare(self, text: str) -> PreparedDocument | Refusal:
        """Makes a document ready to run, or says why it never can."""
        document = self._validator.parse(text)
        if isinstance(document, Refusal):
            return document
        refusal = self._validator.validate(document)
        if refusal is not None:
            return refusal
        definitions = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        fragments = Fragments(definitions, {name: FragmentDetails(node) for name, node in definitions.items()})
        operations: dict[str | None, PreparedOperation] = {
            node.name.value if node.name else None: self._operation(node, fragments)
            for node in document.definitions
            if isinstance(node, OperationDefinitionNode)
        }
        if len(operations) == 1:
            operations[None] = next(iter(operations.values()))
        return PreparedDocument(document, operations)

    def _operation(self, node: OperationDefinitionNode, fragments: Fragments) -> PreparedOperation:
        kind: OperationKind = "mutation" if node.operation.value == "mutation" else "query"
        variables = None
        if node.variable_definitions:
            variables = VariableCoercer(self._blueprint.schema, node, hide_suggestions=self._hide_suggestions)
        return PreparedOperation(kind, node, fragments, variables)
