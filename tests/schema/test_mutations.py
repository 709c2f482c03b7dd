"""What GraphQL writes, REST shows; and what it cannot write, it says why."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custgraph.config import Settings
from support.contract import CUSTOMER, comparable, in_graphql
from support.embedded import client_of
from support.operations import Gateway, open_gateway

CREATE = f"""mutation($input: CreateCustomerInput!) {{
  createCustomer(input: $input) {{ customer {{ ...Whole }} userErrors {{ code message field }} }}
}} {CUSTOMER}"""
UPDATE = f"""mutation($id: ID!, $input: UpdateCustomerInput!) {{
  updateCustomer(id: $id, input: $input) {{ customer {{ ...Whole }} userErrors {{ code message field }} }}
}} {CUSTOMER}"""
DELETE = """mutation($id: ID!) {
  deleteCustomer(id: $id) { deletedCustomerId userErrors { code message field } }
}"""
ADDRESS = {
    "firstName": "Zoë",
    "lastName": "Ōkami",
    "phone": "+61 400 000 000",
    "streetAddress1": "1 Flinders Street",
    "streetAddress2": "",
    "postalCode": "3000",
    "locality": "Melbourne",
    "region": {"code": "vic"},
    "country": {"name": "australia"},
    "latitude": -37.8173751,
    "longitude": 144.964803195704,
}
STORED_ADDRESS = {
    **ADDRESS,
    "region": {"code": "Vic", "name": "Victoria"},
    "country": {"code": "AU", "name": "Australia"},
}


async def shown(rest: httpx.AsyncClient, customer_id: str) -> dict[str, Any]:
    """The customer as REST shows it, in GraphQL's words."""
    answer = await rest.get(f"/customers/{customer_id}")
    assert answer.status_code == 200
    return comparable(in_graphql(answer.json()["data"]["attributes"]))


async def test_what_is_created_is_shown(gateway: Gateway, rest: httpx.AsyncClient) -> None:
    given_ = {
        "enterpriseId": "2",
        "email": "Zoe@Example.org",
        "firstName": "Zoë",
        "lastName": "Ōkami",
        "code": "NEW1",
        "tags": ["staff", "discount"],
        "billingAddress": ADDRESS,
        "shippingAddress": ADDRESS,
    }
    payload = (await gateway.run(CREATE, {"input": given_})).whole["createCustomer"]
    assert payload["userErrors"] == []
    customer = comparable(payload["customer"])
    assert customer == await shown(rest, customer["id"])
    for name in ("firstName", "lastName", "code", "tags"):
        assert customer[name] == given_[name]
    assert (customer["email"], customer["enterprise"]) == ("zoe@example.org", {"id": "2"})
    assert customer["billingAddress"] == customer["shippingAddress"] == STORED_ADDRESS


async def test_what_was_left_out_of_a_create_is_not_sent(gateway: Gateway, rest: httpx.AsyncClient) -> None:
    """The same pair of enterprise and email is the same customer, whose other attributes stay."""
    first = {"enterpriseId": "2", "email": "zoe@example.org", "firstName": "Zoë", "code": "Z", "tags": ["staff"]}
    again = {"enterpriseId": "2", "email": "zoe@example.org", "lastName": "Ōkami", "code": None}
    made = (await gateway.run(CREATE, {"input": first})).whole["createCustomer"]["customer"]
    customer = (await gateway.run(CREATE, {"input": again})).whole["createCustomer"]["customer"]
    assert customer["id"] == made["id"]
    assert comparable(customer) == await shown(rest, made["id"])
    assert [customer[name] for name in ("firstName", "lastName", "code", "tags")] == ["Zoë", "Ōkami", None, ["staff"]]


ABSENT = "absent"
VALUES: dict[str, Any] = {
    "firstName": "Ada",
    "lastName": "Byron",
    "code": "A-1",
    "tags": ["a", "b c"],
    "billingAddress": ADDRESS,
    "shippingAddress": ADDRESS,
}
CHANGES = st.fixed_dictionaries({name: st.sampled_from([ABSENT, None, value]) for name, value in VALUES.items()})
STORED = {"billingAddress": STORED_ADDRESS, "shippingAddress": STORED_ADDRESS}


@pytest.mark.parametrize("put", ["full", "partial"])
@given(changes=CHANGES, data=st.data())
@settings(max_examples=25, deadline=None)
async def test_absent_null_and_value_stay_apart(put: Any, changes: dict[str, Any], data: st.DataObject) -> None:
    async with _opened(put) as (gateway, rest):
        customer_id = data.draw(st.sampled_from(["1", "12"]))
        before = await shown(rest, customer_id)
        given_ = {name: value for name, value in changes.items() if value is not ABSENT}
        payload = (await gateway.run(UPDATE, {"id": customer_id, "input": given_})).whole["updateCustomer"]
        after = {name: STORED.get(name, value) if value is not None else None for name, value in given_.items()}
        if "tags" in after:
            after["tags"] = after["tags"] or []
        assert payload["userErrors"] == []
        assert comparable(payload["customer"]) == await shown(rest, customer_id) == {**before, **after}


@asynccontextmanager
async def _opened(put: Any) -> AsyncIterator[tuple[Gateway, httpx.AsyncClient]]:
    async with open_gateway(Settings(upstream_put=put)) as gateway, client_of(gateway.service, "demo-token") as rest:
        yield gateway, rest


@pytest.mark.parametrize("member", ["region", "country", "latitude", "longitude", "streetAddress2"])
@pytest.mark.parametrize("left_out", [False, True])
async def test_an_address_takes_the_old_ones_place(
    gateway: Gateway, rest: httpx.AsyncClient, member: str, left_out: bool
) -> None:
    address: dict[str, Any] = {**ADDRESS, "region": {"code": "VIC"}, "country": {"code": "AU"}, member: None}
    if left_out:
        del address[member]
    payload = (await gateway.run(UPDATE, {"id": "1", "input": {"shippingAddress": address}})).whole["updateCustomer"]
    if payload["userErrors"]:  # the upstream wants a country, and a region where the country has some
        assert member in ("region", "country")
        assert [error["field"] for error in payload["userErrors"]] == [["input", "shippingAddress", member]]
    else:
        assert payload["customer"]["shippingAddress"] == {**STORED_ADDRESS, member: None}
        assert comparable(payload["customer"]) == await shown(rest, "1")


async def test_a_customer_moves_to_another_enterprise(gateway: Gateway, rest: httpx.AsyncClient) -> None:
    payload = (await gateway.run(UPDATE, {"id": "1", "input": {"enterpriseId": "3", "email": "New@Example.org"}})).whole
    customer = payload["updateCustomer"]["customer"]
    assert (customer["enterprise"], customer["email"]) == ({"id": "3"}, "new@example.org")
    assert comparable(customer) == await shown(rest, "1")


async def test_a_deleted_customer_is_gone(gateway: Gateway, rest: httpx.AsyncClient) -> None:
    made = (await gateway.run(CREATE, {"input": {"enterpriseId": "2", "email": "gone@example.org"}})).whole
    id_ = made["createCustomer"]["customer"]["id"]
    payload = (await gateway.run(DELETE, {"id": id_})).whole["deleteCustomer"]
    assert payload == {"deletedCustomerId": id_, "userErrors": []}
    assert (await rest.get(f"/customers/{id_}")).status_code == 404


async def test_what_is_read_after_a_write_is_what_was_written(gateway: Gateway) -> None:
    """Within one operation, whatever was read before; and for as few calls as that takes."""
    outcome = await gateway.run(
        """mutation {
          one: updateCustomer(id: 1, input: {enterpriseId: 2, email: "one@example.org"}) {
            customer { email enterprise { name customers(filter: {ids: [1]}) { nodes { email } } } }
          }
          two: updateCustomer(id: 1, input: {enterpriseId: 3, email: "two@example.org"}) {
            customer { email balance enterprise { name customers(filter: {ids: [1]}) { nodes { email balance } } } }
          }
        }"""
    )
    one, two = outcome.whole["one"]["customer"], outcome.whole["two"]["customer"]
    assert (one["email"], one["enterprise"]["customers"]["nodes"]) == (
        "one@example.org",
        [{"email": "one@example.org"}],
    )
    assert one["enterprise"]["name"] == "The Farm"
    assert two["email"] == "two@example.org"
    assert two["enterprise"]["name"] == "La Ferme des Trois Chênes"
    assert two["enterprise"]["customers"]["nodes"] == [{"email": "two@example.org", "balance": two["balance"]}]


@pytest.mark.parametrize(
    ("document", "calls"),
    [
        ('createCustomer(input: {enterpriseId: 2, email: "n@example.org"}) { customer { id } }', ["POST"]),
        ('createCustomer(input: {enterpriseId: 2, email: "n@example.org"}) { customer { balance } }', ["POST", "GET"]),
        ("updateCustomer(id: 5, input: {tags: []}) { customer { id } }", ["GET", "PUT"]),
        ('updateCustomer(id: 5, input: {enterpriseId: 2, email: "n@example.org"}) { customer { id } }', ["PUT"]),
        ("deleteCustomer(id: 9999) { userErrors { code } }", ["DELETE"]),
    ],
)
async def test_a_write_costs_no_more_calls_than_it_must(gateway: Gateway, document: str, calls: list[str]) -> None:
    outcome = await gateway.run(f"mutation {{ {document} }}")
    assert [call.method for call in outcome.calls] == calls, outcome.errors


@pytest.mark.parametrize("put", ["full", "partial"])
async def test_no_change_is_no_write(put: Any) -> None:
    async with open_gateway(Settings(upstream_put=put)) as gateway:
        outcome = await gateway.run(UPDATE, {"id": "1", "input": {}})
        assert outcome.whole["updateCustomer"]["customer"]["email"] == "alice@example.com"
        assert outcome.whole["updateCustomer"]["userErrors"] == []
        assert [call.method for call in outcome.calls] == ["GET"]
        outcome = await gateway.run(UPDATE, {"id": "999999", "input": {}})
        assert [error["code"] for error in outcome.whole["updateCustomer"]["userErrors"]] == ["NOT_FOUND"]


async def test_an_upstream_that_takes_changes_alone_is_sent_changes_alone() -> None:
    async with open_gateway(Settings(upstream_put="partial")) as gateway:
        outcome = await gateway.run('mutation { updateCustomer(id: 5, input: {code: "X"}) { customer { code } } }')
        assert outcome.whole == {"updateCustomer": {"customer": {"code": "X"}}}
        assert [call.method for call in outcome.calls] == ["PUT"]
