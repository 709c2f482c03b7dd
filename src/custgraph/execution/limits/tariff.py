"""What every field costs: the blueprint's prices, and those of introspection."""

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
    is_abstract_type,
    is_composite_type,
    is_interface_type,
    is_introspection_type,
    is_list_type,
    is_non_null_type,
)
from graphql.type import GraphQLArgument, GraphQLField

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


def is_list(definition: GraphQLField | GraphQLArgument) -> bool:
    """Says whether a field gives, or an argument takes, a list."""
    type_ = definition.type
    return is_list_type(type_.of_type if is_non_null_type(type_) else type_)


def _introspection_prices(schema: GraphQLSchema) -> Mapping[FieldName, Price]:
    """Prices the schema's own description by what it is made of.

    graphql-core reads each leaf with a call, so a leaf costs as much as an object. Lists are taken to be as long as
    they are here: all types, and the mean of what a type has. `__type` may ask for the largest type alone. Few types
    are wrapped more than once, so an `ofType` within another is free: the usual queries ask for nine.
    """
    types = list(schema.type_map.values())
    composite = [each for each in types if isinstance(each, GraphQLObjectType | GraphQLInterfaceType)]
    fields = [len(each.fields) for each in composite]
    arguments = [len(field.args) for each in composite for field in each.fields.values()]
    inputs = [len(each.fields) for each in types if isinstance(each, GraphQLInputObjectType)]
    enums = [len(each.values) for each in types if isinstance(each, GraphQLEnumType)]
    possible = [len(schema.get_possible_types(each)) for each in types if is_abstract_type(each)]
    lists: dict[FieldName, int] = {
        ("__Schema", "types"): len(types),
        ("__Schema", "directives"): len(schema.directives),
        ("__Type", "fields"): _mean(fields, types),
        ("__Type", "inputFields"): _mean(inputs, types),
        ("__Type", "enumValues"): _mean(enums, types),
        ("__Type", "interfaces"): _mean([len(each.interfaces) for each in composite], types),
        ("__Type", "possibleTypes"): _mean(possible, types),
        ("__Field", "args"): _mean(arguments, arguments),
        ("__Directive", "args"): _mean([len(each.args) for each in schema.directives], schema.directives),
        ("__Directive", "locations"): 3,
    }
    prices = {
        (type_.name, name): Price(weight=1)
        for type_ in types
        if isinstance(type_, GraphQLObjectType) and is_introspection_type(type_)
        for name in type_.fields
    }
    prices |= {name: Price(weight=1, assumed=length, most=length) for name, length in lists.items()}
    prices["__Type", "ofType"] = Price(weight=1, sized=("ofType",), assumed=0, most=0)
    if schema.query_type is not None:
        largest = -(-max((*fields, *inputs, *enums)) // _mean(fields, types))
        members = ("fields", "inputFields", "enumValues")
        prices[schema.query_type.name, "__type"] = Price(weight=1, sized=members, assumed=largest, most=largest)
    return prices


def _mean(lengths: Collection[int], among: Collection[object]) -> int:
    """Rounds up, and is never below one."""
    return max(1, -(-sum(lengths) // max(1, len(among))))
