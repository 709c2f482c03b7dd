"""What is known of a document once, whoever sends it: immutable, shared by all requests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from graphql import DocumentNode, FragmentDefinitionNode, OperationDefinitionNode
from graphql.execution.collect_fields import FragmentDetails

from custgraph.execution.variables import VariableCoercer
from custgraph.operation import OperationKind


@dataclass(frozen=True, slots=True)
class Fragments:
    """The fragments of a document, in both forms that graphql-core wants."""

    definitions: dict[str, FragmentDefinitionNode]
    details: dict[str, FragmentDetails]


@dataclass(frozen=True, slots=True)
class PreparedOperation:
    """One operation of a document.

    Attributes:
        kind: query or mutation.
        node: as parsed.
        fragments: all of the document's.
        variables: coerces them; None when the operation has none.
    """

    kind: OperationKind
    node: OperationDefinitionNode
    fragments: Fragments
    variables: VariableCoercer | None


@dataclass(frozen=True, slots=True)
class PreparedDocument:
    """A document that is valid and within every limit that does not depend on variables.

    Attributes:
        node: as parsed.
        operations: by name; None names the only one.
    """

    node: DocumentNode
    operations: Mapping[str | None, PreparedOperation]
