"""Inputs of the writes, and the attributes they come to. The members' Python names are the REST API's own.

A member is `None` when it was left out and `Some(None)` when it was given as null: the upstream leaves the one as it is
and clears the other.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from math import isfinite
from typing import Any

import strawberry
from strawberry.utils.str_converters import to_camel_case

from custgraph.errors import InvalidArgument
from custgraph.schema.ids import parse_id

MAX_TEXT = 65_536
"""Characters; the upstream's records are not believed to have longer texts either."""


@strawberry.input(description="A region, found by code or by name, in any case.")
class AddressRegionInput:
    """A region to look up."""

    code: strawberry.Maybe[str | None] = strawberry.field(default=None, description="Short code.")
    name: strawberry.Maybe[str | None] = strawberry.field(default=None, description="Name.")


@strawberry.input(description="A country, found by code or by name, in any case.")
class AddressCountryInput:
    """A country to look up."""

    code: strawberry.Maybe[str | None] = strawberry.field(default=None, description="ISO 3166-1 alpha-2 code.")
    name: strawberry.Maybe[str | None] = strawberry.field(default=None, description="Name.")


@strawberry.input(description="A postal address to write.")
class CustomerAddressInput:
    """An address; it takes the old one's place."""

    first_name: strawberry.Maybe[str | None] = strawberry.field(
        default=None, description="Given name of the addressee."
    )
    last_name: strawberry.Maybe[str | None] = strawberry.field(
        default=None, description="Family name of the addressee."
    )
    phone: strawberry.Maybe[str | None] = strawberry.field(default=None, description="Phone number.")
    street_address_1: strawberry.Maybe[str | None] = strawberry.field(
        default=None, description="First line of the street address."
    )
    street_address_2: strawberry.Maybe[str | None] = strawberry.field(
        default=None, description="Second line of the street address."
    )
    postal_code: strawberry.Maybe[str | None] = strawberry.field(default=None, description="Postal code.")
    locality: strawberry.Maybe[str | None] = strawberry.field(default=None, description="City, town or suburb.")
    region: strawberry.Maybe[AddressRegionInput | None] = strawberry.field(
        default=None, description="State, province or county."
    )
    country: strawberry.Maybe[AddressCountryInput | None] = strawberry.field(default=None, description="Country.")
    latitude: strawberry.Maybe[float | None] = strawberry.field(default=None, description="Degrees north.")
    longitude: strawberry.Maybe[float | None] = strawberry.field(default=None, description="Degrees east.")


@strawberry.input(description="A new customer.")
class CreateCustomerInput:
    """Attributes of a new customer."""

    enterprise_id: strawberry.ID = strawberry.field(description="The enterprise, by `id`.")
    email: str = strawberry.field(description="Email address.")
    first_name: strawberry.Maybe[str | None] = strawberry.field(default=None, description="Given name.")
    last_name: strawberry.Maybe[str | None] = strawberry.field(default=None, description="Family name.")
    code: strawberry.Maybe[str | None] = strawberry.field(default=None, description="The enterprise's own reference.")
    tags: strawberry.Maybe[list[str] | None] = strawberry.field(default=None, description="Labels.")
    billing_address: strawberry.Maybe[CustomerAddressInput | None] = strawberry.field(
        default=None, description="Where bills go."
    )
    shipping_address: strawberry.Maybe[CustomerAddressInput | None] = strawberry.field(
        default=None, description="Where orders go."
    )


@strawberry.input(description="Changes to a customer.")
class UpdateCustomerInput:
    """Attributes to change."""

    enterprise_id: strawberry.Maybe[strawberry.ID | None] = strawberry.field(
        default=None, description="The enterprise, by `id`; may not be cleared."
    )
    email: strawberry.Maybe[str | None] = strawberry.field(
        default=None, description="Email address; may not be cleared."
    )
    first_name: strawberry.Maybe[str | None] = strawberry.field(default=None, description="Given name.")
    last_name: strawberry.Maybe[str | None] = strawberry.field(default=None, description="Family name.")
    code: strawberry.Maybe[str | None] = strawberry.field(default=None, description="The enterprise's own reference.")
    tags: strawberry.Maybe[list[str] | None] = strawberry.field(
        default=None, description="Labels; these replace all the old ones."
    )
    billing_address: strawberry.Maybe[CustomerAddressInput | None] = strawberry.field(
        default=None, description="Where bills go."
    )
    shipping_address: strawberry.Maybe[CustomerAddressInput | None] = strawberry.field(
        default=None, description="Where orders go."
    )


def attributes_of(given: CreateCustomerInput | UpdateCustomerInput) -> dict[str, Any]:
    """Gives the attributes that a write was given, under their REST names.

    Raises:
        InvalidArgument: the enterprise is none by its id, the email or the enterprise would be cleared, or a text is
            too long or has a NUL in it, or a number is not finite.
    """
    attributes = _members(given, "input")
    for name in ("enterprise_id", "email"):
        if name in attributes and attributes[name] is None:
            argument = f"input.{to_camel_case(name)}"
            raise InvalidArgument(f"`{argument}` may not be null.", argument=argument)
    if "enterprise_id" in attributes:
        attributes["enterprise_id"] = parse_id(attributes["enterprise_id"], "input.enterpriseId")
    return attributes


def _members(given: Any, argument: str) -> dict[str, Any]:
    members = {}
    for field in fields(given):
        value = getattr(given, field.name)
        if value is not None:
            value = value.value if isinstance(value, strawberry.Some) else value
            members[field.name] = _value(value, f"{argument}.{to_camel_case(field.name)}")
    return members


def _value(value: Any, argument: str) -> Any:
    if is_dataclass(value):
        return _members(value, argument)
    for text in value if isinstance(value, list) else (value,):
        if isinstance(text, str) and (len(text) > MAX_TEXT or "\0" in text):
            raise InvalidArgument(
                f"`{argument}` takes at most {MAX_TEXT} characters and no NUL character.", argument=argument
            )
    if isinstance(value, float) and not isfinite(value):  # a literal such as 1e999, which JSON would make null
        raise InvalidArgument(f"`{argument}` must be a finite number.", argument=argument)
    return value
