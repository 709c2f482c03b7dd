"""The upstream leg: the Customers API v1 over HTTP."""

from __future__ import annotations

from custgraph.rest.httpx_wire import in_process
from custgraph.rest.params import MAX_PER_PAGE, Condition, ListQuery
from custgraph.rest.records import Address, Country, Customer, CustomerPage, Enterprise, Region
from custgraph.rest.session import UpstreamSession
from custgraph.rest.upstream import Upstream

__all__ = [
    "MAX_PER_PAGE",
    "Address",
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
