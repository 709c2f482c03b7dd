"""The arguments of a read, as its field's resolver would get them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    ArgumentNode,
    FieldNode,
    GraphQLArgument,
    GraphQLField,
    ListValueNode,
    NonNullTypeNode,
    ObjectValueNode,
    ValueNode,
    VariableDefinitionNode,
    VariableNode,
    is_non_null_type,
)
from graphql.execution.values import VariableValues, get_argument_values

from custgraph.execution.plan.run import Run


@dataclass(frozen=True, slots=True)
class Arguments:
    """How to get the arguments of one field: all of them known beforehand or straight from variables, or made anew.

    Attributes:
        constants: those that no variable has a part in.
        variables: those that are just a variable that surely has a value, by name: the variable's name.
        make: makes all of them for one request; None where the other two say it all.
    """

    constants: Mapping[str, Any]
    variables: Mapping[str, str]
    make: Callable[[Run], dict[str, Any]] | None = None


def arguments_of(
    definition: GraphQLField, node: FieldNode, variables: Mapping[str, VariableDefinitionNode]
) -> Arguments:
    """Finds the cheapest way to a field's arguments that gives what graphql-core's coercion gives."""
    direct: dict[str, str] = {}
    given: list[ArgumentNode] = []
    for argument in node.arguments or ():
        name, value = argument.name.value, argument.value
        declared = definition.args[name]
        if isinstance(value, VariableNode) and _surely_has_value(variables[value.name.value], declared):
            direct[declared.out_name or name] = value.name.value
        elif _has_variable(value):
            return Arguments({}, {}, _maker(definition, node))
        else:
            given.append(argument)
    rest = {name: declared for name, declared in definition.args.items() if (declared.out_name or name) not in direct}
    constants = get_argument_values(
        GraphQLField(definition.type, args=rest), FieldNode(name=node.name, arguments=tuple(given))
    )
    return Arguments(constants, direct)


def _surely_has_value(variable: VariableDefinitionNode, argument: GraphQLArgument) -> bool:
    """Whether the variable's coerced value is there, and null only where the argument takes null."""
    if isinstance(variable.type, NonNullTypeNode):
        return True
    return variable.default_value is not None and not is_non_null_type(argument.type)


def _has_variable(value: ValueNode) -> bool:
    if isinstance(value, ListValueNode):
        return any(map(_has_variable, value.values))
    if isinstance(value, ObjectValueNode):
        return any(_has_variable(field.value) for field in value.fields)
    return isinstance(value, VariableNode)


def _maker(definition: GraphQLField, node: FieldNode) -> Callable[[Run], dict[str, Any]]:
    def make(run: Run) -> dict[str, Any]:
        made = run.arguments.get(make)
        if made is None:
            made = get_argument_values(definition, node, VariableValues({}, dict(run.variables)))
            run.arguments[make] = made
        return made

    return make
