"""Variables: coerced as graphql-core does it, refused in our own words."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import OperationDefinitionNode, parse
from graphql.execution.values import get_variable_values
from hypothesis import given
from hypothesis import strategies as st

from custgraph.execution.faults import Refusal
from custgraph.execution.variables import MAX_NESTING, VariableCoercer
from support.shop import schema_with

CANARY = "eve@canary.example"
SCHEMA = schema_with({})
TYPES = (
    "Int",
    "Int!",
    "String",
    "Boolean!",
    "Float",
    "ID!",
    "[ID!]",
    "[ID!]!",
    "[[Int]!]",
    "Color",
    "Filter",
    "Strict!",
)


def operation_with(*types: str) -> OperationDefinitionNode:
    variables = ", ".join(f"$v{index}: {type_}" for index, type_ in enumerate(types))
    (operation,) = parse(f"query ({variables}) {{ __typename }}").definitions
    assert isinstance(operation, OperationDefinitionNode)
    return operation


def coerce(type_: str, *value: Any, hide_suggestions: bool = False) -> dict[str, Any] | Refusal:
    coercer = VariableCoercer(SCHEMA, operation_with(type_), hide_suggestions=hide_suggestions)
    return coercer.coerce({"v0": value[0]} if value else {})


@pytest.mark.parametrize(
    ("type_", "value", "messages"),
    [
        ("Int", "1", ["Variable '$v0' must be of type 'Int'."]),
        ("Int", 1.5, ["Variable '$v0' must be of type 'Int'."]),
        ("Int", True, ["Variable '$v0' must be of type 'Int'."]),
        ("Int", 2**31, ["Variable '$v0' must be of type 'Int'."]),
        ("Int!", None, ["Variable '$v0' is required: it must be of type 'Int!'."]),
        ("[Int!]", [1, None, "x"], [
            "Variable '$v0[1]' is required: it must be of type 'Int!'.",
            "Variable '$v0[2]' must be of type 'Int'.",
        ]),
        ("Color", "BLUE", ["Variable '$v0' must be of type 'Color'."]),
        ("Filter", 3, ["Variable '$v0' must be an object of type 'Filter'."]),
        ("Filter", {"strict": {}}, ["Variable '$v0.strict.level' is required: it must be of type 'Int!'."]),
        ("Filter", {"nam": 1}, ["Variable '$v0' has a member that 'Filter' does not define. Did you mean 'name'?"]),
        ("Filter", {CANARY: 1}, ["Variable '$v0' has a member that 'Filter' does not define."]),
        ("Filter", {"ids": [1, {}]}, ["Variable '$v0.ids[1]' must be of type 'ID'."]),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_path(type_: str, value: Any, messages: list[str]) -> None:
    refusal = coerce(type_, value)
    assert isinstance(refusal, Refusal)
    assert [fault.message for fault in refusal.faults] == messages
    assert {fault.code for fault in refusal.faults} == {"BAD_USER_INPUT"}
    assert [(place.line, place.column) for place in refusal.faults[0].locations] == [(1, 8)]


def test_a_required_variable_must_be_given() -> None:
    refusal = coerce("Int!")
    assert isinstance(refusal, Refusal)
    assert refusal.faults[0].message == "Variable '$v0' is required: it must be of type 'Int!'."


def test_names_of_the_schema_are_not_suggested_when_hidden() -> None:
    refusal = coerce("Filter", {"nam": 1}, hide_suggestions=True)
    assert isinstance(refusal, Refusal)
    assert refusal.faults[0].message == "Variable '$v0' has a member that 'Filter' does not define."


def test_few_of_many_mistakes_are_told() -> None:
    refusal = coerce("[Int!]", [None] * 10_000)
    assert isinstance(refusal, Refusal)
    assert len(refusal.faults) == 5


@pytest.mark.parametrize("type_", ["[[Int]!]", "Filter", "Int", "ID"])
@pytest.mark.parametrize("depth", [MAX_NESTING, 1000, 100_000])
def test_deep_values_are_refused_without_recursion(type_: str, depth: int) -> None:
    value: Any = 1
    for level in range(depth):
        value = [value] if level % 2 else {"a": value}
    refusal = coerce(type_, value)
    assert isinstance(refusal, Refusal)
    if depth > MAX_NESTING:
        assert refusal.faults[0].message == "Variable '$v0' is nested too deeply."


leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**40), 2**40),
    st.floats(allow_nan=True),
    st.just(CANARY),
    st.sampled_from(["RED", "1", ""]),
)
values = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["ids", "name", "strict", "level", "text", CANARY]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.lists(st.tuples(st.sampled_from(TYPES), values, st.booleans()), min_size=1, max_size=3))
def test_the_same_values_are_taken_as_by_graphql_core(given_: list[tuple[str, Any, bool]]) -> None:
    operation = operation_with(*(type_ for type_, _, _ in given_))
    inputs = {f"v{index}": value for index, (_, value, sent) in enumerate(given_) if sent}
    ours = VariableCoercer(SCHEMA, operation, hide_suggestions=False).coerce(inputs)
    theirs = get_variable_values(SCHEMA, operation.variable_definitions or (), inputs)
    if isinstance(ours, Refusal):
        assert isinstance(theirs, list)
        assert CANARY not in str(ours)
    else:
        assert not isinstance(theirs, list)
        assert ours == theirs.coerced


@given(st.sampled_from(TYPES), values)
def test_whatever_is_refused_is_told_why(type_: str, value: Any) -> None:
    outcome = coerce(type_, value)
    if isinstance(outcome, Refusal):
        assert outcome.faults


def test_defaults_are_used_and_null_is_not_absent() -> None:
    (operation,) = parse("query ($n: Int = 3, $f: Filter = { strict: { level: 1 } }) { __typename }").definitions
    assert isinstance(operation, OperationDefinitionNode)
    coercer = VariableCoercer(SCHEMA, operation, hide_suggestions=False)
    absent, null = coercer.coerce(None), coercer.coerce({"n": None, "f": None})
    assert absent == {"n": 3, "f": {"strict": {"level": 1, "text": "a"}}}
    assert null == {"n": None, "f": None}
