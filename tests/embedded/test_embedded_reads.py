"""Show and list: documents, pages, visibility, extra data."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from custgraph.embedded import create_service
from custgraph.embedded.service import EmbeddedService
from support.embedded import CRASH, NOT_ALLOWED, NOT_FOUND, ClientFor, client_of, ids, refusal


async def test_show_answers_the_reference_example(client: httpx.AsyncClient) -> None:
    response = await client.get("/customers/1")
    assert response.status_code == 200
    assert response.json() == {
        "data": {
            "id": "1",
            "type": "customer",
            "attributes": {
                "id": 1,
                "enterprise_id": 2,
                "first_name": "Alice",
                "last_name": "Springs",
                "code": "BUYER1",
                "email": "alice@example.com",
                "allow_charges": False,
                "tags": ["staff", "discount"],
                "terms_and_conditions_accepted_at": "2022-03-12T15:55:00.000+11:00",
                "billing_address": None,
                "shipping_address": {
                    "phone": "0404 333 222 111",
                    "latitude": -37.8173751,
                    "longitude": 144.964803195704,
                    "first_name": "Alice",
                    "last_name": "Springs",
                    "street_address_1": "1 Flinders Street",
                    "street_address_2": "",
                    "postal_code": "1234",
                    "locality": "Melbourne",
                    "region": {"code": "Vic", "name": "Victoria"},
                    "country": {"code": "AU", "name": "Australia"},
                },
                "balance": 12.5,
            },
            "relationships": {
                "enterprise": {
                    "data": {"id": "2", "type": "enterprise"},
                    "links": {"related": "http://embedded/api/v1/enterprises/2"},
                }
            },
        }
    }


async def test_include_adds_the_enterprise_to_show_alone(client: httpx.AsyncClient) -> None:
    shown = (await client.get("/customers/1", params={"include": "enterprise"})).json()
    assert shown["included"] == [{"id": "2", "type": "enterprise", "attributes": {"id": 2, "name": "The Farm"}}]
    assert "included" not in (await client.get("/customers/1")).json()
    assert "included" not in (await client.get("/customers", params={"include": "enterprise"})).json()


@pytest.mark.parametrize(
    ("query", "page", "per_page", "first_id", "size"),
    [
        ("", 1, 50, 1, 50),
        ("page=2", 2, 50, 52, 50),
        ("per_page=200", 1, 200, 1, 200),
        ("per_page=201", 1, 200, 1, 200),
        ("per_page=0", 1, 1, 1, 1),
        ("per_page=-7", 1, 1, 1, 1),
        ("per_page=many", 1, 1, 1, 1),
        ("page=6&per_page=200", 6, 200, 1026, 170),
        ("page=7&per_page=200", 7, 200, None, 0),
        ("page=999999999999999999999999", 2**63 - 1, 50, None, 0),
    ],
)
async def test_pages(
    client: httpx.AsyncClient, query: str, page: int, per_page: int, first_id: int | None, size: int
) -> None:
    response = await client.get(f"/customers?{query}")
    found = ids(response)
    assert (first_id, size) == (found[0] if found else None, len(found))
    assert sorted(found) == found
    pages = -(-1170 // per_page)
    expected = {"results": 1170, "pages": pages, "page": page, "per_page": per_page}
    assert expected == response.json()["meta"]["pagination"]


async def test_links_keep_the_other_parameters_and_are_null_at_the_ends(client: httpx.AsyncClient) -> None:
    def links(response: httpx.Response) -> dict[str, Any]:
        return {
            name: None if link is None else dict(httpx.URL(link).params)
            for name, link in response.json()["links"].items()
        }

    others = {"per_page": "200", "q[s]": "id desc"}
    first = await client.get("/customers", params=others)
    assert links(first) == {
        "self": {**others, "page": "1"},
        "first": {**others, "page": "1"},
        "prev": None,
        "next": {**others, "page": "2"},
        "last": {**others, "page": "6"},
    }
    last = links(await client.get("/customers", params={**others, "page": "6"}))
    assert ({**others, "page": "5"}, None) == (last["prev"], last["next"])
    assert (await client.get(first.json()["links"]["next"])).status_code == 200


@pytest.mark.parametrize(("page", "said"), [("0", 0), ("-3", -3), ("two", 0), ("", 0)])
async def test_a_page_below_one_is_refused(client: httpx.AsyncClient, page: str, said: int) -> None:
    response = await client.get("/customers", params={"page": page})
    assert (422, f"expected :page >= 1; got {said}") == refusal(response)


async def test_an_empty_list_has_one_page(client: httpx.AsyncClient) -> None:
    response = await client.get("/customers", params={"q[id_eq]": "0"})
    assert ids(response) == []
    assert response.json()["meta"]["pagination"] == {"results": 0, "pages": 1, "page": 1, "per_page": 50}


async def test_both_lists_of_an_enterprise_agree(client: httpx.AsyncClient) -> None:
    filtered = await client.get("/customers", params={"enterprise_id": "3", "per_page": "200"})
    nested = await client.get("/enterprises/3/customers", params={"per_page": "200"})
    assert ids(filtered) == ids(nested)
    assert {3} == {row["attributes"]["enterprise_id"] for row in nested.json()["data"]}
    assert filtered.json()["meta"] == nested.json()["meta"]


@pytest.mark.parametrize("enterprise_id", ["", "x", "99", "0", "9999999999999999999999"])
async def test_an_enterprise_that_is_none_has_no_customers(client: httpx.AsyncClient, enterprise_id: str) -> None:
    assert ids(await client.get("/customers", params={"enterprise_id": enterprise_id})) == []


async def test_a_list_of_enterprises_is_a_filter_too(client: httpx.AsyncClient) -> None:
    response = await client.get("/customers?enterprise_id[]=1&enterprise_id[]=5&per_page=200")
    assert {1, 5} == {row["attributes"]["enterprise_id"] for row in response.json()["data"]}


async def test_show_gives_customers_that_the_list_hides(client: httpx.AsyncClient) -> None:
    assert ids(await client.get("/customers?q[id_in][]=39&q[id_in][]=40&q[id_in][]=41")) == [39, 41]
    assert (await client.get("/customers/40")).status_code == 200


async def test_balance_comes_with_show_and_in_lists_when_asked_for(client: httpx.AsyncClient) -> None:
    plain = (await client.get("/customers", params={"q[id_eq]": "1"})).json()
    asked = (await client.get("/customers", params={"q[id_eq]": "1", "extra_fields[customer]": "balance"})).json()
    assert "balance" not in plain["data"][0]["attributes"]
    assert asked["data"][0]["attributes"]["balance"] == 12.5


async def test_another_extra_field_is_refused(client: httpx.AsyncClient) -> None:
    response = await client.get("/customers", params={"extra_fields[customer]": "balance,orders,age"})
    assert response.status_code == 422
    assert response.json() == {
        "errors": [
            {
                "title": "Invalid query parameter",
                "detail": "Unsupported fields: orders, age",
                "source": {"parameter": "extra_fields[customer]"},
                "status": "unprocessable_entity",
                "code": 422,
            }
        ]
    }


@pytest.mark.parametrize("path", ["0", "1201", "abc", "-1", "9999999999999999999999999", "%2e%2e"])
async def test_a_customer_that_is_none_is_not_found(client: httpx.AsyncClient, path: str) -> None:
    response = await client.get(f"/customers/{path}")
    assert refusal(response) == NOT_FOUND


@pytest.mark.parametrize("path", ["/", "/customer", "/customers/1/orders", "/enterprises/2"])
async def test_another_path_is_not_found(client: httpx.AsyncClient, path: str) -> None:
    assert refusal(await client.get(path)) == NOT_FOUND


async def test_an_anonymous_caller_gets_an_empty_list_and_no_single_customer(client_for: ClientFor) -> None:
    async with client_for(None) as anonymous:
        assert ids(await anonymous.get("/customers")) == []
        assert refusal(await anonymous.get("/customers/1")) == NOT_ALLOWED
        assert refusal(await anonymous.delete("/customers/1")) == NOT_ALLOWED
        assert refusal(await anonymous.put("/customers/1", json={"first_name": "A"})) == NOT_ALLOWED
        new = {"enterprise_id": 1, "email": "a@example.com"}
        assert refusal(await anonymous.post("/customers", json=new)) == NOT_ALLOWED
        assert (await anonymous.get("/customers/0")).status_code == 404


@pytest.mark.parametrize("path", ["/customers", "/customers/1", "/enterprises/1/customers"])
async def test_a_wrong_key_is_repeated_in_the_message(client_for: ClientFor, path: str) -> None:
    async with client_for("guess-work") as stranger:
        assert refusal(await stranger.get(path)) == (401, "Invalid API key (guess-work) specified.")


async def test_each_key_opens_its_own_enterprises(service: EmbeddedService, client_for: ClientFor) -> None:
    for token, managed in service.tokens.items():
        async with client_for(token) as caller:
            rows = (await caller.get("/customers?per_page=200")).json()["data"]
            assert set(managed) == {row["attributes"]["enterprise_id"] for row in rows}
            shown = await caller.get("/customers/1")
            assert (200 if 2 in managed else 401) == shown.status_code


async def test_the_key_may_come_in_the_query_and_a_session_goes_before_it(client_for: ClientFor) -> None:
    async with client_for(None) as caller:
        assert ids(await caller.get("/customers?q[id_eq]=1&token=farm-manager")) == [1]
        cookies = {"Cookie": "_ofn_session_id=farm-session", "X-Api-Token": "garden-manager"}
        assert ids(await caller.get("/customers?q[id_eq]=1", headers=cookies)) == [1]
        assert ids(await caller.get("/customers", headers={"Cookie": "_ofn_session_id=ended"})) == []


async def test_an_unknown_include_crashes_the_service(client: httpx.AsyncClient) -> None:
    response = await client.get("/customers/1", params={"include": "orders"})
    assert refusal(response) == CRASH


async def test_a_documented_only_service_ignores_what_the_reference_does_not_name() -> None:
    service = create_service(None, documented_only=True)
    async with client_of(service, service.demo_token) as client:
        query = {
            "q[id_eq]": "7",
            "q[s]": "id desc",
            "extra_fields[customer]": "age",
            "include": "orders",
            "per_page": "2",
        }
        listed = await client.get("/customers", params=query)
        assert ids(listed) == [1, 2]
        assert "balance" not in listed.json()["data"][0]["attributes"]
        assert "included" not in (await client.get("/customers/1", params=query)).json()
        put = await client.put("/customers/1", json={"first_name": "A", "enterprise_id": 2})
        assert refusal(put) == (422, "A required parameter is missing or empty: email")
        whole = {"first_name": "A", "enterprise_id": 2, "email": "alice@example.com"}
        assert (await client.put("/customers/1", json=whole)).status_code == 200
    await service.aclose()


async def test_a_deployment_may_send_fewer_rows_than_asked_for() -> None:
    service = create_service(None, max_rows=100)
    async with client_of(service, service.demo_token) as client:
        response = await client.get("/customers", params={"per_page": "200", "page": "2"})
        assert len(ids(response)) == 100
        assert response.json()["meta"]["pagination"] == {"results": 1170, "pages": 12, "page": 2, "per_page": 200}
    await service.aclose()
