"""What an executor is told of the schema: how fields get their values, and what they cost."""

from __future__ import annotations

from typing import Any

from graphql import (
    DirectiveNode,
    GraphQLObjectType,
    ObjectTypeDefinitionNode,
    parse,
    value_from_ast_untyped,
)

from custgraph.schema.dialects import sdl
from custgraph.steps import Attribute, Blueprint, Price


def test_every_field_has_a_step_and_every_object_its_record(blueprint: Blueprint) -> None:
    objects = [
        type_
        for type_ in blueprint.schema.type_map.values()
        if isinstance(type_, GraphQLObjectType) and not type_.name.startswith("__")
    ]
    assert blueprint.steps.keys() == {(type_.name, name) for type_ in objects for name in type_.fields}
    assert blueprint.records.keys() == {type_.name for type_ in objects} - {"Query", "Mutation"}


def test_every_attribute_is_one_of_its_record(blueprint: Blueprint) -> None:
    for (type_name, field), step in blueprint.steps.items():
        if isinstance(step, Attribute):
            assert hasattr(blueprint.records[type_name], step.name), (type_name, field)


def test_the_directives_say_what_the_prices_say(blueprint: Blueprint) -> None:
    said = {}
    for type_ in parse(sdl(blueprint, "federation")).definitions:
        if isinstance(type_, ObjectTypeDefinitionNode):
            for field in type_.fields or ():
                said[type_.name.value, field.name.value] = {
                    directive.name.value: _arguments(directive)
                    for directive in field.directives or ()
                    if directive.name.value in ("cost", "listSize")
                }
    priced = {name: price for name, price in blueprint.prices.items() if not name[1].startswith("_")}
    assert {name: _as_directives(price) for name, price in priced.items()} == {name: said[name] for name in priced}
    assert {name for name, directives in said.items() if directives} <= priced.keys()


def _arguments(directive: DirectiveNode) -> dict[str, Any]:
    return {argument.name.value: value_from_ast_untyped(argument.value) for argument in directive.arguments or ()}


def _as_directives(price: Price) -> dict[str, Any]:
    found: dict[str, Any] = {} if price.weight is None else {"cost": {"weight": price.weight}}
    if price.slicing:
        found["listSize"] = {"assumedSize": price.assumed}
        if price.sized:
            found["listSize"]["sizedFields"] = list(price.sized)
        if price.slicing == ("first", "last"):
            found["listSize"] |= {"slicingArguments": ["first", "last"], "requireOneSlicingArgument": False}
        else:  # a list of keys: federation takes no argument but an integer
            assert price.assumed == 200
    return found


def test_every_price_is_for_a_field_that_is_there(blueprint: Blueprint) -> None:
    for (type_name, field_name), price in blueprint.prices.items():
        type_ = blueprint.schema.get_type(type_name)
        assert isinstance(type_, GraphQLObjectType)
        field = type_.fields[field_name]
        assert set(price.slicing) <= field.args.keys()
        children = getattr(getattr(field.type, "of_type", field.type), "fields", {})
        assert {*price.sized, *price.bill.selected} <= children.keys()


def test_every_read_that_asks_the_upstream_has_a_bill(blueprint: Blueprint) -> None:
    """But for those that ask nothing: the enterprises by id, and the balance, which comes with the customer."""
    free = {("Query", "enterprise"), ("Query", "enterprisesByIds"), ("Customer", "balance")}
    reads = {name for name, step in blueprint.steps.items() if type(step).__name__ == "Read"}
    billed = {name for name, price in blueprint.prices.items() if price.bill.calls or price.bill.loader}
    assert reads - free == billed
