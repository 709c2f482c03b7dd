"""The roots of reads."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Annotated

import strawberry

from custgraph import rest
from custgraph.schema.arguments import After, Before, Filter, First, Id, Ids, Last
from custgraph.schema.connection_types import CustomerConnection
from custgraph.schema.connections import Connection, ConnectionWants, connection_wants, lacking_rows, read_connection
from custgraph.schema.context import Context
from custgraph.schema.customer import Customer, wants_balance
from custgraph.schema.definitions import read
from custgraph.schema.enterprise import Enterprise
from custgraph.schema.ids import parse_id, parse_ids, parse_node_id
from custgraph.schema.node import Node
from custgraph.schema.references import EnterpriseReference


def read_customer(
    context: Context,
    _root: object,
    balance: bool,
    *,
    id: Id,  # noqa: A002 - the argument's name in the schema
) -> Awaitable[rest.Customer | None]:
    """Loads one customer."""
    context.require_credential()
    return context.root_customer(parse_id(id, "id"), balance=balance)


def read_customers_by_ids(
    context: Context, _root: object, balance: bool, *, ids: Ids
) -> Awaitable[list[rest.Customer | Exception | None]]:
    """Loads many customers; one that cannot be had is an error in its own place."""
    context.require_credential()
    return context.root_customers(parse_ids(ids, "ids"), balance=balance)


def read_customers(
    context: Context,
    _root: object,
    wants: ConnectionWants,
    *,
    enterprise_id: Annotated[
        strawberry.ID | None, strawberry.argument(description="Keeps one enterprise's customers. Its `id`.")
    ] = None,
    search: Annotated[
        str | None,
        strawberry.argument(
            description="Keeps the customers whose first name, last name, email or code contains this text, "
            "in any case."
        ),
    ] = None,
    filter: Filter = None,  # noqa: A002 - the argument's name in the schema
    first: First = None,
    after: After = None,
    last: Last = None,
    before: Before = None,
) -> Awaitable[Connection]:
    """Reads one page of customers."""
    context.require_credential()
    return read_connection(
        context,
        wants,
        enterprise_id=None if enterprise_id is None else parse_id(enterprise_id, "enterpriseId"),
        search=search,
        filter=filter,
        first=first,
        after=after,
        last=last,
        before=before,
    )


async def read_enterprise(
    context: Context,
    _root: object,
    _wants: None,
    *,
    id: Id,  # noqa: A002 - the argument's name in the schema
) -> EnterpriseReference:
    """Names an enterprise; the upstream has no call that would tell whether it exists."""
    context.require_credential()
    return EnterpriseReference(parse_id(id, "id"))


async def read_enterprises_by_ids(
    context: Context, _root: object, _wants: None, *, ids: Ids
) -> list[EnterpriseReference]:
    """Names many enterprises."""
    context.require_credential()
    return [EnterpriseReference(id_) for id_ in parse_ids(ids, "ids")]


async def read_node(
    context: Context,
    _root: object,
    balance: bool,
    *,
    node_id: Annotated[strawberry.ID, strawberry.argument(description="The `nodeId`.")],
) -> rest.Customer | EnterpriseReference | None:
    """Fetches an object again."""
    context.require_credential()
    type_name, id_ = parse_node_id(node_id)
    if type_name == "Enterprise":
        return EnterpriseReference(id_)
    return await context.root_customer(id_, balance=balance)


@strawberry.type(description="Reads. Each is answered by the upstream REST API with the caller's own credentials.")
class Query:
    """What can be read."""

    customer: Customer | None = read(
        read_customer, wants=wants_balance, description="Looks up one customer. Null when there is none."
    )
    customers_by_ids: list[Customer | None] = read(
        read_customers_by_ids,
        wants=wants_balance,
        description="Looks up many customers, in the order given, with null where there is none. "
        "Made for schema stitching.",
    )
    customers: CustomerConnection | None = read(
        read_customers,
        wants=connection_wants,
        remark=lacking_rows,
        description="Lists the customers of all enterprises the caller manages, ordered by `id`.",
    )
    enterprise: Enterprise | None = read(
        read_enterprise,
        description="Names an enterprise by ID, without asking the upstream whether it exists.",
    )
    enterprises_by_ids: list[Enterprise | None] = read(
        read_enterprises_by_ids,
        description="Names many enterprises by ID, in the order given, without asking the upstream whether they exist. "
        "Made for schema stitching.",
    )
    node: Node | None = read(
        read_node,
        wants=wants_balance,
        description="Fetches any object again by its `nodeId` alone. Null when there is none.",
    )
