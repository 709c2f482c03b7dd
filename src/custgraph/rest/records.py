"""The upstream's resources as frozen records, decoded straight from the JSON's bytes.

A record has the REST API's member names; its `repr` shows no personal data. `None` is JSON's null; `UNSET` is a member
that was not in the answer.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

RestId = Annotated[int, Meta(ge=1, le=2**63 - 1)]
"""A REST id; GraphQL shows it as a string."""

Text = Annotated[str, Meta(max_length=65_536)]
"""A text field. The longest that is believed; longer ones are an upstream gone wrong."""

Instant = Annotated[datetime, Meta(tz=True)]
"""A moment, with its offset from UTC."""

Degrees = Annotated[float, Meta(ge=-1e9, le=1e9)]
"""Of latitude or longitude; a number beyond is left to the careful way, which tells large from endless."""


class Region(msgspec.Struct, frozen=True, gc=False):
    """A state, province or county."""

    code: Text | None
    name: Text | None


class Country(msgspec.Struct, frozen=True, gc=False):
    """A country."""

    code: Text | None
    name: Text | None


class Address(msgspec.Struct, frozen=True, gc=False):
    """A postal address. `latitude` and `longitude` are in degrees; numeric strings were made numbers."""

    first_name: Text | None
    last_name: Text | None
    phone: Text | None
    street_address_1: Text | None
    street_address_2: Text | None
    postal_code: Text | None
    locality: Text | None
    region: Region | None
    country: Country | None
    latitude: Degrees | None
    longitude: Degrees | None

    def __repr__(self) -> str:
        return "Address(…)"


class Customer(msgspec.Struct, frozen=True, gc=False):
    """Someone who buys from one enterprise. `balance` is UNSET where the upstream did not tell it."""

    id: RestId
    enterprise_id: RestId
    first_name: Text | None
    last_name: Text | None
    code: Text | None
    email: Text
    allow_charges: bool
    tags: list[Text]
    terms_and_conditions_accepted_at: Instant | None
    billing_address: Address | None
    shipping_address: Address | None
    balance: Decimal | UnsetType = UNSET

    def __repr__(self) -> str:
        return f"Customer(id={self.id}, …)"


class BriefCustomer(Customer, frozen=True, gc=False, kw_only=True):
    """A customer whose addresses nobody asks for: their text, half of the answer's and more, is left unread."""

    billing_address: msgspec.Raw  # type: ignore[assignment]  # whoever gets this one does not look
    shipping_address: msgspec.Raw  # type: ignore[assignment]  # nor here


class Enterprise(msgspec.Struct, frozen=True, gc=False):
    """An enterprise as a customer's answer tells of it."""

    id: RestId
    name: Text | None


class CustomerPage(msgspec.Struct, frozen=True, gc=False):
    """One page of the upstream's list.

    Attributes:
        rows: the customers whose rows were sound, in the upstream's order.
        total: how many customers the whole list has; None where the upstream did not say.
        bad_rows: positions, among the rows the upstream sent, of rows that were dropped as unusable.
        pages: how many pages the whole list has; more than were expected where the upstream gives smaller ones.
    """

    rows: list[Customer]
    total: int | None
    bad_rows: tuple[int, ...] = ()
    pages: int | None = None
