"""What REST shows, GraphQL shows."""

from __future__ import annotations

from typing import Any

import httpx

from support.contract import CUSTOMER, comparable, in_graphql
from support.operations import Gateway


async def all_attributes(rest: httpx.AsyncClient) -> list[dict[str, Any]]:
    """The attributes of every customer that the list gives."""
    found: list[dict[str, Any]] = []
    page = 1
    while True:
        answer = (await rest.get(f"/customers?page={page}&per_page=200&extra_fields[customer]=balance")).json()
        found += [row["attributes"] for row in answer["data"]]
        page += 1
        if page > answer["meta"]["pagination"]["pages"]:
            return found


async def test_every_field_of_every_customer(gateway: Gateway, rest: httpx.AsyncClient) -> None:
    expected = [comparable(in_graphql(attributes)) for attributes in await all_attributes(rest)]
    shown: list[dict[str, Any]] = []
    after = None
    while True:
        outcome = await gateway.run(
            f"""query($after: String) {{
              customers(first: 200, after: $after) {{ nodes {{ ...Whole }} pageInfo {{ hasNextPage endCursor }} }}
            }} {CUSTOMER}""",
            {"after": after},
        )
        page = outcome.whole["customers"]
        shown += map(comparable, page["nodes"])
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert shown == expected
    assert len(expected) > 1_000


async def test_the_sample_data_has_every_field_both_null_and_not(rest: httpx.AsyncClient) -> None:
    """Else the test above would prove less than it says."""
    rows = await all_attributes(rest)
    for name in ("first_name", "code", "terms_and_conditions_accepted_at", "billing_address", "shipping_address"):
        assert {row[name] is None for row in rows} == {True, False}, name
    addresses = [row["shipping_address"] for row in rows if row["shipping_address"]]
    assert {address["region"] is None for address in addresses} == {True, False}
    assert {bool(row["tags"]) for row in rows} == {True, False}
    assert {row["balance"] < 0 for row in rows} == {True, False}


async def test_one_customer_that_the_list_hides(gateway: Gateway, rest: httpx.AsyncClient) -> None:
    listed = {attributes["id"] for attributes in await all_attributes(rest)}
    hidden = next(id_ for id_ in range(1, 1200) if id_ not in listed)
    expected = (await rest.get(f"/customers/{hidden}")).json()["data"]["attributes"]
    document = (
        f"query($id: ID!) {{ customer(id: $id) {{ ...Whole }} customersByIds(ids: [$id, 1]) {{ id }} }} {CUSTOMER}"
    )
    shown = (await gateway.run(document, {"id": str(hidden)})).whole
    assert comparable(shown["customer"]) == comparable(in_graphql(expected))
    assert [customer["id"] for customer in shown["customersByIds"]] == [str(hidden), "1"]


async def test_node_gives_back_what_has_a_node_id(gateway: Gateway) -> None:
    found = (await gateway.run("{ customer(id: 7) { nodeId enterprise { nodeId } } }")).whole["customer"]
    document = """query($customer: ID!, $enterprise: ID!) {
      customer: node(nodeId: $customer) { __typename nodeId ... on Customer { id balance } }
      enterprise: node(nodeId: $enterprise) { __typename nodeId ... on Enterprise { id name } }
    }"""
    variables = {"customer": found["nodeId"], "enterprise": found["enterprise"]["nodeId"]}
    again = (await gateway.run(document, variables)).whole
    assert again["customer"].keys() == {"__typename", "nodeId", "id", "balance"}
    assert (again["customer"]["__typename"], again["customer"]["id"]) == ("Customer", "7")
    assert (again["enterprise"]["__typename"], again["enterprise"]["nodeId"]) == ("Enterprise", variables["enterprise"])


async def test_an_enterprise_has_its_name_and_its_customers_alone(gateway: Gateway, rest: httpx.AsyncClient) -> None:
    outcome = await gateway.run(
        "{ enterprise(id: 2) { id name customers(last: 3) { totalCount nodes { id enterprise { id } } } } }"
    )
    rows = (await rest.get("/enterprises/2/customers?per_page=200&page=3")).json()
    enterprise = outcome.whole["enterprise"]
    assert enterprise["name"] == "The Farm"
    assert enterprise["customers"]["totalCount"] == rows["meta"]["pagination"]["results"]
    assert [node["id"] for node in enterprise["customers"]["nodes"]] == [row["id"] for row in rows["data"][-3:]]
    assert all(node["enterprise"]["id"] == "2" for node in enterprise["customers"]["nodes"])


async def test_what_is_not_there_is_null(gateway: Gateway) -> None:
    outcome = await gateway.run(
        """{
          customer(id: 999999) { id }
          customersByIds(ids: [1, 999999, 2]) { id }
          enterprise(id: 999999) { id name customers { totalCount nodes { id } } }
        }"""
    )
    assert outcome.whole == {
        "customer": None,
        "customersByIds": [{"id": "1"}, None, {"id": "2"}],
        "enterprise": {"id": "999999", "name": None, "customers": {"totalCount": 0, "nodes": []}},
    }
