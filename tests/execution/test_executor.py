"""From a request to its result."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import structlog
from graphql import GraphQLError

from custgraph.config import Settings
from custgraph.errors import Forbidden, UpstreamRateLimited
from custgraph.operation import OperationRequest
from support.shop import Context, Shop, codes, messages

CANARY = "eve@canary.example"


def spade(_source: Any, _info: Any, **arguments: Any) -> dict[str, Any]:
    return {**arguments, "name": "Spade"}


def raising(error: Exception) -> Any:
    def resolve(*_: Any, **__: Any) -> None:
        raise error

    return resolve


async def test_a_query_runs_and_begins_its_deadline_once() -> None:
    shop = Shop({"Query.item": spade})
    result = await shop.ask("query ($id: ID!) { item(id: $id) { id name __typename } }", {"id": "7"})
    assert result.data == {"item": {"id": "7", "name": "Spade", "__typename": "Item"}}
    assert (result.errors, result.executed, result.status, result.extensions) == (None, True, 200, None)
    assert shop.context.began == ["query"]


async def test_the_same_document_runs_again_and_again_by_plan_or_not() -> None:
    shop = Shop({"Query.item": spade})
    for query in ("{ __typename }", "{ item(id: 1) { id } }"):
        first, *others = [(await shop.ask(query)).data for _ in range(4)]
        assert first
        assert all(other == first for other in others)


@pytest.mark.parametrize(
    ("request_", "status", "code", "message"),
    [
        ({}, 400, "BAD_USER_INPUT", "Send a GraphQL document in 'query'."),
        ({"query": ""}, 400, "GRAPHQL_PARSE_FAILED", "Syntax Error: Unexpected <EOF>."),
        ({"query": "{ item(id: 1) "}, 400, "GRAPHQL_PARSE_FAILED", "Syntax Error: Expected Name, found <EOF>."),
        ({"query": "{ nothing }"}, 400, "GRAPHQL_VALIDATION_FAILED", "Cannot query field 'nothing' on type 'Query'."),
        (
            {"query": "{ page @defer { total } }"},
            400,
            "GRAPHQL_VALIDATION_FAILED",
            "Unknown directive '@defer'.",
        ),
        (
            {"query": "{ page { items @stream { id } } }"},
            400,
            "GRAPHQL_VALIDATION_FAILED",
            "Unknown directive '@stream'.",
        ),
        (
            {"query": "query A { __typename } query B { __typename }"},
            400,
            "BAD_USER_INPUT",
            "The document has many operations: name one in 'operationName'.",
        ),
        (
            {"query": "query A { __typename }", "operation_name": "B"},
            400,
            "BAD_USER_INPUT",
            "The document has no operation of the name in 'operationName'.",
        ),
        (
            {"query": "fragment A on Query { __typename }"},
            400,
            "GRAPHQL_VALIDATION_FAILED",
            "Fragment 'A' is never used.",
        ),
        (
            {"query": "subscription { item }"},
            400,
            "GRAPHQL_VALIDATION_FAILED",
            "The subscription operation is not supported by the schema.",
        ),
    ],
)
async def test_what_cannot_run_is_refused(request_: dict[str, Any], status: int, code: str, message: str) -> None:
    shop = Shop()
    result = await shop.executor.execute(OperationRequest(**request_), shop.context)
    assert not result.executed
    assert (result.data, result.status, codes(result), messages(result)) == (None, status, [code], [message])
    assert all(error["extensions"]["requestId"] == "request-1" for error in result.errors or ())
    assert shop.context.began == []


async def test_an_operation_is_found_by_name() -> None:
    shop = Shop()
    document = "query A { a: __typename } query B { b: __typename }"
    assert (await shop.ask(document, operation_name="B")).data == {"b": "Query"}
    assert (await shop.ask("query A { a: __typename }", operation_name="")).data == {"a": "Query"}


async def test_a_mutation_needs_leave() -> None:
    shop = Shop({"Mutation.add": raising(AssertionError("it ran"))})
    result = await shop.ask('mutation { add(name: "x") { problem } }', allow_mutation=False)
    assert (result.executed, result.status, result.headers) == (False, 405, (("allow", "POST"),))
    assert shop.context.began == []


async def test_mutations_run_one_after_the_other_and_no_result_is_hidden() -> None:
    applied: list[str] = []

    async def add(_source: Any, _info: Any, name: str) -> dict[str, Any]:
        await asyncio.sleep(0)
        if name == "b":
            raise Forbidden
        applied.append(name)
        return {"item": {"id": name}}

    shop = Shop({"Mutation.add": add})
    add_three = "mutation {" + " ".join(f'{name}: add(name: "{name}") {{ item {{ id }} }}' for name in "abc") + "}"
    for _ in range(3):
        result = await shop.ask(add_three)
        assert result.data == {"a": {"item": {"id": "a"}}, "b": None, "c": {"item": {"id": "c"}}}
        assert codes(result) == ["FORBIDDEN"]
    assert applied == ["a", "c"] * 3
    assert shop.context.began == ["mutation"] * 3


async def test_our_errors_keep_their_message_code_and_extensions() -> None:
    shop = Shop({"Query.item": raising(UpstreamRateLimited(retryAfter=3))})
    result = await shop.ask("{\n  thing: item(id: 1) { id }\n}")
    assert result.executed
    assert result.data == {"thing": None}
    assert result.errors == [
        {
            "message": "The upstream service asks to wait.",
            "locations": [{"line": 2, "column": 3}],
            "path": ["thing"],
            "extensions": {"code": "UPSTREAM_RATE_LIMITED", "requestId": "request-1", "retryAfter": 3},
        }
    ]


@pytest.mark.parametrize(
    "error",
    [
        ValueError(f"no {CANARY}"),
        GraphQLError(f"no {CANARY}"),
        GraphQLError(CANARY, original_error=KeyError(CANARY)),
        RecursionError(),
    ],
)
async def test_other_errors_are_masked_and_logged_without_their_text(error: Exception) -> None:
    shop = Shop({"Query.item": raising(error)})
    with structlog.testing.capture_logs() as log:
        result = await shop.ask("{ item(id: 1) { id } }")
    assert messages(result) == ["Something went wrong in the gateway."]
    assert codes(result) == ["INTERNAL_SERVER_ERROR"]
    assert result.errors
    assert result.errors[0]["path"] == ["item"]
    assert [line["event"] for line in log] == ["operation failed"]
    assert log[0]["request_id"] == "request-1"
    assert log[0]["field"] == "item"
    assert CANARY not in str(log) + str(result.errors)


async def test_a_fault_of_many_rows_is_logged_once() -> None:
    shop = Shop({"Query.page": lambda *_, **__: {"items": [{}] * 50}, "Item.name": raising(KeyError(CANARY))})
    with structlog.testing.capture_logs() as log:
        result = await shop.ask("{ page { items { name other: name } } }")
    assert len(result.errors or ()) == 100
    assert [line["field"] for line in log] == ["page.items.name", "page.items.other"]


async def test_values_that_do_not_fit_the_schema_are_masked() -> None:
    shop = Shop({"Query.page": lambda *_, **__: {"total": CANARY, "items": CANARY}})
    result = await shop.ask("{ page { total items { id } } }")
    assert set(codes(result)) == {"INTERNAL_SERVER_ERROR"}
    assert CANARY not in str(result)


async def test_a_null_for_a_value_that_an_argument_needs_is_the_callers_mistake() -> None:
    result = await Shop().ask('query ($id: ID = "1") { item(id: $id) { id } }', {"id": None})
    assert codes(result) == ["BAD_USER_INPUT"]
    assert messages(result) == ["A variable's value does not fit the argument that it is used for."]


async def test_errors_and_notes_come_in_the_order_of_the_document() -> None:
    def note(_source: Any, info: Any, **_: Any) -> dict[str, Any]:
        error = Forbidden("A row was dropped.")
        info.context.notes.append(GraphQLError("x", info.field_nodes, path=["page"], original_error=error))
        return {"total": 1}

    shop = Shop({"Query.page": note, "Query.item": raising(Forbidden())})
    result = await shop.ask("{ page { total } item(id: 1) { id } }")
    assert result.data == {"page": {"total": 1}, "item": None}
    assert [(error["message"], error["path"]) for error in result.errors or ()] == [
        ("A row was dropped.", ["page"]),
        ("You are not authorized to perform that action.", ["item"]),
    ]


async def test_a_context_without_notes_will_do() -> None:
    context = Context()
    del context.notes
    assert (await Shop().ask("{ __typename }", context=context)).data == {"__typename": "Query"}


async def test_a_field_whose_source_was_cancelled_fails_alone() -> None:
    shared = asyncio.get_running_loop().create_future()
    others_may_end = asyncio.Event()

    async def wait(*_: Any, **__: Any) -> Any:
        return await shared

    async def cancel(*_: Any, **__: Any) -> Any:
        shared.cancel()
        await others_may_end.wait()
        return {"total": 1}

    async def node(*_: Any, **__: Any) -> Any:
        await asyncio.sleep(0)
        others_may_end.set()

    shop = Shop({"Query.item": wait, "Query.page": cancel, "Query.node": node})
    with structlog.testing.capture_logs() as log:
        result = await shop.ask("{ item(id: 1) { id } page { total } node(id: 1) { id } }")
    assert result.data == {"item": None, "page": {"total": 1}, "node": None}
    assert codes(result) == ["INTERNAL_SERVER_ERROR"]
    assert [line["error"] for line in log] == ["StrayCancellation"]
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_who_cancels_an_operation_ends_its_work() -> None:
    begun = asyncio.Event()
    ended: list[str] = []

    async def wait(*_: Any, **arguments: str) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(arguments["id"])

    shop = Shop({"Query.item": wait})
    running = asyncio.create_task(shop.ask("{ a: item(id: 1) { id } b: item(id: 2) { id } }"))
    await begun.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert sorted(ended) == ["1", "2"]
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_fault_of_the_executor_itself_is_masked() -> None:
    class Broken(Context):
        def begin(self, kind: Any, **_: Any) -> None:
            raise RuntimeError(CANARY, kind)

    with structlog.testing.capture_logs() as log:
        result = await Shop().ask("{ __typename }", context=Broken())
    assert (result.executed, result.status, codes(result)) == (False, 500, ["INTERNAL_SERVER_ERROR"])
    assert CANARY not in str(log) + str(result.errors)


async def test_introspection_can_be_switched_off() -> None:
    shop = Shop(settings=Settings(introspection=False))
    for query in ("{ __schema { types { name } } }", '{ __type(name: "Item") { name } }'):
        result = await shop.ask(query)
        assert (result.status, codes(result)) == (400, ["GRAPHQL_VALIDATION_FAILED"])
    assert (await shop.ask("{ __typename }")).data == {"__typename": "Query"}


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ("{ pag { total } }", None),
        ("{ page(frist: 1) { total } }", None),
        ("{ page(color: REDD) { total } }", None),
        ('{ page(color: "REDD") { total } }', None),
        ("{ page { ... on Pagee { total } } }", None),
        ("query ($f: Filtre) { page(filter: $f) { total } }", None),
        ("{ page { total @includ(if: true) } }", None),
        ("{ page { total @include(iff: true) } }", None),
        ("{ page(filter: { nam: 1 }) { total } }", None),
        ("query ($first: Int) { page(first: $frist) { total } }", None),
        ("query ($f: Filter) { page(filter: $f) { total } }", {"f": {"nam": 1}}),
        ("query ($c: Color) { page(color: $c) { total } }", {"c": "REDD"}),
        ("{ ...Itm } fragment Item on Query { __typename }", None),
        ("{ page { ... on Item { id } } }", None),
        ("{ page { name } }", None),
        ("{ page }", None),
    ],
)
async def test_suggestions_can_be_hidden(query: str, variables: dict[str, Any] | None) -> None:
    result = await Shop(settings=Settings(suggestions=False)).ask(query, variables)
    assert result.errors
    assert "did you mean" not in str(result.errors).lower()


async def test_suggestions_are_given_by_default() -> None:
    shop = Shop()
    assert messages(await shop.ask("{ pag { total } }")) == [
        "Cannot query field 'pag' on type 'Query'. Did you mean 'page'?"
    ]
    assert (
        "Did you mean 'name'?"
        in messages(await shop.ask("query ($f: Filter) { page(filter: $f) { total } }", {"f": {"nam": 1}}))[0]
    )


@pytest.mark.parametrize(
    "query",
    [
        f'{{ page(first: "{CANARY}") {{ total }} }}',
        f'{{ page(filter: "{CANARY}") {{ total }} }}',
        f'{{ page(filter: {{ strict: {{ level: "{CANARY}" }} }}) {{ total }} }}',
        f'{{ page(filter: {{ nam: "{CANARY}" }}) {{ total }} }}',
        f'{{ page(filter: {{ strict: {{ text: "{CANARY}" }} }}) {{ total }} }}',
        f'{{ page(color: "{CANARY}") {{ total }} }}',
        f'{{ item(id: {{ a: "{CANARY}" }}) {{ id }} }}',
        f'{{ item(id: 1) "{CANARY}" }}',
        f'{{ item(id: 1) """{CANARY}""" }}',
        f'query ($n: Int = "{CANARY}") {{ page(first: $n) {{ total }} }}',
        f'{{ page @include(if: "{CANARY}") {{ total }} }}',
    ],
)
async def test_literals_are_not_repeated(query: str) -> None:
    result = await Shop().ask(query)
    assert result.errors
    assert not result.executed
    assert CANARY not in str(result.errors)


async def test_cost_is_told_when_asked_for() -> None:
    told = {"cost": {"requested": 2, "budget": 20_000, "remaining": 19_998, "upstreamCalls": 1}}
    query = "{ item(id: 1) { id } }"
    assert (await Shop().ask(query)).extensions is None
    assert (await Shop().ask(query, context=Context(wants_cost=True))).extensions == told
    assert (await Shop(settings=Settings(report_cost=True)).ask(query)).extensions == told
