"""A plan's reads get the arguments that graphql-core would give the resolver."""

from __future__ import annotations

from typing import Any

import pytest

from support.toy import Toy
from support.toyschema import Author, Context

DECLARED = {
    "first": "Int",
    "range": "Range",
    "to": "Int",
    "tag": 'String! = "t"',
    "mood": "Mood",
    "title": "String",
}
CALLS = [
    "shelf",
    "shelf(first: 5)",
    "shelf(first: null)",
    "shelf(first: $first)",
    "shelf(first: $first, range: $range, mood: $mood, title: $title)",
    "shelf(range: {to: $to})",
    'shelf(range: {to: 3, tags: [$tag, "u"]}, mood: CALM)',
    "shelf(range: {tags: [$tag]})",
    'shelf(range: {}, title: "c")',
    "shelf(range: null)",
]
VARIABLES: list[dict[str, Any]] = [
    {},
    {"first": 3, "to": 4, "tag": "x", "mood": "GRUMPY", "title": "c"},
    {"first": None, "to": None, "mood": None},
    {"range": {"to": 2, "tags": "one"}, "tag": "only"},
    {"range": {"from": None}},
    {"range": None},
]


@pytest.mark.parametrize("call", CALLS)
async def test_arguments_are_those_of_graphql_core(call: str) -> None:
    used = [name for name in DECLARED if f"${name}" in call]
    declared = ", ".join(f"${name}: {DECLARED[name]}" for name in used)
    query = f"query {f'({declared})' if used else ''} {{ {call} {{ id }} }}"
    for variables in VARIABLES:
        given = {name: value for name, value in variables.items() if name in used}
        toy = Toy()
        contexts = Context(), Context()
        await toy.planned(query, given, contexts[0])
        await toy.generally(query, given, contexts[1])
        assert contexts[0].calls == contexts[1].calls
        assert toy.fell_back == 0


async def test_a_null_where_none_may_be_is_left_to_graphql_core() -> None:
    toy = Toy()
    query = "query ($to: Int = 1) { counted(to: $to) }"
    assert (await toy.both(query)).data == {"counted": "to 1"}
    assert (await toy.both(query, {"to": 2})).data == {"counted": "to 2"}
    assert toy.fell_back == 0
    assert (await toy.both(query, {"to": None})).data == {"counted": None}
    assert toy.fell_back == 1


async def test_variables_of_one_request_never_reach_another() -> None:
    toy = Toy()
    query = "query ($id: ID!, $to: Int) { book(id: $id) { id } shelf(range: {to: $to}) { id } }"
    plan = toy.plan(query)
    assert plan is not None
    for id_ in ("1", "2"):
        context = Context()
        variables = toy.coerced(query, {"id": id_, "to": int(id_)}).coerced
        await plan.run(context, variables, None)  # type: ignore[arg-type]  # it is not asked
        assert context.calls == [f"book {id_}", f"shelf {{'first': 2, 'range': {{'from': 1, 'to': {id_}}}}}"]


async def test_every_row_is_read_with_the_same_arguments() -> None:
    toy = Toy()
    context = Context()
    context.values = {"anything": [Author(id_, None) for id_ in (2, 3)]}
    await toy.planned(
        "query ($to: Int) { anything { ... on Author { books(first: $to) { id } } } }", {"to": 4}, context
    )
    assert context.calls == ["anything", "written 2 {'first': 4} 1", "written 3 {'first': 4} 1"]
