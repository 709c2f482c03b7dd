"""Which operations have a plan, and what of them it runs: conditions, fragments, merging."""

from __future__ import annotations

import gc
from dataclasses import replace
from itertools import product

import pytest
from graphql import GraphQLField, GraphQLObjectType, GraphQLString

from custgraph.execution.plan import Planner
from custgraph.execution.plan.plan import MAX_VARIANTS
from custgraph.steps import Attribute, Derived, Read
from support.toy import Toy
from support.toyschema import Context, late, make_blueprint

CONDITIONS = """
query ($a: Boolean!, $b: Boolean = true) {
  version @skip(if: $a) __typename @include(if: $b)
  book(id: 1) @include(if: $b) { id ...F @skip(if: $a) ... @include(if: $a) { subtitle } sequel @skip(if: true) { id } }
  ...R @include(if: $a) @skip(if: $b)
}
fragment F on Book { title id ... on Book @include(if: $b) { sequel { id } } }
fragment R on Query { late }
"""


@pytest.mark.parametrize(("a", "b"), [*product([False, True], repeat=2)])
async def test_conditions_are_decided_by_their_variables(*, a: bool, b: bool) -> None:
    toy = Toy()
    await toy.both(CONDITIONS, {"a": a, "b": b})
    assert toy.fell_back == 0


async def test_a_condition_without_a_boolean_is_left_to_graphql_core() -> None:
    toy = Toy()
    result = await toy.both(CONDITIONS, {"a": True, "b": None})
    assert result.data is None
    assert toy.fell_back == 1


async def test_the_compiled_variants_are_bounded() -> None:
    names = "abcd"
    query = f"query ({' '.join(f'${name}: Boolean!' for name in names)}) {{ version "
    query += " ".join(f"{name}: late @skip(if: ${name})" for name in names) + "}"
    toy = Toy()
    plan = toy.plan(query)
    assert plan is not None
    went_through = 0
    for values in product([False, True], repeat=4):
        variables = dict(zip(names, values, strict=True))
        toy.fell_back = 0

        async def general(_replay: object) -> None:
            toy.fell_back += 1

        await plan.run(Context(), variables, general)  # type: ignore[arg-type]  # it need give nothing
        went_through += not toy.fell_back
    assert went_through == MAX_VARIANTS


async def test_fields_merge_as_graphql_core_merges_them() -> None:
    toy = Toy()
    result = await toy.both(
        """{ thing(id: 10) { ...A } thing(id: 10) { ... on Author { books { id } } ...A id } }
        fragment A on Thing { __typename ... on Author { books { title } name } ...B }
        fragment B on Thing { ... on Author { name books { __typename } } }"""
    )
    assert result.data == {
        "thing": {
            "__typename": "Author",
            "books": [{"title": "Emma", "__typename": "Book", "id": id_} for id_ in ("1", "2")],
            "name": "Jane",
            "id": "10",
        }
    }
    assert toy.fell_back == 0


async def test_what_a_read_wants_is_asked_of_all_its_nodes() -> None:
    context = Context()
    query = "{ thing(id: 10) { ... on Author { books { id } ...F } } } fragment F on Author { books { title } }"
    await Toy().planned(query, context=context)
    assert context.calls == ["thing 10", "written 10 {} 2"]


@pytest.mark.parametrize("query", ["{ __typename }", "{ a: __typename version }", "{ late @skip(if: true) }"])
async def test_operations_that_read_nothing(query: str) -> None:
    toy = Toy()
    await toy.both(query)
    assert toy.fell_back == 0


@pytest.mark.parametrize(
    "query",
    [
        "{ __schema { queryType { name } } }",
        '{ version __type(name: "Book") { name } }',
        "{ book(id: 1) { ...F } } fragment F on Book { author { unknownStep: name } }",
    ],
)
def test_introspection_and_fields_without_a_step_have_no_plan(query: str) -> None:
    blueprint = make_blueprint()
    steps = {name: step for name, step in blueprint.steps.items() if name != ("Author", "name")}
    assert Toy(replace(blueprint, steps=steps)).plan(query) is None


async def test_a_resolver_that_is_added_to_a_plain_type_is_called() -> None:
    blueprint = make_blueprint()
    book = blueprint.schema.type_map["Book"]
    assert isinstance(book, GraphQLObjectType)
    called: list[object] = []

    def resolve(source: object, _info: object) -> str:
        called.append(source)
        return "made up"

    book.fields["review"] = GraphQLField(GraphQLString, resolve=resolve)
    toy = Toy(blueprint)
    query = "{ book(id: 1) { id review } }"
    assert toy.plan(query) is None
    assert toy.plan("{ book(id: 1) { id } }") is not None
    assert (await toy.generally(query)).data == {"book": {"id": "1", "review": "made up"}}
    assert len(called) == 1


def test_a_document_too_large_or_too_deep_has_no_plan() -> None:
    toy = Toy()
    assert toy.plan("{ " + " ".join(f"v{number}: version" for number in range(2_001)) + " }") is None
    assert toy.plan("{ book(id: 1) " + "{ sequel " * 60 + "{ id }" + " }" * 60 + " }") is None
    assert toy.plan("{ book(id: 1) " + "{ sequel " * 30 + "{ id }" + " }" * 30 + " }") is not None


async def test_no_name_of_a_document_reaches_the_source_but_as_a_text() -> None:
    blueprint = make_blueprint()
    steps = {**blueprint.steps, ("Book", "title"): Attribute("__import__('os')"), ("Query", "version"): Derived(str)}
    assert Toy(replace(blueprint, steps=steps)).plan("{ book(id: 1) { title } }") is None
    query = "{ None: version True: version s: version run: version surprise: version class: version __x_: version }"
    await Toy().both(query)


async def test_all_plans_together_hold_a_bounded_number_of_fields() -> None:
    toy = Toy()
    toy.planner = Planner(toy.blueprint, most=3)
    first = toy.plan("{ a: version b: version }")
    assert first is not None
    assert toy.plan("{ c: version d: version }") is None
    assert toy.plan("{ e: version }") is not None
    del first
    gc.collect()
    assert toy.plan("{ c: version d: version }") is not None


async def test_a_step_that_cannot_look_ahead_costs_the_plan_alone() -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a fault of ours")

    blueprint = make_blueprint()
    toy = Toy(replace(blueprint, steps={**blueprint.steps, ("Query", "late"): Read(late, wants=broken)}))
    assert toy.plan("{ version late }") is None
    assert (await toy.generally("{ version late }")).data == {"version": "1", "late": "done"}


async def test_deep_objects_are_completed_in_functions_of_their_own() -> None:
    toy = Toy()
    query = "{ shelf { author { ...A } coauthors { ...A } sequel { author { ...A } } } } fragment A on Author { id }"
    await toy.both(query)
    assert toy.fell_back == 0
