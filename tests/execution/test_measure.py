"""The linear pass counts what an expanding walk counts."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import FragmentDefinitionNode, OperationDefinitionNode, parse
from hypothesis import given, settings
from hypothesis import strategies as st

from custgraph.execution.limits import Measurer, Measures, Tariff
from custgraph.execution.limits.amounts import CEILING
from support.naive_measure import Naive
from support.pace import in_parsings
from support.shop import blueprint_with

BLUEPRINT = blueprint_with(steps=True)
TARIFF = Tariff(BLUEPRINT)


def measure(text: str, variables: dict[str, Any] | None = None) -> dict[str, int]:
    """Measures the first operation of a document."""
    return flat(measures_of(text), variables or {})


def measures_of(text: str) -> Measures:
    document = parse(text)
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    operation = next(node for node in document.definitions if isinstance(node, OperationDefinitionNode))
    return Measurer(TARIFF, fragments).measure(operation)


def flat(measures: Measures, variables: dict[str, Any]) -> dict[str, int]:
    cost, calls = measures.amounts.compute(variables)
    return {
        "depth": measures.depth,
        "aliases": measures.aliases,
        "root_fields": measures.root_fields,
        "directives": measures.directives,
        "fields": measures.fields,
        "cost": cost,
        "calls": calls,
    }


@pytest.mark.parametrize(
    ("query", "cost", "calls"),
    [
        ("{ __typename }", 1, 0),
        ("{ item(id: 1) { id } }", 2, 1),
        ("{ a: item(id: 1) { id } b: item(id: 2) { id } }", 3, 1),  # one list call for both
        ("{ items(ids: [1, 2, 3]) { id } }", 4, 1),
        ("{ items(ids: 1) { id } }", 2, 1),
        ("{ items(ids: 12) { id } }", 2, 1),  # a list of one, whatever the number
        ("{ items(ids: 1" + "0" * 5_000 + ") { id } }", 2, 1),
        ('{ items(ids: ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11"]) { id } }', 12, 2),
        ("{ page { items { id } } }", 22, 1),  # root, page, 20 items
        ("{ page { total items { id } } }", 22, 2),
        ("{ page(first: 5) { edges { item { id } } } }", 12, 1),
        ("{ page(first: 5, last: 7) { items { id } } }", 9, 1),
        ("{ page(first: null) { items { id } } }", 22, 1),
        ("{ page(first: 5000) { items { id } } }", 102, 1),  # refused above 100
        ("{ page(first: 5) { items { name } } }", 17, 1 + 2),  # five names through a loader of four
        ("{ page(first: 5) { items { other { id } } } }", 12, 1 + 5 + 1),  # five keys, five calls and one list call
        ("{ item(id: 1) { parts { id } } }", 1 + 1 + 4 * 3, 1),
        ("{ node(id: 1) { related { id } } }", 1 + 1 + 1, 3),  # what an Item's costs, for it may be one
        ('mutation { add(name: "x") { problem } }', 11, 2),
        ('mutation { add(name: "x") { item { id } } }', 12, 3),
        ("mutation { a: remove(id: 1) { problem } b: remove(id: 2) { problem } }", 21, 2),  # one after the other
    ],
)
def test_prices(query: str, cost: int, calls: int) -> None:
    assert (measure(query)["cost"], measure(query)["calls"]) == (cost, calls)


@pytest.mark.parametrize(
    ("value", "cost"),
    [(None, 22), (1, 3), (0, 2), (-4, 22), (100, 102), (5000, 102)],
)
def test_sizes_come_from_variables(value: int | None, cost: int) -> None:
    query = "query ($n: Int) { page(first: $n) { items { id } } }"
    assert measure(query, {"n": value})["cost"] == cost
    assert measure(query)["cost"] == 22  # not given
    assert measure("query ($i: [ID!]!) { items(ids: $i) { id } }", {"i": ["1"] * 30})["calls"] == 3


def test_amounts_without_variables_are_numbers_from_the_start() -> None:
    assert measures_of("{ page(first: 5) { items { name } } }").amounts.sizes == ()
    assert measures_of("query ($n: Int) { page(first: $n) { total } }").amounts.sizes == ()  # no item is asked for
    assert len(measures_of("query ($n: Int) { page(first: $n) { items { id } } }").amounts.sizes) == 1


def test_width_and_depth() -> None:
    query = """
    query ($a: Boolean = true @skip(if: true)) @include(if: true) {
      x: page { ...P @include(if: $a) ... @skip(if: $a) { ...P } }
      page { ...P }
    }
    fragment P on Page @skip(if: true) { t: total items { ... on Item { id i: id } } }
    """
    measured = measure(query)
    assert measured["depth"] == 3
    assert measured["root_fields"] == 2
    assert measured["aliases"] == 1 + 3 * 2
    assert measured["fields"] == 2 + 3 * 4
    assert measured["directives"] == 2 + 2 + 3


@pytest.mark.parametrize("doublings", [18, 27, 80])
async def test_doubling_fragments_cost_next_to_nothing(doublings: int) -> None:
    text = "query ($n: Int) { page(first: $n) { items { ...F0 } } } " + " ".join(
        f"fragment F{index} on Item {{ ...F{index + 1} ...F{index + 1} }}" for index in range(doublings)
    )
    text += f" fragment F{doublings} on Item {{ x: name page(first: $n) {{ items {{ id }} }} }}"

    async def measure_new(_attempt: int) -> tuple[Measures, int]:
        measures = measures_of(text)
        return measures, measures.amounts.compute({"n": 100})[0]

    effort, (measures, cost) = await in_parsings(measure_new)
    assert effort < 4
    assert measures.aliases == min(2**doublings, CEILING)
    assert cost == min(CEILING, 1 + 1 + 100 * (1 + 2**doublings * (2 + 1 + 100)))


# Random documents: fields by the type that has them, fragments that spread only later ones.

LEAVES = {
    "Query": ["__typename"],
    "Mutation": ["__typename"],
    "Added": ["problem"],
    "Item": ["id", "name", "__typename"],
    "Node": ["id", "__typename"],
    "Page": ["total", "__typename", "__typename"],
    "Edge": ["cursor"],
}
BRANCHES = {
    "Query": [("item(id: 1)", "Item"), ("items(ids: IDS)", "Item"), ("page(SLICE)", "Page"), ("node(id: 1)", "Node")],
    "Mutation": [("add(name: 1)", "Added"), ("remove(id: 1)", "Added")],
    "Added": [("item", "Item")],
    "Item": [("other", "Item"), ("parts", "Item"), ("page(SLICE)", "Page"), ("related", "Node"), ("page", "Page")],
    "Node": [("related", "Node")],
    "Page": [("edges", "Edge"), ("items", "Item")],
    "Edge": [("item", "Item")],
}
SUBTYPES = {"Node": "Item"}
IDS = ["[]", "[1]", "[1, 2, 3]", "1", "$ids", "[$id]"]
SLICES = ["first: $a", "last: 3", "first: $b, last: $a", "first: null", "first: 7"]
FRAGMENTS = ["Page", "Item", "Item", "Node", "Edge"]
directives = st.sampled_from(["", "", "", "@include(if: true)", "@skip(if: $c) @include(if: true)"])
aliases = st.sampled_from(["", "", "x: "])


@st.composite
def selections(draw: st.DrawFn, type_: str, depth: int, first_fragment: int) -> str:
    parts = []
    for _ in range(draw(st.integers(1, 3))):
        kind = draw(st.integers(0, 5))
        if kind <= 2 and depth > 0:
            field, inner = draw(st.sampled_from(BRANCHES[type_]))
            field = field.replace("IDS", draw(st.sampled_from(IDS))).replace("SLICE", draw(st.sampled_from(SLICES)))
            below = draw(selections(inner, depth - 1, first_fragment))
            parts.append(f"{draw(aliases)}{field} {draw(directives)} {{ {below} }}")
        elif kind == 3 and depth > 0:
            inner = SUBTYPES.get(type_, type_)
            condition = draw(st.sampled_from(["", f"on {inner}"]))
            below = draw(selections(inner if condition else type_, depth - 1, first_fragment))
            parts.append(f"... {condition} {draw(directives)} {{ {below} }}")
        elif kind == 4:
            spreadable = [
                index
                for index in range(first_fragment, len(FRAGMENTS))
                if FRAGMENTS[index] in (type_, SUBTYPES.get(type_))
            ]
            parts += [f"...F{draw(st.sampled_from(spreadable))} {draw(directives)}"] if spreadable else []
        parts.append(f"{draw(aliases)}{draw(st.sampled_from(LEAVES[type_]))}")
    return " ".join(parts)


@st.composite
def documents(draw: st.DrawFn) -> str:
    root = draw(st.sampled_from(["Query", "Query", "Query", "Mutation"]))
    parts = [f"{root.lower()} {draw(directives)} {{ {draw(selections(root, 3, 0))} }}"]
    parts += [
        f"fragment F{index} on {type_} {draw(directives)} {{ {draw(selections(type_, 2, index + 1))} }}"
        for index, type_ in enumerate(FRAGMENTS)
    ]
    return " ".join(parts)


@settings(max_examples=100, deadline=None)
@given(documents(), st.integers(-2, 150), st.none() | st.integers(0, 9), st.integers(0, 60))
def test_the_pass_counts_what_an_expanding_walk_counts(text: str, a: int, b: int | None, ids: int) -> None:
    variables = {"a": a, "b": b, "ids": ["1"] * ids, "id": "1", "c": True}
    assert measure(text, variables) == Naive(BLUEPRINT, parse(text), variables).measure()
