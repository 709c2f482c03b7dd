"""Operations that cross services, through each gateway: the right data, the fewest calls, errors in their places."""

from __future__ import annotations

import asyncio
from urllib.parse import parse_qs

import httpx
import pytest

from custgraph.embedded.sample import ENTERPRISES, TOKENS, sample_data
from support.gateways import Answer, Gateway

pytestmark = [pytest.mark.node, pytest.mark.timeout(300)]

CUSTOMERS = {str(row["id"]): row for row in sample_data().customers}
LIST = ("GET", "/api/v1/customers")
CREATE = """
  mutation ($input: CreateCustomerInput!) {
    createCustomer(input: $input) {
      customer { id email orders { id } enterprise { id town } }
      userErrors { code message field }
    }
  }
"""


def calls(answer: Answer) -> list[tuple[str, str]]:
    """What custgraph asked of the REST API."""
    return [(call.method, call.path) for call in answer.calls]


def test_customers_reached_through_orders_cost_one_request_and_one_call(gateway: Gateway) -> None:
    answer = gateway.ask("{ orders(first: 25) { customer { id firstName email } } }")
    assert [order["customer"] for order in answer.data["orders"]] == [
        {"id": id_, "firstName": CUSTOMERS[id_]["first_name"], "email": CUSTOMERS[id_]["email"]}
        for id_ in map(str, range(1, 26))
    ]
    assert len(answer.requests) == 1
    assert calls(answer) == [LIST]
    assert "balance" not in answer.calls[0].query


def test_a_balance_is_asked_for_only_where_it_is_selected(gateway: Gateway) -> None:
    answer = gateway.ask("{ orders(first: 25) { customer { id balance } } }")
    for order in answer.data["orders"]:
        cents = CUSTOMERS[order["customer"]["id"]]["balance_cents"]
        assert float(order["customer"]["balance"]) == cents / 100
    [call] = answer.calls
    assert parse_qs(call.query)["extra_fields[customer]"] == ["balance"]


def test_no_customer_is_asked_for_twice(gateway: Gateway) -> None:
    answer = gateway.ask("{ orders(first: 480) { customer { code } } }")
    assert len(answer.data["orders"]) == 480
    asked = [id_ for call in answer.calls for id_ in parse_qs(call.query).get("q[id_in][]", ())]
    assert sorted(asked, key=int) == [str(id_) for id_ in range(1, 241)]
    assert len(answer.requests) <= 2  # stitching takes 200 at once


def test_other_services_add_to_a_customer(gateway: Gateway) -> None:
    answer = gateway.ask('{ customer(id: "2") { email orders { id total } enterprise { name town } } }')
    assert answer.data["customer"] == {
        "email": CUSTOMERS["2"]["email"],
        "orders": [{"id": "1002", "total": "19.35"}, {"id": "1242", "total": "475.05"}],
        "enterprise": {"name": "Riverbend Community Garden", "town": "Bellingen"},
    }
    assert calls(answer) == [("GET", "/api/v1/customers/2")]


def test_an_enterprise_owned_elsewhere_gets_its_customers_by_id_alone(gateway: Gateway) -> None:
    answer = gateway.ask("{ enterprises { id name customers(first: 2) { totalCount nodes { id orders { id } } } } }")
    shown = [(id_, row["enterprise_id"]) for id_, row in CUSTOMERS.items() if row["visible"]]
    for number, enterprise in enumerate(answer.data["enterprises"], 1):
        ids = [id_ for id_, enterprise_id in shown if enterprise_id == number]
        assert enterprise["name"] == ENTERPRISES[number - 1].name
        assert enterprise["customers"]["totalCount"] >= len(ids)  # other tests create customers
        assert [customer["id"] for customer in enterprise["customers"]["nodes"]] == ids[:2]
    assert len(answer.requests) == 1
    assert calls(answer) == [LIST] * len(ENTERPRISES)  # a page for each, nothing for the enterprises themselves


def test_what_an_enterprise_is_elsewhere_costs_no_call(gateway: Gateway) -> None:
    answer = gateway.ask("{ orders(first: 25) { customer { enterprise { name town } } } }")
    names = [order["customer"]["enterprise"]["name"] for order in answer.data["orders"]]
    assert names == [ENTERPRISES[CUSTOMERS[str(id_)]["enterprise_id"] - 1].name for id_ in range(1, 26)]
    assert calls(answer) == [LIST]


def test_whoever_owns_enterprises_answers_for_them(gateway: Gateway) -> None:
    answer = gateway.ask('{ here: enterprise(id: "2") { name } nowhere: enterprise(id: "99") { name } }')
    assert answer.data == {"here": {"name": "The Farm"}, "nowhere": None}
    assert answer.requests == []


@pytest.mark.parametrize("field", ["firstName", "email"])  # nullable, and not
def test_one_customer_s_error_keeps_its_place_and_code(gateway: Gateway, field: str) -> None:
    answer = gateway.ask(f"{{ orders(first: 9) {{ id customer {{ {field} }} }} }}", {"X-Api-Token": "farm-manager"})
    column = {"firstName": "first_name", "email": "email"}[field]
    seen = {id_: CUSTOMERS[str(id_)][column] for id_ in range(1, 10) if CUSTOMERS[str(id_)]["enterprise_id"] == 2}
    orders = answer.body["data"]["orders"]
    assert [order["id"] for order in orders] == [str(1000 + id_) for id_ in range(1, 10)]
    assert [(order["customer"] or {}).get(field) for order in orders] == [seen.get(id_) for id_ in range(1, 10)]
    place = ["customer"] if gateway.name == "apollo" else ["customer", field]
    hidden = [id_ for id_ in range(1, 10) if id_ not in seen]
    assert [error["path"] for error in answer.body["errors"]] == [["orders", id_ - 1, *place] for id_ in hidden]
    for error in answer.body["errors"]:
        assert error["message"] == "You are not authorized to perform that action."
        extensions = error["extensions"]
        assert extensions.pop("code") == "FORBIDDEN"
        assert extensions.pop("requestId")
        assert extensions == ({"serviceName": "custgraph"} if gateway.name in ("apollo", "hive") else {})


def test_a_caller_without_credential_is_told_so(gateway: Gateway) -> None:
    answer = gateway.ask("{ orders(first: 2) { id customer { email } } }", {})
    assert answer.body["data"] == {"orders": [{"id": "1001", "customer": None}, {"id": "1002", "customer": None}]}
    assert {error["extensions"]["code"] for error in answer.body["errors"]} == {"UNAUTHENTICATED"}
    paths = [["orders", index, "customer", "email"] for index in range(2)]
    apollo = [["orders", "@", "customer", "_entities"]]
    assert [error["path"] for error in answer.body["errors"]] == (apollo if gateway.name == "apollo" else paths)
    assert answer.calls == []


def test_a_mutation_writes_and_reads_across_services(gateway: Gateway) -> None:
    email = f"{gateway.name}@example.com"
    answer = gateway.ask(CREATE, input={"enterpriseId": "2", "email": email})
    payload = answer.data["createCustomer"]
    assert payload["customer"].pop("id")
    assert payload == {
        "customer": {"email": email, "orders": [], "enterprise": {"id": "2", "town": "Daylesford"}},
        "userErrors": [],
    }
    assert calls(answer) == [("POST", "/api/v1/customers")]


def test_a_mutation_tells_what_to_correct(gateway: Gateway) -> None:
    answer = gateway.ask(CREATE, input={"enterpriseId": "2", "email": "nonsense"})
    assert answer.data["createCustomer"] == {
        "customer": None,
        "userErrors": [{"code": "INVALID", "message": "Email is invalid", "field": ["input", "email"]}],
    }


def test_a_mutation_s_error_keeps_its_code(gateway: Gateway) -> None:
    answer = gateway.ask('mutation { deleteCustomer(id: "first") { deletedCustomerId } }')
    [error] = answer.body["errors"]
    assert error["path"] == ["deleteCustomer"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"


@pytest.mark.parametrize("credential", [{"X-Api-Token": "demo-token"}, {"Authorization": "Bearer demo-token"}])
def test_credential_request_id_and_trace_reach_the_rest_api(gateway: Gateway, credential: dict[str, str]) -> None:
    trace = "0af7651916cd43dd8448eb211c80319c"
    headers = {"X-Request-Id": "order-desk-7", "traceparent": f"00-{trace}-b7ad6b7169203331-01"}
    answer = gateway.ask("{ orders(first: 3) { customer { email } } }", {**headers, **credential})
    assert len(answer.data["orders"]) == 3
    [request], [call] = answer.requests, answer.calls
    for name, value in credential.items():
        assert request.headers[name.lower()] == value
    assert request.headers["x-request-id"] == "order-desk-7"
    assert call.headers["x-api-token"] == "demo-token"
    assert call.headers["x-request-id"].startswith("order-desk-7")
    assert request.headers["traceparent"].split("-")[1] == call.headers["traceparent"].split("-")[1] == trace


async def test_callers_at_the_same_time_get_their_own_answers(gateway: Gateway) -> None:
    query = {"query": "{ orders(first: 9) { customer { email } } }"}
    tokens = ["demo-token", "farm-manager", "ferme-manager"] * 4
    async with httpx.AsyncClient(timeout=30) as client:
        answers = await asyncio.gather(
            *(client.post(gateway.url, json=query, headers={"X-Api-Token": token}) for token in tokens)
        )
    for token, answer in zip(tokens, answers, strict=True):
        seen = [bool((order["customer"] or {}).get("email")) for order in answer.json()["data"]["orders"]]
        assert seen == [CUSTOMERS[str(id_)]["enterprise_id"] in TOKENS[token] for id_ in range(1, 10)]
