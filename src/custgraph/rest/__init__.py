"""The upstream leg: the Customers API v1 over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from custgraph.rest.params import MAX_PER_PAGE, Condition, ListQuery
from custgraph.rest.records import Address, BriefCustomer, Country, Customer, CustomerPage, Enterprise, Region
from custgraph.rest.session import UpstreamSession
from custgraph.rest.upstream import Upstream

if TYPE_CHECKING:
    import httpx

__all__ = [
    "MAX_PER_PAGE",
    "Address",
    "BriefCustomer",
    "Condition",
    "Country",
    "Customer",
    "CustomerPage",
    "Enterprise",
    "ListQuery",
    "Region",
    "Upstream",
    "UpstreamSession",
    "in_process",
]


def in_process(application: Any) -> httpx.AsyncBaseTransport:
    """Makes the transport to an ASGI application in this process, such as the embedded service."""
    import httpx

    return httpx.ASGITransport(application)
