"""JSON:API documents of customers, as the upstream writes them."""

from __future__ import annotations

import json
from typing import Any

ADDRESS: dict[str, Any] = {
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
}


def resource(customer_id: int = 1, **attributes: Any) -> dict[str, Any]:
    """One customer's resource; attributes given replace the sample's."""
    members = {
        "id": customer_id,
        "enterprise_id": 2,
        "first_name": "Alice",
        "last_name": "Springs",
        "code": "BUYER1",
        "email": f"alice{customer_id}@example.com",
        "allow_charges": False,
        "tags": ["staff", "discount"],
        "terms_and_conditions_accepted_at": "2022-03-12T15:55:00.000+11:00",
        "billing_address": None,
        "shipping_address": ADDRESS,
        **attributes,
    }
    enterprise = {"id": str(members["enterprise_id"]), "type": "enterprise"}
    related = f"https://shop.test/api/v1/enterprises/{enterprise['id']}"
    return {
        "id": str(members["id"]),
        "type": "customer",
        "attributes": members,
        "relationships": {"enterprise": {"data": enterprise, "links": {"related": related}}},
    }


def one(customer_id: int = 1, **attributes: Any) -> dict[str, Any]:
    """The document of one customer."""
    return {"data": resource(customer_id, **attributes)}


def many(*rows: dict[str, Any], total: int | None = None) -> dict[str, Any]:
    """The document of a list."""
    pagination = {"results": len(rows) if total is None else total, "pages": 1, "page": 1, "per_page": 50}
    links = {"self": "https://shop.test/api/v1/customers?page=1&per_page=50", "prev": None, "next": None}
    return {"data": list(rows), "meta": {"pagination": pagination}, "links": links}


def errors(detail: str, **meta: Any) -> dict[str, Any]:
    """An error document."""
    document: dict[str, Any] = {"errors": [{"title": "Error", "detail": detail}]}
    return {**document, "meta": meta} if meta else document


def compact(document: Any) -> bytes:
    """JSON as the upstream writes it: without whitespace."""
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()
