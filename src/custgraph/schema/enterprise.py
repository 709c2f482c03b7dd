"""The enterprise: known by id; its name and customers are asked for when they are selected."""

from __future__ import annotations

from collections.abc import Awaitable

import strawberry

from custgraph.schema.arguments import After, Before, Filter, First, Last
from custgraph.schema.connection_types import CustomerConnection
from custgraph.schema.connections import Connection, ConnectionWants, connection_wants, lacking_rows, read_connection
from custgraph.schema.context import Context
from custgraph.schema.definitions import derived, read, record_type
from custgraph.schema.ids import node_id
from custgraph.schema.node import Node
from custgraph.schema.references import EnterpriseReference


def read_name(context: Context, enterprise: EnterpriseReference, _wants: None) -> Awaitable[str | None]:
    """Asks for the name, through a customer."""
    return context.enterprise_names.ask_through(enterprise.id, enterprise.customer_id)


def read_customers(
    context: Context,
    enterprise: EnterpriseReference,
    wants: ConnectionWants,
    *,
    filter: Filter = None,  # noqa: A002 - the argument's name in the schema
    first: First = None,
    after: After = None,
    last: Last = None,
    before: Before = None,
) -> Awaitable[Connection]:
    """Reads one page of the enterprise's customers; whether it exists is not asked."""
    return read_connection(
        context, wants, enterprise_id=enterprise.id, filter=filter, first=first, after=after, last=last, before=before
    )


@record_type(
    EnterpriseReference,
    description="A shop, farm or hub. This graph holds its name and customers; other graphs may add to it.",
)
class Enterprise(Node):
    """An enterprise by id."""

    id: strawberry.ID = strawberry.field(description="The ID, the same as in the REST API.")
    node_id: strawberry.ID = derived(
        lambda enterprise: node_id("Enterprise", enterprise.id),
        description="The identity across all types, for `node`.",
    )
    name: str | None = read(read_name, description="Display name. Null when the caller can see none of its customers.")
    customers: CustomerConnection | None = read(
        read_customers,
        wants=connection_wants,
        remark=lacking_rows,
        description="The enterprise's customers, ordered by `id`.",
    )
