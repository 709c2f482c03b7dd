"""The customer, as it is read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Final

import strawberry
from graphql import FieldNode
from msgspec import UNSET

from custgraph import rest
from custgraph.schema.address import CustomerAddress
from custgraph.schema.context import Context
from custgraph.schema.definitions import derived, read, record_type
from custgraph.schema.ids import node_id
from custgraph.schema.lookahead import Fragments, selects
from custgraph.schema.node import Node
from custgraph.schema.references import EnterpriseReference

if TYPE_CHECKING:
    from custgraph.schema.enterprise import Enterprise


ADDRESSES: Final = frozenset({"billingAddress", "shippingAddress"})
"""Fields that hold more than half of a customer's answer; where none is asked for, they are left unread."""

BRIEF: Final[Mapping[type, type]] = {rest.Customer: rest.BriefCustomer}


def enterprise_of(customer: rest.Customer) -> EnterpriseReference:
    """Refers to the customer's enterprise; the customer is remembered as one through whom its name can be read."""
    return EnterpriseReference(customer.enterprise_id, customer.id)


def wants_balance(nodes: list[FieldNode], fragments: Fragments, variables: Mapping[str, Any]) -> bool:
    """Looks ahead from a field of customers: whether their balances are selected."""
    return selects(nodes, fragments, variables, ("balance",))


async def read_balance(context: Context, customer: rest.Customer, _wants: None) -> Decimal | None:
    """Asks for the balance of a customer whose record came without, together with those of other customers.

    Null where the upstream has none.
    """
    shown = customer if customer.balance is not UNSET else await context.customers(balance=True).ask(customer.id)
    return None if shown is None or shown.balance is UNSET else shown.balance


@record_type(rest.Customer, description="Someone who buys from one enterprise: a user, or a guest known by email.")
class Customer(Node):
    """A customer of one enterprise."""

    id: strawberry.ID = strawberry.field(description="The ID, the same as in the REST API.")
    node_id: strawberry.ID = derived(
        lambda customer: node_id("Customer", customer.id), description="The identity across all types, for `node`."
    )
    enterprise: Annotated[Enterprise, strawberry.lazy("custgraph.schema.enterprise")] = derived(
        enterprise_of, description="The enterprise the customer buys from."
    )
    first_name: str | None = strawberry.field(description="Given name.")
    last_name: str | None = strawberry.field(description="Family name.")
    code: str | None = strawberry.field(
        description="The enterprise's own reference for the customer; unique within the enterprise."
    )
    email: str = strawberry.field(description="Email address; unique within the enterprise.")
    tags: list[str] = strawberry.field(description="Labels the enterprise sorts its customers by.")
    allow_charges: bool = strawberry.field(description="Whether the customer lets the enterprise charge a saved card.")
    terms_and_conditions_accepted_at: datetime | None = strawberry.field(
        description="When the customer accepted the enterprise's terms; null if never."
    )
    billing_address: CustomerAddress | None = strawberry.field(description="Where bills go.")
    shipping_address: CustomerAddress | None = strawberry.field(description="Where orders go.")
    balance: Decimal | None = read(
        read_balance,
        held="balance",
        description="Paid minus ordered; negative when the customer owes. "
        "Costly upstream, so fetched only when selected.",
    )
