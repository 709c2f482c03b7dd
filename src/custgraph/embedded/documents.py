"""JSON:API documents of customers, and the pages they come in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple
from urllib.parse import urlencode

from msgspec import Raw
from sqlalchemy import RowMapping

from .behaviour import MAX_PER_PAGE
from .errors import BadPage
from .params import QueryParams, to_i

DEFAULT_PER_PAGE = 50


class Page(NamedTuple):
    """One page of a list.

    Attributes:
        number: from 1.
        per_page: the size asked for.
        limit: the size it has.
        results: how many rows the list has.
    """

    number: int
    per_page: int
    limit: int
    results: int

    @property
    def pages(self) -> int:
        """How many pages the list has; an empty list has one."""
        return max(1, -(-self.results // self.limit))

    @property
    def offset(self) -> int | None:
        """How many rows come before the page; None for a page past the end."""
        offset = (self.number - 1) * self.limit
        return offset if offset < self.results else None


def page_asked_for(params: QueryParams) -> tuple[int, int]:
    """The page's number and size, the size clamped to 1..200.

    Raises:
        BadPage: for a number below 1, and for what is no number.
    """
    page = params.text("page")
    number = 1 if page is None else to_i(page)
    if number < 1:
        raise BadPage(number)
    size = params.text("per_page")
    return number, DEFAULT_PER_PAGE if size is None else max(1, min(MAX_PER_PAGE, to_i(size)))


def resource(row: RowMapping, base_url: str, *, balance: bool) -> dict[str, Any]:
    """One customer as a resource object."""
    enterprise_id = row["enterprise_id"]
    attributes = {
        "id": row["id"],
        "enterprise_id": enterprise_id,
        "first_name": row["first_name"],
        "last_name": row["last_name"],
        "code": row["code"],
        "email": row["email"],
        "allow_charges": row["allow_charges"],
        "tags": Raw(row["tags"]),
        "terms_and_conditions_accepted_at": row["terms_and_conditions_accepted_at"],
        "billing_address": Raw(row["billing_address"]),
        "shipping_address": Raw(row["shipping_address"]),
    }
    if balance:
        attributes["balance"] = row["balance_cents"] / 100
    return {
        "id": str(row["id"]),
        "type": "customer",
        "attributes": attributes,
        "relationships": {
            "enterprise": {
                "data": {"id": str(enterprise_id), "type": "enterprise"},
                "links": {"related": f"{base_url}/enterprises/{enterprise_id}"},
            }
        },
    }


def included_enterprise(enterprise_id: int, name: str) -> dict[str, Any]:
    """One enterprise as an `included` resource object."""
    return {"id": str(enterprise_id), "type": "enterprise", "attributes": {"id": enterprise_id, "name": name}}


def collection(
    rows: Iterable[RowMapping], page: Page, *, base_url: str, list_url: str, params: QueryParams, balance: bool
) -> dict[str, Any]:
    """A page of customers as a document."""
    others = [(key, value) for key, value in params.pairs if key != "page"]

    def link(number: int | None) -> str | None:
        return None if number is None else f"{list_url}?{urlencode([*others, ('page', number)])}"

    return {
        "data": [resource(row, base_url, balance=balance) for row in rows],
        "meta": {
            "pagination": {
                "results": page.results,
                "pages": page.pages,
                "page": page.number,
                "per_page": page.per_page,
            }
        },
        "links": {
            "self": link(page.number),
            "first": link(1),
            "prev": link(page.number - 1 if page.number > 1 else None),
            "next": link(page.number + 1 if page.number < page.pages else None),
            "last": link(page.pages),
        },
    }
