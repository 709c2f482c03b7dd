"""The shapes of JSON:API documents of customers, as msgspec decodes them straight from the bytes."""

from __future__ import annotations

from typing import Annotated, Generic, Literal, TypeVar

import msgspec
from msgspec import UNSET, Meta, UnsetType

from custgraph.rest.records import BriefCustomer, Customer, Enterprise, Text

C = TypeVar("C", bound=Customer)
Count = Annotated[int, Meta(ge=0, le=2**63 - 1)]


class Reference(msgspec.Struct, frozen=True, gc=False):
    """Names a resource."""

    id: str
    type: Literal["enterprise"]


class RelatedLinks(msgspec.Struct, frozen=True, gc=False):
    """Where a related resource would be."""

    related: Text


class Relationship(msgspec.Struct, frozen=True, gc=False):
    """Relates a resource to another."""

    data: Reference
    links: RelatedLinks


class Relationships(msgspec.Struct, frozen=True, gc=False):
    """All relationships of a customer."""

    enterprise: Relationship


class Resource(msgspec.Struct, Generic[C], frozen=True, gc=False):
    """A customer with what surrounds it. Its relationships, which are the same text in many rows, are not yet read."""

    id: str
    type: Literal["customer"]
    attributes: C
    relationships: msgspec.Raw


class LooseResource(msgspec.Struct, frozen=True, gc=False):
    """A customer without its relationships, which repeat what the attributes say."""

    id: str
    type: Literal["customer"]
    attributes: Customer


class EnterpriseResource(msgspec.Struct, frozen=True, gc=False):
    """An enterprise, included with its customer."""

    id: str
    type: Literal["enterprise"]
    attributes: Enterprise


class Pagination(msgspec.Struct, frozen=True, gc=False):
    """What the upstream counts of a list."""

    results: Count | None
    pages: Count | None
    page: Count | None
    per_page: Count | None


class ListMeta(msgspec.Struct, frozen=True, gc=False):
    """What a list says of itself."""

    pagination: Pagination


class ListLinks(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """Where a list's pages are."""

    this: Text | UnsetType | None = msgspec.field(name="self", default=UNSET)
    first: Text | UnsetType | None = UNSET
    prev: Text | UnsetType | None = UNSET
    next: Text | UnsetType | None = UNSET
    last: Text | UnsetType | None = UNSET


class Empty(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """An object without members. One that is not known would add no comma, and so go uncounted."""


class One(msgspec.Struct, Generic[C], frozen=True, gc=False):
    """The document of one customer."""

    data: Resource[C]
    meta: Empty | UnsetType = UNSET
    links: Empty | UnsetType = UNSET


class Many(msgspec.Struct, Generic[C], frozen=True, gc=False):
    """The document of a list."""

    data: list[Resource[C]]
    meta: ListMeta | UnsetType = UNSET
    links: ListLinks | UnsetType = UNSET


class Rows(msgspec.Struct, frozen=True, gc=False):
    """The rows of a list.

    Attributes:
        records: a record for each sound row, in its place; None for each bad one.
        total: how many customers the whole list has; None where the upstream did not say.
        pages: how many pages they make; None where the upstream did not say.
        sound: whether no row is bad.
    """

    records: list[Customer | None]
    total: int | None
    pages: int | None
    sound: bool


decode_one = msgspec.json.Decoder(One[Customer]).decode
decode_many = msgspec.json.Decoder(Many[Customer]).decode
decode_one_brief = msgspec.json.Decoder(One[BriefCustomer]).decode
decode_many_brief = msgspec.json.Decoder(Many[BriefCustomer]).decode
decode_relationships = msgspec.json.Decoder(Relationships).decode
