"""Postal addresses, as they are read."""

from __future__ import annotations

import strawberry

from custgraph import rest
from custgraph.schema.definitions import record_type


@record_type(rest.Region, description="A state, province or county.")
class AddressRegion:
    """A region of a country."""

    code: str | None = strawberry.field(description="Short code, such as `Vic`.")
    name: str | None = strawberry.field(description="Name, such as `Victoria`.")


@record_type(rest.Country, description="A country.")
class AddressCountry:
    """A country."""

    code: str | None = strawberry.field(description="ISO 3166-1 alpha-2 code, such as `AU`.")
    name: str | None = strawberry.field(description="Name, such as `Australia`.")


@record_type(rest.Address, description="A postal address.")
class CustomerAddress:
    """A billing or shipping address."""

    first_name: str | None = strawberry.field(description="Given name of the addressee.")
    last_name: str | None = strawberry.field(description="Family name of the addressee.")
    phone: str | None = strawberry.field(description="Phone number, as typed.")
    street_address_1: str | None = strawberry.field(description="First line of the street address.")
    street_address_2: str | None = strawberry.field(description="Second line of the street address.")
    postal_code: str | None = strawberry.field(description="Postal code.")
    locality: str | None = strawberry.field(description="City, town or suburb.")
    region: AddressRegion | None = strawberry.field(description="State, province or county.")
    country: AddressCountry | None = strawberry.field(description="Country.")
    latitude: float | None = strawberry.field(description="Degrees north.")
    longitude: float | None = strawberry.field(description="Degrees east.")
