"""Limits: each refuses what is one too many, names itself and its setting, and lets nothing run."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from graphql import get_introspection_query

from custgraph.config import Settings
from custgraph.execution import Executor
from custgraph.operation import OperationRequest, OperationResult
from custgraph.schema import build_blueprint
from support.pace import in_parsings
from support.shop import Context, Shop, blueprint_with, codes


def repeat(text: str, times: int) -> str:
    return " ".join(text.replace("#", str(index)) for index in range(times))


def doubling(times: int) -> str:
    chain = repeat("", 0) + " ".join(f"fragment F{i} on Query {{ ...F{i + 1} ...F{i + 1} }}" for i in range(times))
    return f"{{ ...F0 }} {chain} fragment F{times} on Query {{ __typename }}"


NAMED = repeat("$v#: ID", 400)

# The limit, a document at it and one beyond it, what the latter measures, and settings.
EDGES: dict[str, tuple[str, str, int, dict[str, int]]] = {
    "source bytes": ("{ __typename }" + " " * 86, "{ __typename }" + " " * 87, 101, {"max_source_bytes": 100}),
    "source bytes, not characters": ("{ __typename } # é", "{ __typename } # éé", 21, {"max_source_bytes": 19}),
    "tokens": ("{ a: __typename b: __typename }", "{ a: __typename b: __typename __typename }", 9, {"max_tokens": 8}),
    "comments": ("# 1\n# 2\n{ __typename }", "# 1\n# 2\n{ __typename } # 3", 3, {"max_comments": 2}),
    "depth": (
        "{ item(id: 1) { other { id } } }",
        "{ ...Q } fragment Q on Query { item(id: 1) { ...I } } fragment I on Item { other { other { id } } }",
        4,
        {"max_depth": 3},
    ),
    "aliases": (
        "{ a: __typename b: __typename }",
        "{ item(id: 1) { ...I ...I ...I } } fragment I on Item { a: id }",
        3,
        {"max_aliases": 2},
    ),
    "root fields": (
        "{ a: __typename b: __typename }",
        "{ ...Q ...Q } fragment Q on Query { a: __typename b: __typename }",
        4,
        {"max_root_fields": 2},
    ),
    "directives": (
        "{ __typename @include(if: true) @skip(if: false) }",
        "{ ...Q @include(if: true) ...Q @include(if: true) } fragment Q on Query { __typename @skip(if: true) }",
        4,
        {"max_directives": 2},
    ),
    "fields": (
        "{ item(id: 1) { id name } }",
        "{ item(id: 1) { ...I ...I } } fragment I on Item { id name }",
        5,
        {"max_fields": 3},
    ),
    "cost": ("{ page(first: 8) { items { id } } }", "{ page(first: 9) { items { id } } }", 11, {"max_cost": 10}),
    "upstream calls": (
        "{ page(first: 4) { items { name } } }",
        "{ page(first: 5) { items { name } total } }",
        4,
        {"max_upstream_calls": 2},
    ),
}


@pytest.mark.parametrize("name", EDGES)
async def test_a_limit_lets_through_what_is_at_it(name: str) -> None:
    inside, _, _, settings = EDGES[name]
    result = await Shop(settings=Settings(**settings)).ask(inside)  # type: ignore[arg-type]  # names of settings
    assert result.executed
    assert "QUERY_TOO_COMPLEX" not in codes(result)


@pytest.mark.parametrize("name", EDGES)
async def test_a_limit_refuses_what_is_beyond_it(name: str) -> None:
    _, outside, measured, settings = EDGES[name]
    ((setting, maximum),) = settings.items()
    shop = Shop(settings=Settings(**settings))  # type: ignore[arg-type]  # names of settings
    for _ in range(2):
        result = await shop.ask(outside)
        assert not result.executed
        assert result.status == 400
        assert result.errors is not None
        (error,) = result.errors
        assert error["extensions"] == {
            "code": "QUERY_TOO_COMPLEX",
            "requestId": "request-1",
            "limit": maximum,
            "measured": measured,
            "setting": f"CUSTGRAPH_{setting.upper()}",
        }
        what = name.partition(",")[0]
        assert error["message"] == f"The operation is too complex: {what} {measured}, where {maximum} is the limit."
    assert shop.context.began == []


async def test_amounts_that_depend_on_variables_are_checked_at_each_request() -> None:
    shop = Shop(settings=Settings(max_cost=20))
    query = "query ($n: Int) { page(first: $n) { items { id } } }"
    for size, executed in ((5, True), (50, False), (18, True), (19, False), (None, False)):
        result = await shop.ask(query, {"n": size} if size else None)
        assert result.executed is executed, size
        if not executed:
            assert codes(result) == ["QUERY_TOO_COMPLEX"]


async def test_every_limit_that_is_passed_is_told() -> None:
    shop = Shop(settings=Settings(max_aliases=1, max_depth=1, max_cost=2))
    result = await shop.ask("{ a: page { b: items { id } } }")
    settings = [error["extensions"]["setting"] for error in result.errors or ()]
    assert settings == ["CUSTGRAPH_MAX_DEPTH", "CUSTGRAPH_MAX_ALIASES", "CUSTGRAPH_MAX_COST"]


async def test_an_operation_is_not_refused_for_another_one_of_its_document() -> None:
    document = "query Wide { a: __typename b: __typename } query Narrow { a: __typename }"
    shop = Shop(settings=Settings(max_aliases=1))
    assert not (await shop.ask(document, operation_name="Wide")).executed
    assert (await shop.ask(document, operation_name="Narrow")).executed


HOSTILE: dict[str, str] = {
    "18 doublings": doubling(18),
    "27 doublings": doubling(27),
    "80 doublings": doubling(80),
    "a circle of fragments": "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
    "an unknown fragment": "{ ...A }",
    "3000 levels": "{ node " * 3000 + "}" * 3000,
    "200 levels": "{ item(id: 1) " + "{ other " * 150 + "{ id }" + "}" * 151,
    "a list 10,000 deep": "{ items(ids: " + "[" * 5000 + "]" * 5000 + ") { id } }",
    "200 x 100 inline fragments": "{ " + repeat("... { a#: __typename }", 200) + " }",
    "1000 x __typename": "{ " + "__typename " * 1000 + "}",
    "100,000 comments": "#\n" * 100_000 + "{ __typename }",
    "a string of 1 MB": '{ item(id: "' + "a" * 1_000_000 + '") { id } }',
    "a string within limits": '{ item(id: "' + "a" * 16_000 + '") { id name: nothing } }',
    "10,000 unknown fields": "{ " + repeat("u#", 10_000) + " }",
    "900 unknown fields": "{ " + repeat("u#", 900) + " }",
    "2000 variables": f"query ({repeat('$v#: ID', 2000)}) {{ __typename }}",
    "240 variables": f"query ({repeat('$v#: ID', 240)}) {{ __typename }}",
    "300 directives": "{ __typename " + "@include(if: true) " * 150 + " }",
    "100 operations, one fragment": repeat("query Q# { ...F }", 100) + " fragment F on Query { page { total } }",
    "overlapping fields": "{ " + repeat("item(id: 1) { id }", 110) + " }",
    "overlapping fields that conflict": "{ " + repeat("x: item(id: #) { id }", 90) + " }",
    "fragments that overlap": "{ "
    + repeat("...F#", 60)
    + " } "
    + repeat("fragment F# on Query { item(id: 1) { id } }", 60),
    "90 aliases": "{ " + repeat("a#: item(id: #) { id }", 90) + " }",
    "introspection in circles": "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }",
    "a fragment named __schema": "{ ...__schema } fragment __schema on Query { item(id: 1) "
    + "{ other " * 20
    + "{ id }"
    + "}" * 20
    + "}",
}


AT_ONCE = 16
"""Parsings of a plain document, see `in_parsings`; the dearest documents here take ten."""


async def parsings_of(executor: Executor, query: str) -> tuple[float, OperationResult]:
    """Measures a document that is new."""

    async def run(attempt: int) -> OperationResult:
        return await executor.execute(OperationRequest(query=query + "\n" * attempt), Context(wants_cost=True))

    return await in_parsings(run)


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_documents_are_refused_at_once(name: str) -> None:
    shop = Shop()
    effort, result = await parsings_of(shop.executor, HOSTILE[name])
    refused = {"GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED", "QUERY_TOO_COMPLEX", "BAD_USER_INPUT"}
    assert not result.executed
    assert result.errors
    assert set(codes(result)) <= refused
    assert len(str(result.errors)) < 10_000
    assert effort < AT_ONCE


OPTIONS = (
    "descriptions",
    "specified_by_url",
    "directive_is_repeatable",
    "schema_description",
    "input_value_deprecation",
    "one_of",
)
INTROSPECTION = [
    get_introspection_query(**dict(zip(OPTIONS, chosen, strict=True)))
    for chosen in itertools.product((False, True), repeat=len(OPTIONS))
]
"""What GraphiQL, Apollo's tools, code generators and Relay's tools ask: all have it from GraphQL.js."""


@pytest.fixture(scope="module")
def customers() -> Executor:
    """The executor over the schema that is served, with the default limits."""
    settings = Settings()
    return Executor(build_blueprint(settings), settings)


async def ask(executor: Executor, query: str, variables: dict[str, Any] | None = None) -> OperationResult:
    return await executor.execute(OperationRequest(query=query, variables=variables), Context(wants_cost=True))


async def test_the_introspection_queries_of_tools_pass(customers: Executor) -> None:
    for query in INTROSPECTION:
        result = await ask(customers, query)
        assert result.errors is None
        assert result.data is not None
        assert len(result.data["__schema"]["types"]) > 20
        assert result.extensions is not None
        assert 1_000 < result.extensions["cost"]["requested"] < 20_000 / 2


TYPES = "types { kind name description fields { name description isDeprecated args { name defaultValue } } }"


@pytest.mark.parametrize(
    "query",
    [
        "{ " + repeat(f"a#: __schema {{ {TYPES} }}", 20) + " }",
        "{ __schema { types { " + repeat("a#: fields { name description isDeprecated }", 30) + " } } }",
        "{ __schema { types { fields { type { fields { type { kind name description } } } } } } }",
        "{ " + repeat('a#: __type(name: "Query") { fields { args { name description defaultValue } } }', 30) + " }",
    ],
)
async def test_introspection_is_priced_by_what_it_takes(customers: Executor, query: str) -> None:
    effort, result = await parsings_of(customers, query)
    assert effort < AT_ONCE
    assert codes(result) in ([], ["QUERY_TOO_COMPLEX"])
    if result.extensions:
        assert result.extensions["cost"]["requested"] > 1_000


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        (
            "query ($i: [ID!]!) { a: customersByIds(ids: $i) { ...C } b: customersByIds(ids: $i) { ...C } "
            "c: customersByIds(ids: $i) { ...C } } fragment C on Customer { id firstName billingAddress { locality } "
            "shippingAddress { locality } balance enterprise { id } }",
            {"i": [str(id_) for id_ in range(1, 151)]},
        ),
        (
            "query ($r: [_Any!]!) { _entities(representations: $r) { ... on Customer { id email billingAddress "
            "{ region { name } country { name } } shippingAddress { region { name } country { name } } } } }",
            {"r": [{"__typename": "Customer", "id": str(id_)} for id_ in range(1, 1001)]},
        ),
        ("{ customers(first: 200) { totalCount nodes { id enterprise { name } } pageInfo { endCursor } } }", None),
        ("{ customers(first: 200) { edges { cursor node { id } } nodes { id enterprise { name } } } }", None),
    ],
)
async def test_what_clients_do_passes(customers: Executor, query: str, variables: dict[str, Any] | None) -> None:
    result = await ask(customers, query, variables)
    assert "QUERY_TOO_COMPLEX" not in codes(result)


async def test_sizes_that_a_field_refuses_are_left_to_the_field(customers: Executor) -> None:
    result = await ask(customers, "{ customers(first: 1000000) { nodes { id } } }")
    assert result.executed


async def test_the_worst_admissible_documents_are_prepared_quickly() -> None:
    shop = Executor(blueprint_with(), Settings(max_root_fields=1_000))
    worst = {
        "fields": "{ " + repeat("item(id: 1) { id }", 110) + " }",
        "nested inline fragments": "{ " + "... { " * 199 + "__typename" + " }" * 199 + " }",
        "inline fragments": "{ " + repeat("... on Query { __typename }", 160) + " }",
        "fragments": "{ " + repeat("...F#", 55) + " } " + repeat("fragment F# on Query { item(id: 1) { id } }", 55),
        "variables": f"query ({repeat('$v#: ID = 1', 120)}) {{ items(ids: [{repeat('$v#', 120)}]) {{ id }} }}",
    }
    for name, text in worst.items():
        effort, result = await parsings_of(shop, text)
        assert result.executed, name
        assert effort < AT_ONCE, name
