"""JSON:API documents of customers, read the careful way: strict JSON, then row by row; a bad one costs only itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, TypeGuard, TypeVar

import msgspec

from custgraph import strict_json
from custgraph.rest.amounts import is_amount
from custgraph.rest.records import Address, Customer, Enterprise
from custgraph.rest.resources import EnterpriseResource, LooseResource, Rows

T = TypeVar("T")

_NUMBER = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,2})?")
_DEGREES = ("latitude", "longitude")
_ADDRESSES = ("billing_address", "shipping_address")
_ABSENT_IN_ADDRESS: Mapping[str, None] = dict.fromkeys(Address.__struct_fields__)
_ABSENT_IN_PLACE: Mapping[str, None] = {"code": None, "name": None}


class BadDocument(ValueError):
    """The bytes are no document of customers. The text names the fault and quotes nothing."""


def read_customer(body: bytes) -> Customer:
    """Reads the answer of show, create, update and delete.

    Raises:
        BadDocument: it is not one customer's document.
    """
    return _record(_document(body).get("data"))


def read_rows(body: bytes) -> Rows:
    """Reads the answer of a list.

    Raises:
        BadDocument: it is not a list's document. A bad row alone does not raise.
    """
    document = _document(body)
    data = document.get("data")
    if type(data) is not list:
        raise BadDocument("data is not an array")
    records = [_record_or_none(row) for row in data]
    return Rows(records, *_counts(document.get("meta")), sound=None not in records)


def read_enterprise(body: bytes) -> tuple[Customer, Enterprise | None]:
    """Reads the answer of show with `include=enterprise`: the customer, and its enterprise if it was included.

    Raises:
        BadDocument: it is not one customer's document.
    """
    document = _document(body)
    customer = _record(document.get("data"))
    included = document.get("included", [])
    if type(included) is not list:
        raise BadDocument("included is not an array")
    for item in included:
        if type(item) is dict and item.get("type") == "enterprise":
            resource = _convert(item, EnterpriseResource)
            if resource.id != str(resource.attributes.id):
                raise BadDocument("an enterprise of two ids")
            if resource.attributes.id == customer.enterprise_id:
                return customer, resource.attributes
    return customer, None


def _document(text: bytes) -> dict[str, Any]:
    try:
        value = strict_json.loads(text)
    except strict_json.NotStrictJson as error:
        raise BadDocument(str(error)) from None
    if type(value) is not dict:
        raise BadDocument("not an object")
    return value


def _record_or_none(row: object) -> Customer | None:
    try:
        return _record(row)
    except BadDocument:
        return None


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
    resource = _convert({**row, "attributes": attributes}, LooseResource)
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
    if not is_amount(amount):
        raise BadDocument("a balance out of reach")
    return amount


def _convert(value: object, kind: type[T]) -> T:
    try:
        return msgspec.convert(value, kind)
    except (msgspec.ValidationError, RecursionError):
        raise BadDocument(f"not a sound {kind.__name__}") from None
