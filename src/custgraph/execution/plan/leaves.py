"""How leaves are written: as graphql-core's types would, decided beforehand from what is known of the value.

A record's own attributes have the types that its class declares: msgspec decoded it. Everything else, such as what a
function gives, is looked at when it comes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from graphql import GraphQLBoolean, GraphQLFloat, GraphQLID, GraphQLInt, GraphQLLeafType, GraphQLString, Undefined
from msgspec import inspect

from custgraph.execution.plan.run import Surprise

Kind = inspect.Type | None
"""What is known of a value that is not null; None: nothing."""


def kinds_of(records: Mapping[str, type]) -> dict[str, dict[str, Kind]]:
    """Tells what is known of the attributes of each type's record; one that is missing may be anything."""
    structs = {name: record for name, record in records.items() if issubclass(record, msgspec.Struct)}
    described = inspect.multi_type_info(structs.values())
    return {
        name: {field.name: _without_null(field.type) for field in struct.fields}
        for name, struct in zip(structs, described, strict=True)
        if isinstance(struct, inspect.StructType)
    }


def _without_null(type_: inspect.Type) -> Kind:
    if not isinstance(type_, inspect.UnionType):
        return type_
    others = [member for member in type_.types if not isinstance(member, inspect.NoneType)]
    return others[0] if len(others) == 1 else None


def is_plain(type_: GraphQLLeafType, kind: Kind) -> bool:
    """Says whether a value of this kind is its own written form."""
    if type_ is GraphQLString or type_ is GraphQLID:
        return isinstance(kind, inspect.StrType)
    if type_ is GraphQLFloat:  # one within bounds is finite
        return isinstance(kind, inspect.FloatType) and kind.ge is not None and kind.le is not None
    return type_ is GraphQLBoolean and isinstance(kind, inspect.BoolType)


def leaf_expression(type_: GraphQLLeafType, kind: Kind, value: str, bind: Callable[[str, Any], str]) -> str:
    """Gives the source of what writes a value that is not null.

    Args:
        type_: the leaf's type.
        kind: what is known of the value.
        value: the name of the variable that holds it.
        bind: makes an object known to the source and gives its name there.
    """
    if is_plain(type_, kind):
        return value
    if type_ is GraphQLID and isinstance(kind, inspect.IntType):
        return f"str({value})"
    if type_ is GraphQLInt and isinstance(kind, inspect.IntType):
        return f"({value} if -2147483648 <= {value} <= 2147483647 else surprise())"
    if type_ is GraphQLFloat and isinstance(kind, inspect.FloatType):
        return f"({value} if {value} - {value} == 0.0 else surprise())"  # a finite one
    if type_ is GraphQLString or type_ is GraphQLID:
        return f"({value} if type({value}) is str else {bind('write', _writer(type_))}({value}))"
    if kind is None:
        return f"{bind('write', _writer(type_))}({value})"
    written = f"(written := {bind('coerce', type_.coerce_output_value)}({value}))"
    return f"(surprise() if {written} is None or written is Undefined else written)"


def _writer(type_: GraphQLLeafType) -> Callable[[Any], Any]:
    """Gives the function that writes any value of a leaf type; it raises for one that graphql-core would refuse."""
    coerce = type_.coerce_output_value

    def write(value: Any) -> Any:
        if isinstance(value, Exception):
            raise Surprise
        written = coerce(value)
        if written is None or written is Undefined:
            raise Surprise
        return written

    return write
