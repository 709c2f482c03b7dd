"""The upstream's resources as frozen records, decoded straight from the JSON's bytes.

A record has the REST API's member names. `None` is JSON's null; `UNSET` is a member that was not in the answer.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

RestId = Annotated[int, Meta(ge=1, lt=10**19)]
"""A REST id; GraphQL shows it as a string."""


class Region(msgspec.Struct, frozen=True, gc=False):
    """A state, province or county."""

    code: str | None = None
    name: str | None = None


class Country(msgspec.Struct, frozen=True, gc=False):
    """A country."""

    code: str | None = None
    name: str | None = None


class Address(msgspec.Struct, frozen=True, gc=False):
    """A postal address. `latitude` and `longitude` are in degrees; numeric strings were made numbers."""

    first_name: str | None = None
    last_name: str | None = None
    phone: str | None = None
    street_address_1: str | None = None
    street_address_2: str | None = None
    postal_code: str | None = None
    locality: str | None = None
    region: Region | None = None
    country: Country | None = None
    latitude: float | None = None
    longitude: float | None = None


class Customer(msgspec.Struct, frozen=True, gc=False):
    """Someone who buys from one enterprise. `balance` is UNSET where the upstream did not tell it."""

    id: RestId
    enterprise_id: RestId
    first_name: str | None
    last_name: str | None
    code: str | None
    email: str
    allow_charges: bool
    tags: list[str]
    terms_and_conditions_accepted_at: datetime | None
    billing_address: Address | None
    shipping_address: Address | None
    balance: Decimal | UnsetType = UNSET


class Enterprise(msgspec.Struct, frozen=True, gc=False):
    """An enterprise as a customer's answer tells of it."""

    id: RestId
    name: str | None


class CustomerPage(msgspec.Struct, frozen=True, gc=False):
    """One page of the upstream's list.

    Attributes:
        rows: the customers whose rows were sound, in the upstream's order.
        total: how many customers the whole list has; None where the upstream did not say.
        bad_rows: positions, among the rows the upstream sent, of rows that were dropped as unusable.
    """

    rows: list[Customer]
    total: int | None
    bad_rows: tuple[int, ...] = ()
