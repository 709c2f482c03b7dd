"""What is known of a document once, whoever sends it; shared by all requests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from graphql import DocumentNode, FragmentDefinitionNode, OperationDefinitionNode
from graphql.execution.collect_fields import FragmentDetails

from custgraph.execution.faults import Refusal
from custgraph.execution.limits import Measures
from custgraph.execution.plan import Plan
from custgraph.execution.variables import VariableCoercer
from custgraph.operation import OperationKind


@dataclass
class Fragments:
    """The fragments of a document, in both forms that graphql-core wants."""

    definitions: dict[str, FragmentDefinitionNode]
    details: dict[str, FragmentDetails]


@dataclass
class PreparedOperation:
    """One operation of a document.

    Attributes:
        kind: query or mutation.
        node: as parsed.
        fragments: all of the document's.
        variables: coerces them; None when the operation has none.
        measures: what it asks for.
        fixed: its cost and upstream calls, unless they depend on variables.
        refusal: why it can never run, if it passes a limit whatever its variables are.
        alone: whether it has one root field, written out as a field.
        brief: whether it is a query whose document has no `Blueprint.bulky` field.
        plan: runs it; None until it is worth the while, or when graphql-core has to.
        runs: how often it ran before there could be a plan.
    """

    kind: OperationKind
    node: OperationDefinitionNode
    fragments: Fragments
    variables: VariableCoercer | None
    measures: Measures
    fixed: tuple[int, int] | None
    refusal: Refusal | None
    alone: bool
    brief: bool
    plan: Plan | None = None
    runs: int = 0


@dataclass
class PreparedDocument:
    """A valid document.

    Attributes:
        node: as parsed.
        operations: by name; None names the only one.
    """

    node: DocumentNode
    operations: Mapping[str | None, PreparedOperation]
