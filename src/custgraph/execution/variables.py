"""Coerces variables. What is wrong is said without the value: it may be personal data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from graphql import (
    GraphQLBoolean,
    GraphQLError,
    GraphQLID,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    GraphQLString,
    OperationDefinitionNode,
    Undefined,
    get_nullable_type,
    is_required_input_field,
)
from graphql.execution.get_variable_signature import GraphQLVariableSignature, get_variable_signature
from graphql.language import SourceLocation, get_location
from graphql.pyutils import did_you_mean, suggestion_list
from graphql.utilities.coerce_input_value import coerce_default_value, coerce_input_value

from custgraph.errors import CustgraphError, InvalidArgument
from custgraph.execution.faults import Fault, Refusal

MAX_NESTING: Final = 64
"""Deepest value of a variable; the inputs of a schema nest far less."""

MAX_FAULTS: Final = 5

_AS_THEY_ARE: Final = {id(GraphQLString): str, id(GraphQLID): str, id(GraphQLBoolean): bool}
"""Python types whose values these scalars take as they are."""

Path = tuple[str | int, ...]


class VariableCoercer:
    """The variables of one operation, looked up in the schema once."""

    __slots__ = ("_hide_suggestions", "_signatures")

    def __init__(self, schema: GraphQLSchema, operation: OperationDefinitionNode, *, hide_suggestions: bool) -> None:
        self._hide_suggestions = hide_suggestions
        self._signatures: list[tuple[GraphQLVariableSignature, type | None, SourceLocation | None]] = []
        for definition in operation.variable_definitions or ():
            signature = get_variable_signature(schema, definition)
            if isinstance(signature, GraphQLError):
                raise TypeError(signature.message)  # validation has seen to it
            place = get_location(definition.loc.source, definition.loc.start) if definition.loc else None
            self._signatures.append((signature, _AS_THEY_ARE.get(id(get_nullable_type(signature.type))), place))

    def coerce(self, inputs: Mapping[str, Any] | None) -> dict[str, Any] | Refusal:
        """Gives the values that an operation runs with, or says what is wrong with them."""
        inputs = inputs or {}
        coerced: dict[str, Any] = {}
        faults: list[Fault] = []
        for signature, as_it_is, place in self._signatures:
            name, type_, default, _ = signature
            value = inputs.get(name, Undefined)
            if type(value) is as_it_is:
                coerced[name] = value
                continue
            if value is Undefined:
                if default is not None:
                    coerced[name] = coerce_default_value(signature)
                    continue
                if not isinstance(type_, GraphQLNonNull):
                    continue
            good = Undefined if _too_deep(value) else coerce_input_value(value, type_)
            if good is Undefined:
                faults += self._faults(name, value, type_, place)
            else:
                coerced[name] = good
        return Refusal(tuple(faults[:MAX_FAULTS])) if faults else coerced

    def _faults(self, name: str, value: Any, type_: GraphQLInputType, place: SourceLocation | None) -> Iterator[Fault]:
        locations = (place,) if place else ()
        if _too_deep(value):
            yield Fault(f"Variable '${name}' is nested too deeply.", InvalidArgument.code, locations)
            return
        for path, what in _mistakes(value, type_, (), hide_suggestions=self._hide_suggestions):
            yield Fault(f"Variable '${name}{_spelled(path)}' {what}", InvalidArgument.code, locations)


def _too_deep(value: Any) -> bool:
    """Measures without recursion: the value is whatever a client sent."""
    if not isinstance(value, dict | list):
        return False
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > MAX_NESTING:
            return True
        level = [
            member
            for holder in level
            for member in (holder.values() if isinstance(holder, dict) else holder)
            if isinstance(member, dict | list)
        ]
    return False


def _mistakes(value: Any, type_: GraphQLInputType, path: Path, *, hide_suggestions: bool) -> Iterator[tuple[Path, str]]:
    if isinstance(type_, GraphQLNonNull):
        if value is None or value is Undefined:
            yield path, f"is required: it must be of type '{type_}'."
            return
        type_ = type_.of_type
    if value is None:
        return
    if isinstance(type_, GraphQLList):
        if isinstance(value, list):
            for index, item in enumerate(value):
                yield from _mistakes(item, type_.of_type, (*path, index), hide_suggestions=hide_suggestions)
        else:
            yield from _mistakes(value, type_.of_type, path, hide_suggestions=hide_suggestions)
    elif isinstance(type_, GraphQLInputObjectType):
        yield from _mistakes_of_object(value, type_, path, hide_suggestions=hide_suggestions)
    else:
        yield from _mistakes_of_leaf(value, type_, path)


def _mistakes_of_object(
    value: Any, type_: GraphQLInputObjectType, path: Path, *, hide_suggestions: bool
) -> Iterator[tuple[Path, str]]:
    if not isinstance(value, dict):
        yield path, f"must be an object of type '{type_}'."
        return
    for name, field in type_.fields.items():
        member = value.get(name, Undefined)
        if member is not Undefined:
            yield from _mistakes(member, field.type, (*path, name), hide_suggestions=hide_suggestions)
        elif is_required_input_field(field):
            yield (*path, name), f"is required: it must be of type '{field.type}'."
    for name in value:
        if name not in type_.fields:
            near = "" if hide_suggestions else did_you_mean(suggestion_list(name[:64], list(type_.fields)))
            yield path, f"has a member that '{type_}' does not define.{near}"
    if type_.is_one_of and (len(value) != 1 or None in value.values()):
        yield path, f"must have exactly one member of '{type_}', and not null."


def _mistakes_of_leaf(value: Any, type_: Any, path: Path) -> Iterator[tuple[Path, str]]:
    try:
        if type_.coerce_input_value(value) is not Undefined:
            return
    except Exception as error:  # noqa: BLE001 - any scalar's refusal
        cause = getattr(error, "original_error", None) or error
        if isinstance(cause, CustgraphError):
            yield path, f"is not valid: {cause.message}"
            return
    yield path, f"must be of type '{type_}'."


def _spelled(path: Sequence[str | int]) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
