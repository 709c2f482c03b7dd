"""The types of a connection, as the Relay cursor connections specification has them, with `nodes` and `totalCount`."""

from __future__ import annotations

import strawberry

from custgraph.schema.connections import Connection, Edge, PageBounds
from custgraph.schema.customer import Customer
from custgraph.schema.definitions import record_type


@record_type(PageBounds, description="A page's place in its list.")
class PageInfo:
    """Where a page begins and ends."""

    has_next_page: bool = strawberry.field(description="Whether the list goes on after this page.")
    has_previous_page: bool = strawberry.field(description="Whether the list starts before this page.")
    start_cursor: str | None = strawberry.field(
        description="The first cursor of the page; null when the page is empty."
    )
    end_cursor: str | None = strawberry.field(description="The last cursor of the page; null when the page is empty.")


@record_type(Edge, description="A customer's place in a list.")
class CustomerEdge:
    """A customer and its cursor."""

    cursor: str = strawberry.field(description="Opaque position, for `after` or `before`.")
    node: Customer = strawberry.field(description="The customer.")


@record_type(Connection, description="One page of a list of customers.")
class CustomerConnection:
    """One page of customers."""

    total_count: int = strawberry.field(description="How many customers the whole list holds.")
    page_info: PageInfo = strawberry.field(description="The page's place in the list.")
    edges: list[CustomerEdge] = strawberry.field(description="The customers, each with its cursor.")
    nodes: list[Customer] = strawberry.field(description="The customers, without cursors.")
