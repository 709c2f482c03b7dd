"""JSON:API documents of customers, from bytes to records.

Two ways lead to the same records. The fast one lets msgspec decode typed documents straight from the bytes; it
accepts an answer only when a count proves that no member was dropped on the way (JSON decoders keep the last of two
members of one name and say nothing). Everything else, an answer with members that we do not know included, takes the
careful way: strict JSON, then row by row, so that one bad row costs that row.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Literal, TypeGuard, TypeVar

import msgspec
from msgspec import UNSET, Raw, UnsetType

from custgraph import strict_json
from custgraph.rest.records import Address, Customer, Enterprise, Text

T = TypeVar("T")

_NUMBER = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,2})?")
_DEGREES = ("latitude", "longitude")
_ADDRESSES = ("billing_address", "shipping_address")
_ABSENT_IN_ADDRESS: Mapping[str, None] = dict.fromkeys(Address.__struct_fields__)
_ABSENT_IN_PLACE: Mapping[str, None] = {"code": None, "name": None}


class BadDocument(ValueError):
    """The bytes are no document of customers. The text names the fault and quotes nothing."""


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


class _Reference(msgspec.Struct, frozen=True, gc=False):
    id: str
    type: Literal["enterprise"]


class _Links(msgspec.Struct, frozen=True, gc=False):
    related: Text


class _Relationship(msgspec.Struct, frozen=True, gc=False):
    data: _Reference
    links: _Links


class _Relationships(msgspec.Struct, frozen=True, gc=False):
    enterprise: _Relationship


class _Resource(msgspec.Struct, frozen=True, gc=False):
    id: str
    type: Literal["customer"]
    attributes: Customer
    relationships: _Relationships


class _One(msgspec.Struct, frozen=True, gc=False):
    data: _Resource
    meta: Raw | UnsetType = UNSET
    links: Raw | UnsetType = UNSET


class _Many(msgspec.Struct, frozen=True, gc=False):
    data: list[_Resource]
    meta: Raw | UnsetType = UNSET
    links: Raw | UnsetType = UNSET


class _LooseResource(msgspec.Struct, frozen=True, gc=False):
    """A resource without its relationships, which repeat what the attributes say."""

    id: str
    type: Literal["customer"]
    attributes: Customer


class _EnterpriseResource(msgspec.Struct, frozen=True, gc=False):
    id: str
    type: Literal["enterprise"]
    attributes: Enterprise


_decode_one = msgspec.json.Decoder(_One).decode
_decode_many = msgspec.json.Decoder(_Many).decode
_FAST_FAULTS = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)

# What one resource has when every address in it is null: members, and the commas between them.
_ROW_MEMBERS = 21
_ROW_COMMAS = 15
_ADDRESS_MEMBERS = 11
_PLACE_MEMBERS = 2
_WHITESPACE = b" \t\r\n"


def decode_customer(body: bytes) -> Customer:
    """Decodes the answer of show, create, update and delete.

    Raises:
        BadDocument: it is not one customer's document.
    """
    try:
        document = _decode_one(body)
    except _FAST_FAULTS:
        return _record(_data_of(_careful(body)))
    resource = document.data
    tally = _tally([resource])
    if tally is None or not _complete(body, document, tally):
        return _record(_data_of(_careful(body)))
    return resource.attributes


def decode_rows(body: bytes) -> Rows:
    """Decodes the answer of a list.

    Raises:
        BadDocument: it is not a list's document. A bad row alone does not raise.
    """
    try:
        document = _decode_many(body)
    except _FAST_FAULTS:
        return _careful_rows(body)
    tally = _tally(document.data)
    if tally is None or not _complete(body, document, tally):
        return _careful_rows(body)
    meta = document.meta
    total, pages = (None, None) if meta is UNSET else _counts(_careful(bytes(meta)))
    return Rows([resource.attributes for resource in document.data], total, pages, sound=True)


def decode_enterprise(body: bytes) -> tuple[Customer, Enterprise | None]:
    """Decodes the answer of show with `include=enterprise`: the customer, and its enterprise if it was included.

    Raises:
        BadDocument: it is not one customer's document.
    """
    document = _careful(body)
    customer = _record(_data_of(document))
    included = document.get("included", [])
    if type(included) is not list:
        raise BadDocument("included is not an array")
    for item in included:
        if type(item) is dict and item.get("type") == "enterprise":
            resource = _convert(item, _EnterpriseResource)
            if resource.id != str(resource.attributes.id):
                raise BadDocument("an enterprise of two ids")
            if resource.attributes.id == customer.enterprise_id:
                return customer, resource.attributes
    return customer, None


def _tally(resources: list[_Resource]) -> tuple[int, int] | None:
    """Counts the members of the resources and the commas between them; None when one contradicts itself."""
    members = len(resources) * _ROW_MEMBERS
    commas = len(resources) * _ROW_COMMAS
    for resource in resources:
        customer = resource.attributes
        if resource.id != str(customer.id):
            return None
        if resource.relationships.enterprise.data.id != str(customer.enterprise_id):
            return None
        if customer.tags:
            commas += len(customer.tags) - 1
        balance = customer.balance
        if balance is not UNSET:
            if not _is_amount(balance):
                return None
            members += 1
            commas += 1
        for address in (customer.billing_address, customer.shipping_address):
            if address is not None:
                places = (address.region is not None) + (address.country is not None)
                members += _ADDRESS_MEMBERS + places * _PLACE_MEMBERS
                commas += _ADDRESS_MEMBERS - 1 + places * (_PLACE_MEMBERS - 1)
    return members, commas


def _complete(body: bytes, document: _One | _Many, tally: tuple[int, int]) -> bool:
    """Says whether the decoded document accounts for every member of the text.

    A member that was dropped, because its name came twice or is not known, leaves one more comma in the text and one
    more colon behind a quote than the document accounts for; nothing makes either number smaller. Commas are counted
    first, being cheap; text with commas in it needs the second count.
    """
    members, commas = tally
    extras = [bytes(raw) for raw in (document.meta, document.links) if raw is not UNSET]
    members += 1 + len(extras)
    commas += len(extras)
    if type(document) is _Many:
        commas += max(0, len(document.data) - 1)
    for raw in extras:
        _careful(raw)
        commas += raw.count(b",")
    if body.count(b",") == commas:
        return True
    members += sum(_colons(raw) for raw in extras)
    return _colons(body) == members


def _colons(text: bytes) -> int:
    """Counts colons that follow a quote, whitespace aside: all those after names, and a few within strings."""
    return text.translate(None, _WHITESPACE).count(b'":')


def _careful(text: bytes) -> dict[str, Any]:
    try:
        value = strict_json.loads(text)
    except strict_json.NotStrictJson as error:
        raise BadDocument(str(error)) from None
    if type(value) is not dict:
        raise BadDocument("not an object")
    return value


def _careful_rows(body: bytes) -> Rows:
    document = _careful(body)
    data = document.get("data")
    if type(data) is not list:
        raise BadDocument("data is not an array")
    records = [_record_or_none(row) for row in data]
    return Rows(records, *_counts(document.get("meta")), sound=None not in records)


def _record_or_none(row: object) -> Customer | None:
    try:
        return _record(row)
    except BadDocument:
        return None


def _data_of(document: dict[str, Any]) -> object:
    return document.get("data")


def _counts(meta: object) -> tuple[int | None, int | None]:
    """Reads how many rows and how many pages the whole list has."""
    pagination = meta.get("pagination") if type(meta) is dict else None
    results, pages = (pagination.get(name) if type(pagination) is dict else None for name in ("results", "pages"))
    if not (_is_count(results) and _is_count(pages)):
        raise BadDocument("meta.pagination does not count")
    return results, pages


def _is_count(value: object) -> TypeGuard[int | None]:
    return value is None or (type(value) is int and 0 <= value < 1 << 63)


def _record(row: object) -> Customer:
    """Makes a record of one resource, read with care."""
    if type(row) is not dict or type(row.get("attributes")) is not dict:
        raise BadDocument("a resource without attributes")
    attributes = dict(row["attributes"])
    for name in _ADDRESSES:
        if type(attributes.get(name)) is dict:
            attributes[name] = _address(attributes[name])
    if "balance" in attributes:
        attributes["balance"] = _amount(attributes["balance"])
    resource = _convert({**row, "attributes": attributes}, _LooseResource)
    customer = resource.attributes
    if resource.id != str(customer.id):
        raise BadDocument("a customer of two ids")
    if _related_enterprise(row) not in (None, str(customer.enterprise_id)):
        raise BadDocument("a customer of two enterprises")
    return customer


def _related_enterprise(row: dict[str, Any]) -> object:
    """Finds the enterprise's id among the relationships; None where they do not tell."""
    value: Any = row
    for name in ("relationships", "enterprise", "data", "id"):
        value = value.get(name) if type(value) is dict else None
    return value


def _address(members: dict[str, Any]) -> dict[str, Any]:
    address = {**_ABSENT_IN_ADDRESS, **members}
    for name in ("region", "country"):
        if type(address[name]) is dict:
            address[name] = {**_ABSENT_IN_PLACE, **address[name]}
    for name in _DEGREES:
        address[name] = _degrees(address[name])
    return address


def _degrees(value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return float(value)
    if type(value) is int or type(value) is Decimal:
        return float(value)
    raise BadDocument("degrees that are no number")


def _amount(value: object) -> Decimal:
    if type(value) not in (int, str, Decimal):
        raise BadDocument("a balance that is no number")
    try:
        amount = Decimal(value)  # type: ignore[arg-type]  # one of the three
    except InvalidOperation:
        raise BadDocument("a balance that is no number") from None
    if not _is_amount(amount):
        raise BadDocument("a balance out of reach")
    return amount


def _is_amount(amount: Decimal) -> bool:
    """Says whether it is a finite number of at most some 20 digits before and 40 after the point."""
    return amount.is_finite() and abs(amount.adjusted()) <= 20 and len(str(amount)) <= strict_json.MAX_DIGITS


def _convert(value: object, kind: type[T]) -> T:
    try:
        return msgspec.convert(value, kind)
    except (msgspec.ValidationError, RecursionError):
        raise BadDocument(f"not a sound {kind.__name__}") from None
