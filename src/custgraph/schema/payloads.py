"""What the writes answer."""

from __future__ import annotations

import msgspec
import strawberry

from custgraph import rest
from custgraph.schema.customer import Customer
from custgraph.schema.definitions import record_type
from custgraph.schema.user_errors import CustomerErrorCode, UserError


class Saved(msgspec.Struct, frozen=True, gc=False):
    """The outcome of a create or an update: the customer, or what to correct."""

    customer: rest.Customer | None = None
    user_errors: list[UserError] = []


class Deleted(msgspec.Struct, frozen=True, gc=False):
    """The outcome of a delete: the id of the customer that is gone, or what to correct."""

    deleted_customer_id: int | None = None
    user_errors: list[UserError] = []


@record_type(UserError, description="Something in the request that the caller can correct.")
class CustomerUserError:
    """One problem."""

    code: CustomerErrorCode = strawberry.field(description="What kind of problem, for programs.")
    message: str = strawberry.field(description="What the problem is, for people, in the upstream's language.")
    field: list[str] | None = strawberry.field(
        description='Path to the argument at fault, such as `["input", "email"]`; null when it is not known.'
    )


@record_type(Saved, description="What `createCustomer` did.")
class CreateCustomerPayload:
    """The outcome of a create."""

    customer: Customer | None = strawberry.field(description="The customer; null when `userErrors` is not empty.")
    user_errors: list[CustomerUserError] = strawberry.field(description="What to correct; empty on success.")


@record_type(Saved, description="What `updateCustomer` did.")
class UpdateCustomerPayload:
    """The outcome of an update."""

    customer: Customer | None = strawberry.field(description="The customer; null when `userErrors` is not empty.")
    user_errors: list[CustomerUserError] = strawberry.field(description="What to correct; empty on success.")


@record_type(Deleted, description="What `deleteCustomer` did.")
class DeleteCustomerPayload:
    """The outcome of a delete."""

    deleted_customer_id: strawberry.ID | None = strawberry.field(
        description="The `id` of the customer that is gone; null when `userErrors` is not empty."
    )
    user_errors: list[CustomerUserError] = strawberry.field(description="What to correct; empty on success.")
