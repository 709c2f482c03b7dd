"""The roots of writes."""

from __future__ import annotations

from typing import Annotated

import strawberry

from custgraph.errors import NotFound, Refused
from custgraph.schema.arguments import Id
from custgraph.schema.context import Context
from custgraph.schema.definitions import read
from custgraph.schema.ids import parse_id
from custgraph.schema.inputs import CreateCustomerInput, UpdateCustomerInput, attributes_of
from custgraph.schema.payloads import (
    CreateCustomerPayload,
    DeleteCustomerPayload,
    Deleted,
    Saved,
    UpdateCustomerPayload,
)
from custgraph.schema.user_errors import of_delete, of_save


async def create_customer(
    context: Context,
    _root: object,
    _wants: None,
    *,
    input: Annotated[  # noqa: A002 - the argument's name in the schema
        CreateCustomerInput, strawberry.argument(description="The new customer.")
    ],
) -> Saved:
    """Creates a customer."""
    context.require_credential()
    attributes = attributes_of(input)
    try:
        customer = await context.session.create_customer(attributes)
    except (Refused, NotFound) as error:
        return Saved(user_errors=of_save(error, missing=("input", "enterpriseId")))
    finally:
        context.forget()
    context.remember(customer.id, customer)
    return Saved(customer)


async def update_customer(
    context: Context,
    _root: object,
    _wants: None,
    *,
    id: Id,  # noqa: A002 - the argument's name in the schema
    input: Annotated[  # noqa: A002 - the argument's name in the schema
        UpdateCustomerInput, strawberry.argument(description="The changes.")
    ],
) -> Saved:
    """Changes a customer; without a change it is only read, for a PUT of nothing may be refused."""
    context.require_credential()
    customer_id, attributes = parse_id(id, "id"), attributes_of(input)
    session = context.session
    try:
        if attributes:
            customer = await session.update_customer(customer_id, attributes)
        else:
            customer = await session.show_customer(customer_id)
    except (Refused, NotFound) as error:
        return Saved(user_errors=of_save(error, missing=("id",)))
    finally:
        context.forget()
    context.remember(customer.id, customer)
    return Saved(customer)


async def delete_customer(
    context: Context,
    _root: object,
    _wants: None,
    *,
    id: Id,  # noqa: A002 - the argument's name in the schema
) -> Deleted:
    """Deletes a customer."""
    context.require_credential()
    customer_id = parse_id(id, "id")
    try:
        await context.session.delete_customer(customer_id)
    except (Refused, NotFound) as error:
        return Deleted(user_errors=of_delete(error))
    finally:
        context.forget()
    context.remember(customer_id, None)
    return Deleted(customer_id)


@strawberry.type(
    description="Writes. What the caller can correct comes back in `userErrors`; anything else is a top-level error."
)
class Mutation:
    """What can be written."""

    create_customer: CreateCustomerPayload | None = read(
        create_customer,
        description="Creates a customer. If the enterprise already has a customer with this email, "
        "that customer is updated instead.",
    )
    update_customer: UpdateCustomerPayload | None = read(
        update_customer,
        description="Changes the fields given. A field left out keeps its value; a field given as null is cleared.",
    )
    delete_customer: DeleteCustomerPayload | None = read(
        delete_customer,
        description="Deletes a customer. Refused while the customer has credit or a live subscription.",
    )
