"""What every field costs: the blueprint's prices, and those of introspection, whose lists are as long as the schema."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_composite_type,
    is_interface_type,
    is_list_type,
    is_non_null_type,
)
from graphql.type import GraphQLField

from custgraph.steps import Blueprint, FieldName, Price, Read

DEFAULT: Final = Price()


class Tariff:
    """The prices of one schema.

    Attributes:
        schema: whose fields they are.
    """

    def __init__(self, blueprint: Blueprint) -> None:
        self.schema = blueprint.schema
        self._prices = {**_introspection_prices(blueprint.schema), **blueprint.prices}
        self._reads = frozenset(name for name, step in blueprint.steps.items() if isinstance(step, Read))

    def prices(self, type_: GraphQLNamedType, field: str) -> list[Price]:
        """Gives the prices that a field has: of its own type, or different ones of the objects that may stand here."""
        names = [(type_.name, field)]
        if is_interface_type(type_):
            names += [(possible.name, field) for possible in self.schema.get_possible_types(type_)]
        found = [self._prices[name] for name in dict.fromkeys(names) if name in self._prices]
        return found or [DEFAULT]

    def waits(self, type_: GraphQLNamedType, field: str) -> bool:
        """Says whether what is below the field is asked for later than what is beside it."""
        if is_interface_type(type_):
            return any((possible.name, field) in self._reads for possible in self.schema.get_possible_types(type_))
        return (type_.name, field) in self._reads


def weight_of(price: Price, definition: GraphQLField) -> int:
    """Gives the weight of each item of a field; IBM's default is 1 for an object and 0 for a leaf."""
    if price.weight is not None:
        return price.weight
    return 1 if is_composite_type(get_named_type(definition.type)) else 0


def is_list(definition: GraphQLField) -> bool:
    """Says whether a field gives a list."""
    type_ = definition.type
    return is_list_type(type_.of_type if is_non_null_type(type_) else type_)


def _introspection_prices(schema: GraphQLSchema) -> Mapping[FieldName, Price]:
    """Assumes lists as long as they are in this schema: all types and directives, and the mean of what a type has."""
    types = list(schema.type_map.values())
    fields = [
        field
        for type_ in types
        if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType)
        for field in type_.fields.values()
    ]
    arguments = [len(field.args) for field in fields] + [len(directive.args) for directive in schema.directives]
    interfaces = [type_ for type_ in types if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType)]
    abstract = [type_ for type_ in types if is_interface_type(type_) or not isinstance(type_, GraphQLObjectType)]
    lengths: dict[FieldName, int] = {
        ("__Schema", "types"): len(types),
        ("__Schema", "directives"): len(schema.directives),
        ("__Type", "fields"): _mean([len(fields)], interfaces),
        ("__Type", "inputFields"): _mean(
            [len(t.fields) for t in types if isinstance(t, GraphQLInputObjectType)], types
        ),
        ("__Type", "interfaces"): _mean([len(type_.interfaces) for type_ in interfaces], interfaces),
        ("__Type", "enumValues"): _mean([len(t.values) for t in types if isinstance(t, GraphQLEnumType)], types),
        ("__Type", "possibleTypes"): _mean([len(types)], abstract),
        ("__Field", "args"): _mean(arguments, arguments),
        ("__Directive", "args"): _mean(arguments, arguments),
    }
    return {name: Price(assumed=length, most=length) for name, length in lengths.items()}


def _mean(lengths: Collection[int], among: Collection[object]) -> int:
    """Rounds up, and is never below one."""
    return max(1, -(-sum(lengths) // max(1, len(among))))
