"""What an operation selects, once `@skip` and `@include` are decided: the fields of every object, merged, in order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLObjectType,
    GraphQLOutputType,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    is_abstract_type,
    is_object_type,
)
from graphql.execution.collect_fields import FragmentDetails, GroupedFieldSet, collect_fields, collect_subfields
from graphql.execution.values import VariableValues

from custgraph.steps import Blueprint, Read, Step

MAX_FIELDS = 2_000
MAX_DEPTH = 40


class Uncompilable(Exception):
    """The operation has something that plans do not know."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of one object of the response.

    Attributes:
        key: its name in the response.
        definition: the schema's.
        nodes: where the document selects it.
        step: how it gets its value.
        shapes: what is selected of its value, by the object type that the value may be of; none for a leaf.
    """

    key: str
    definition: GraphQLField
    nodes: list[FieldNode]
    step: Step
    shapes: tuple[Shape, ...]

    @property
    def type(self) -> GraphQLOutputType:
        """The field's type."""
        return self.definition.type


@dataclass(frozen=True, slots=True)
class Shape:
    """What is selected of the objects of one type.

    Attributes:
        type: the object type.
        fields: in the response's order; a string stands for `__typename` under that name.
        waits: whether a field among them, or of an object that comes with this one, has to be waited for.
    """

    type: GraphQLObjectType
    fields: tuple[Field | str, ...]
    waits: bool


class Selections:
    """Collects the shapes of one operation, with graphql-core's own rules for fragments, directives and merging.

    Attributes:
        fields: how many there are so far.
    """

    def __init__(
        self,
        blueprint: Blueprint,
        fragments: Mapping[str, FragmentDefinitionNode],
        operation: OperationDefinitionNode,
        conditions: Mapping[str, bool],
        most: int = MAX_FIELDS,
    ) -> None:
        self.fields = 0
        self._most = most
        self._blueprint = blueprint
        self._fragments = {name: FragmentDetails(fragment) for name, fragment in fragments.items()}
        self._operation = operation
        self._variables = VariableValues({}, dict(conditions))

    def root(self) -> Shape:
        """Collects the whole operation.

        Raises:
            Uncompilable: it has a field that no step is known for, or is too large.
        """
        schema, operation = self._blueprint.schema, self._operation
        root_type = schema.get_root_type(operation.operation)
        if root_type is None:
            raise Uncompilable
        collected = collect_fields(schema, self._fragments, self._variables, root_type, operation)
        return self._shape(root_type, collected.grouped_field_set, 0)

    def _shape(self, type_: GraphQLObjectType, groups: GroupedFieldSet, depth: int) -> Shape:
        self.fields += len(groups)
        if self.fields > self._most or depth > MAX_DEPTH:
            raise Uncompilable
        fields: list[Field | str] = []
        waits = False
        for key, details in groups.items():
            name = details[0].node.name.value
            if name == "__typename":
                fields.append(key)
                continue
            step = self._blueprint.steps.get((type_.name, name))
            if step is None:
                raise Uncompilable
            definition = type_.fields[name]
            shapes = tuple(
                self._shape(
                    possible,
                    collect_subfields(
                        self._blueprint.schema, self._fragments, self._variables, self._operation, possible, details
                    ).grouped_field_set,
                    depth + 1,
                )
                for possible in self._possible_types(definition.type)
            )
            waits = waits or isinstance(step, Read) or any(shape.waits for shape in shapes)
            fields.append(Field(key, definition, [detail.node for detail in details], step, shapes))
        return Shape(type_, tuple(fields), waits)

    def _possible_types(self, type_: GraphQLOutputType) -> list[GraphQLObjectType]:
        named = get_named_type(type_)
        if is_object_type(named):
            return [named]
        if is_abstract_type(named):
            return list(self._blueprint.schema.get_possible_types(named))
        return []


def condition_variables(
    fragments: Mapping[str, FragmentDefinitionNode], operation: OperationDefinitionNode
) -> tuple[str, ...]:
    """Names the variables that `@skip` and `@include` ask in an operation.

    Raises:
        Uncompilable: it has fragment variables, or directives that change how the answer is delivered.
    """
    found: dict[str, None] = {}
    for directive in _directives(operation.selection_set, fragments, set()):
        name = directive.name.value
        if name in ("defer", "stream"):
            raise Uncompilable
        if name in ("skip", "include"):
            for argument in directive.arguments:
                if isinstance(argument.value, VariableNode):
                    found[argument.value.name.value] = None
    return tuple(found)


def _directives(
    selection_set: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode], seen: set[str]
) -> Iterator[Any]:
    for selection in selection_set.selections:
        yield from selection.directives or ()
        if isinstance(selection, FragmentSpreadNode):
            name = selection.name.value
            if name not in seen:
                seen.add(name)
                fragment = fragments[name]
                if fragment.variable_definitions:
                    raise Uncompilable
                yield from _directives(fragment.selection_set, fragments, seen)
        elif isinstance(selection, (FieldNode, InlineFragmentNode)) and selection.selection_set:
            yield from _directives(selection.selection_set, fragments, seen)
