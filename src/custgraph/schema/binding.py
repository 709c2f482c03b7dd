"""Makes graphql-core's resolvers of the steps.

graphql-core then hands every step its arguments ready for use: under their Python names, input objects made. Whoever
calls a step, a resolver or a compiled plan, has them from graphql-core's own coercion.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from graphql import (
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    Undefined,
)
from msgspec import UNSET
from strawberry import Some
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.base import StrawberryMaybe, StrawberryObjectDefinition

from custgraph.schema.context import Context
from custgraph.schema.definitions import record_of, step_of
from custgraph.steps import Attribute, Derived, FieldName, Read, Step, note

_DEFINITION = GraphQLCoreConverter.DEFINITION_BACKREF


def steps_of(schema: GraphQLSchema) -> dict[FieldName, Step]:
    """Gathers the steps of all fields that Strawberry defined."""
    return {
        (type_.name, name): step_of(field.extensions[_DEFINITION])
        for type_ in _object_types(schema)
        for name, field in type_.fields.items()
    }


def records_of(schema: GraphQLSchema) -> dict[str, type]:
    """Gathers the classes of the records behind the object types; the roots have none."""
    roots = (schema.query_type, schema.mutation_type)
    return {
        type_.name: record_of(type_.extensions[_DEFINITION].origin)
        for type_ in _object_types(schema)
        if type_ not in roots
    }


def bind(schema: GraphQLSchema, steps: Mapping[FieldName, Step]) -> None:
    """Puts the steps' resolvers into a schema made by Strawberry, in place."""
    for type_ in _object_types(schema):
        for name, field in type_.fields.items():
            field.resolve = _resolver(steps[type_.name, name])
            for argument in field.args.values():
                argument.out_name = argument.extensions[_DEFINITION].python_name
    for input_type in schema.type_map.values():
        if isinstance(input_type, GraphQLInputObjectType):
            for member in input_type.fields.values():
                member.out_name = member.extensions[_DEFINITION].python_name
                member.default_value = Undefined  # a default of None is Python's alone
            make = _constructor(input_type.extensions[_DEFINITION])
            input_type.out_type = make  # type: ignore[method-assign, assignment]  # as its own constructor does


def _object_types(schema: GraphQLSchema) -> list[GraphQLObjectType]:
    return [
        type_
        for type_ in schema.type_map.values()
        if isinstance(type_, GraphQLObjectType) and _DEFINITION in type_.extensions
    ]


def _constructor(definition: StrawberryObjectDefinition) -> Callable[[dict[str, Any]], Any]:
    """Makes an input object of coerced values: a member that may be absent is None then, and `Some` otherwise."""
    make = definition.origin
    maybe = frozenset(field.python_name for field in definition.fields if isinstance(field.type, StrawberryMaybe))
    if not maybe:
        return lambda values: make(**values)
    return lambda values: make(**{name: Some(value) if name in maybe else value for name, value in values.items()})


def _resolver(step: Step) -> Callable[..., Any]:
    match step:
        case Attribute(name):
            return lambda source, _info: getattr(source, name)
        case Derived(compute):
            return lambda source, _info: compute(source)
        case Read():
            return _reader(step)


def _reader(step: Read) -> Callable[..., Any]:
    def resolve(source: Any, info: GraphQLResolveInfo[Context], **arguments: Any) -> Any:
        if step.held is not None and (value := getattr(source, step.held)) is not UNSET:
            return value
        wants = step.wants and step.wants(info.field_nodes, info.fragments, info.variable_values.coerced)
        value = step.fetch(info.context, source, wants, **arguments)
        return value if step.remark is None else _remarked(value, step.remark, info)

    return resolve


async def _remarked(
    awaited: Awaitable[Any], remark: Callable[[Any], Exception | None], info: GraphQLResolveInfo[Context]
) -> Any:
    """Gives the value, and notes what is wrong with it, with the field's place."""
    value = await awaited
    note(remark, value, info)
    return value
