"""Show and list: documents, pages, visibility, extra data."""

from __future__ import annotations

from typing import Any

import httpx
import pytest


def ids(response: httpx.Response) -> list[int]:
    assert response.status_code == 200, response.text
    return [row["attributes"]["id"] for row in response.json()["data"]]


def detail(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["errors"][0]["detail"]


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
    assert (422, f"expected :page >= 1; got {said}") == detail(response)
