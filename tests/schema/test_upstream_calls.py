"""How many upstream calls each shape of read costs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import cast

import msgspec
import pytest

from custgraph.config import Settings
from custgraph.credentials import Caller, Credential
from custgraph.embedded.sample import DEMO_TOKEN
from custgraph.execution import Executor
from custgraph.operation import OperationRequest
from custgraph.schema import Context
from support.operations import Gateway, open_gateway


def aliases(field: str, ids: range) -> str:
    return " ".join(f"a{id_}: {field.replace('ID', str(id_))}" for id_ in ids)


READS = {
    "one customer": ("{ customer(id: 1) { id } }", 1),
    "one customer with its balance": ("{ customer(id: 1) { id balance } }", 1),
    "20 aliases of customer": (f"{{ {aliases('customer(id: ID) { id }', range(1, 21))} }}", 1),
    "20 aliases of one customer": (f"{{ {aliases('customer(id: 1) { id }', range(1, 21))} }}", 1),
    "10 with balance and 10 without": (
        f"{{ {aliases('customer(id: ID) { id }', range(1, 11))} "
        f"{aliases('customer(id: ID) { balance }', range(11, 21))} }}",
        2,
    ),
    "a node": ('{ node(nodeId: "Q3VzdG9tZXI6MQ==") { nodeId ... on Customer { balance } } }', 1),
    "an enterprise as a node": ('{ node(nodeId: "RW50ZXJwcmlzZTox") { nodeId ... on Enterprise { id } } }', 0),
    "node and customer": ('{ node(nodeId: "Q3VzdG9tZXI6MQ==") { nodeId } customer(id: 2) { id } }', 1),
    "customersByIds": ("{ customersByIds(ids: [1, 2, 3, 2, 1]) { id } }", 1),
    "an enterprise": ("{ enterprise(id: 1) { id nodeId } enterprisesByIds(ids: [1, 2]) { id } }", 0),
    "an enterprise's name": ("{ enterprise(id: 2) { name } }", 2),
    "an enterprise's name, many times": ("{ a: enterprise(id: 2) { name } b: enterprise(id: 2) { name } }", 2),
    "a customer's enterprise by id": ("{ customer(id: 1) { enterprise { id nodeId } } }", 1),
    "a customer's enterprise by name": ("{ customer(id: 1) { enterprise { name } } }", 2),
    "a list": ("{ customers { nodes { id } } }", 1),
    "a list with balances": ("{ customers { nodes { id balance } } }", 1),
    "a first page with its total": ("{ customers { totalCount nodes { id } } }", 1),
    "a total alone": ("{ customers { totalCount } }", 1),
    "a list of 200": ("{ customers(first: 200) { edges { cursor node { id } } pageInfo { endCursor } } }", 1),
    "an enterprise's list": ("{ enterprise(id: 2) { customers { nodes { id } } } }", 1),
    "the same list twice": ("{ a: customers { nodes { id } } b: customers { nodes { email } } }", 1),
    "a list of which nothing is selected": ("{ customers { __typename } }", 0),
    "a list of nobody": ("{ customers(filter: {ids: []}) { totalCount nodes { id } } }", 0),
    "the subgraph's schema": ("{ _service { sdl } }", 0),
}


@pytest.mark.parametrize("shape", READS)
async def test_a_read_costs(gateway: Gateway, shape: str) -> None:
    document, calls = READS[shape]
    outcome = await gateway.run(document)
    assert outcome.whole
    assert len(outcome.calls) == calls, outcome.calls


async def test_450_ids_cost_three_calls(gateway: Gateway) -> None:
    rows = (await _listed_ids(gateway))[:450]
    document = """query($a: [ID!]!, $b: [ID!]!, $c: [ID!]!) {
      a: customersByIds(ids: $a) { id } b: customersByIds(ids: $b) { id } c: customersByIds(ids: $c) { id }
    }"""
    outcome = await gateway.run(document, {"a": rows[:150], "b": rows[150:300], "c": rows[300:]})
    assert [customer["id"] for field in "abc" for customer in outcome.whole[field]] == rows
    assert len(outcome.calls) == 3


async def _listed_ids(gateway: Gateway) -> list[str]:
    """The first 600 that the list gives."""
    document = "query($after: String) { customers(first: 200, after: $after) { edges { cursor node { id } } } }"
    found: list[str] = []
    after = None
    for _ in range(3):
        edges = (await gateway.run(document, {"after": after})).whole["customers"]["edges"]
        found += [edge["node"]["id"] for edge in edges]
        after = edges[-1]["cursor"]
    return found


async def test_200_customers_of_three_enterprises_by_name_cost_four_calls(gateway: Gateway) -> None:
    cast("dict[str, tuple[int, ...]]", gateway.service.tokens)["three-shops"] = (1, 2, 3)
    outcome = await gateway.run("{ customers(first: 200) { nodes { enterprise { id name } } } }", token="three-shops")
    nodes = outcome.whole["customers"]["nodes"]
    assert (len(nodes), {node["enterprise"]["id"] for node in nodes}) == (200, {"1", "2", "3"})
    assert all(node["enterprise"]["name"] for node in nodes)
    assert len(outcome.calls) == 4


async def test_a_second_page_with_its_total_costs_two_calls(gateway: Gateway) -> None:
    document = "query($after: String) { customers(after: $after) { totalCount pageInfo { endCursor } nodes { id } } }"
    first = await gateway.run(document)
    second = await gateway.run(document, {"after": first.whole["customers"]["pageInfo"]["endCursor"]})
    assert (len(first.calls), len(second.calls)) == (1, 2)
    assert first.whole["customers"]["totalCount"] == second.whole["customers"]["totalCount"]


async def test_a_hidden_customer_costs_a_call_of_its_own(gateway: Gateway) -> None:
    listed = set(await _listed_ids(gateway))
    hidden = next(id_ for id_ in range(1, 600) if str(id_) not in listed)
    outcome = await gateway.run(f"{{ customersByIds(ids: [1, 2, {hidden}]) {{ id }} }}")
    assert [customer["id"] for customer in outcome.whole["customersByIds"]] == ["1", "2", str(hidden)]
    assert len(outcome.calls) == 2


async def test_a_filter_costs_one_call_more_once(gateway: Gateway) -> None:
    """The probe that shows that the upstream searches."""
    document = '{ customers(filter: {email: {contains: "example"}}, first: 5) { nodes { id } } }'
    assert [len((await gateway.run(document)).calls) for _ in range(3)] == [2, 1, 1]


async def test_an_upstream_that_does_not_search_is_asked_one_by_one() -> None:
    async with open_gateway(documented_only=True) as gateway:
        outcome = await gateway.run("{ customersByIds(ids: [1, 2, 3]) { id balance } }")
        assert [customer["id"] for customer in outcome.whole["customersByIds"]] == ["1", "2", "3"]
        assert all(customer["balance"] for customer in outcome.data["customersByIds"])
        outcome = await gateway.run("{ customersByIds(ids: [4, 5, 6]) { id } }")
        assert sorted(call.path for call in outcome.calls) == ["/customers/4", "/customers/5", "/customers/6"]


async def test_30_representations_of_25_customers_cost_one_call(gateway: Gateway) -> None:
    ids = [*range(1, 26), *range(1, 6)]
    outcome = await gateway.run(
        "query($all: [_Any!]!) { _entities(representations: $all) { ... on Customer { id } } }",
        {"all": [{"__typename": "Customer", "id": str(id_)} for id_ in ids]},
    )
    assert [entity["id"] for entity in outcome.whole["_entities"]] == list(map(str, ids))
    assert len(outcome.calls) == 1


@pytest.fixture
async def plain() -> AsyncIterator[Gateway]:
    """A gateway that knows already that its upstream has the documented parameters alone."""
    async with open_gateway(documented_only=True) as gateway:
        gateway.upstream.searches = False
        yield gateway


PAGE = """query($first: Int, $after: String, $last: Int, $before: String) {
  customers(first: $first, after: $after, last: $last, before: $before) {
    totalCount nodes { id } pageInfo { startCursor endCursor hasNextPage hasPreviousPage }
  }
}"""


@pytest.mark.parametrize(("size", "each"), [(1, 1), (10, 1), (50, 1), (100, 2), (200, 2)])
async def test_a_window_by_page_numbers_costs_one_call_where_a_page_can_hold_it(
    plain: Gateway, size: int, each: int
) -> None:
    """With the row of its cursor, and from there the total comes for nothing; over 100 rows seldom fit in one page."""
    after, calls = None, []
    for _ in range(4):
        outcome = await plain.run(PAGE, {"first": size, "after": after})
        after = outcome.whole["customers"]["pageInfo"]["endCursor"]
        calls.append(len(outcome.calls))
    assert calls[0] == 1
    assert max(calls) <= each


async def test_windows_from_the_end_by_page_numbers_cost_one_call_more_that_finds_the_end(plain: Gateway) -> None:
    before, calls = None, []
    for _ in range(4):
        outcome = await plain.run(PAGE, {"last": 50, "before": before})
        before = outcome.whole["customers"]["pageInfo"]["startCursor"]
        calls.append(len(outcome.calls))
    assert calls[0] == 2
    assert max(calls[1:]) == 1


async def test_a_cursor_of_a_searching_upstream_is_found_by_halves(gateway: Gateway, plain: Gateway) -> None:
    """It has no offset in it, and 1,200 customers are six pages of 200."""
    cursor = (await gateway.run(PAGE, {"last": 200})).whole["customers"]["pageInfo"]["startCursor"]
    outcome = await plain.run(PAGE, {"first": 50, "after": cursor})
    whole = (await gateway.run(PAGE, {"first": 50, "after": cursor})).whole["customers"]["nodes"]
    assert outcome.whole["customers"]["nodes"] == whole
    assert len(outcome.calls) <= 5


async def test_without_search_every_balance_of_a_list_is_a_call(plain: Gateway) -> None:
    outcome = await plain.run("{ customers(first: 20) { nodes { id balance } } }")
    assert all(node["balance"] for node in outcome.whole["customers"]["nodes"])
    assert len(outcome.calls) == 21


async def test_without_enterprises_in_answers_a_name_is_null_after_one_call_each(plain: Gateway) -> None:
    outcome = await plain.run("{ customers(first: 3) { nodes { enterprise { name } } } }")
    enterprises = {call.path for call in outcome.calls if call.path != "/customers"}
    assert [node["enterprise"]["name"] for node in outcome.whole["customers"]["nodes"]] == [None] * 3
    assert len(outcome.calls) == 1 + len(enterprises)


async def test_a_window_by_page_numbers_ends_at_its_far_cursor(plain: Gateway) -> None:
    edges = (await plain.run("{ customers(first: 3) { edges { cursor } } }")).whole["customers"]["edges"]
    between = {"after": edges[0]["cursor"], "before": edges[2]["cursor"]}
    for size in ({"first": 200}, {"last": 200}):
        outcome = await plain.run(PAGE, {**between, **size})
        assert len(outcome.whole["customers"]["nodes"]) == 1
        assert len(outcome.calls) == 1


async def test_an_upstream_that_gives_smaller_pages_is_asked_for_as_many_as_hold_the_window() -> None:
    async with open_gateway(documented_only=True, max_rows=20) as gateway:
        gateway.upstream.searches = False
        after, calls = None, []
        for _ in range(20):
            outcome = await gateway.run(PAGE, {"first": 50, "after": after})
            assert len(outcome.whole["customers"]["nodes"]) == 50
            after = outcome.whole["customers"]["pageInfo"]["endCursor"]
            calls.append(len(outcome.calls))
        assert max(calls) <= 5  # 51 rows are on 3 or 4 pages, and one is read to learn how small they are


@pytest.mark.parametrize(("sole", "most"), [(False, 1), (True, 2)])
async def test_operations_of_an_array_share_a_call_though_each_has_one_root_field(
    gateway: Gateway, sole: bool, most: int
) -> None:
    """Side by side over a context that is one operation's, each would be loaded alone."""
    executor = Executor(gateway.blueprint, Settings())
    context = Context(gateway.upstream, Caller(Credential.of(DEMO_TOKEN), "test"))
    context.sole = sole
    requests = [OperationRequest(f"{{ customer(id: {id_}) {{ id }} }}") for id_ in (1, 2)]
    with gateway.service.calls.record() as calls:
        results = await asyncio.gather(*(executor.execute(request, context) for request in requests))
        context.close()
        assert len(calls) == most
    assert [result.data for result in results] == [{"customer": {"id": "1"}}, {"customer": {"id": "2"}}]


async def test_operations_of_an_array_find_the_addresses_that_only_one_of_them_asks_for(gateway: Gateway) -> None:
    """What one asks for without its addresses serves the other, too."""
    executor = Executor(gateway.blueprint, Settings())
    context = Context(gateway.upstream, Caller(Credential.of(DEMO_TOKEN), "test"))
    context.sole = False
    for _ in range(3):  # with graphql-core, then by plans
        with gateway.service.calls.record() as calls:
            for fields in ("email", "email billingAddress { locality } shippingAddress { country { name } }"):
                result = await executor.execute(OperationRequest(f"{{ customer(id: 1) {{ {fields} }} }}"), context)
                assert result.errors is None
                assert result.data is not None
            assert len(calls) == 1
        written = msgspec.json.decode(msgspec.json.encode(result.data))
        assert set(written["customer"]) == {"email", "billingAddress", "shippingAddress"}
        context.forget()
        context.session._forget()
    context.close()
