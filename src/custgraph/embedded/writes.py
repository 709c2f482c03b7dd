"""Create, update and delete: what a body may say, and which rules a customer keeps."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from msgspec import json
from sqlalchemy import RowMapping, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from .addresses import complete_address, permitted_address
from .auth import Enterprises, authorize
from .errors import InvalidResource, ParameterMissing, ParametersForbidden, RecordNotFound
from .tables import customers, enterprises
from .values import integer_of, text_of

_SCALARS = ("email", "enterprise_id", "code", "first_name", "last_name")
_ADDRESSES = ("billing_address", "shipping_address")
_EMAIL = re.compile(r"[^@\s,;<>()\[\]\\\"]+@(?:[\w-]+\.)+[^\W\d_]{2,}")

Changes = dict[str, Any]


def permitted(body: object) -> Changes:
    """The members that a body changes, once all of them may be written.

    Raises:
        ParameterMissing: for an empty body, and for anything but an object.
        ParametersForbidden: names the members that may not be written.
    """
    if not isinstance(body, dict) or not body:
        raise ParameterMissing
    changes = {name: permitted_address(name, body[name]) for name in _ADDRESSES if name in body}
    forbidden = [name for name, value in body.items() if name not in changes and not _is_permitted(name, value)]
    if forbidden:
        raise ParametersForbidden(forbidden)
    return {**body, **changes}


def _is_permitted(name: str, value: object) -> bool:
    if name == "tags":
        return not isinstance(value, dict)
    return name in _SCALARS and not isinstance(value, dict | list)


async def create(connection: AsyncConnection, managed: Enterprises, changes: Changes) -> RowMapping:
    """Creates a customer; or updates the one that the enterprise already has with exactly this email."""
    enterprise_id = integer_of(changes.get("enterprise_id"))
    if not await _enterprise_exists(connection, enterprise_id):
        raise RecordNotFound
    assert enterprise_id is not None  # noqa: S101 - it exists; for the type checker
    authorize(managed, enterprise_id)
    same = (customers.c.enterprise_id == enterprise_id) & (customers.c.email == text_of(changes.get("email")))
    known = (await connection.execute(select(customers).where(same))).mappings().one_or_none()
    if known is not None:
        return await _save(connection, known, changes)
    return await _save(connection, None, {"email": None, **changes})


async def change(connection: AsyncConnection, managed: Enterprises, row: RowMapping, changes: Changes) -> RowMapping:
    """Changes the members given. A customer moves only to an enterprise that the caller manages as well."""
    enterprise_id = integer_of(changes.get("enterprise_id"))
    if enterprise_id is not None and await _enterprise_exists(connection, enterprise_id):
        authorize(managed, enterprise_id)
    return await _save(connection, row, changes)


async def remove(connection: AsyncConnection, row: RowMapping) -> None:
    """Deletes a customer, unless money or a subscription still hangs on it.

    Raises:
        InvalidResource: then.
    """
    if row["balance_cents"] > 0:
        raise InvalidResource(["Delete failed: the customer has outstanding credit. Refund it first."])
    if row["subscriptions"]:
        raise InvalidResource(["Delete failed: the customer has active subscriptions. Cancel them first."])
    await connection.execute(delete(customers).where(customers.c.id == row["id"]))


async def _save(connection: AsyncConnection, row: RowMapping | None, changes: Changes) -> RowMapping:
    values, sentences = _values(changes)
    if "enterprise_id" in values and not await _enterprise_exists(connection, values["enterprise_id"]):
        sentences.insert(0, "Enterprise must exist")
    sentences += await _complaints(connection, row, values)
    if sentences:
        raise InvalidResource(sentences)
    # Whoever is written through the API counts as made by hand, so the list shows it from now on.
    values["visible"] = True
    if row is None:
        key = (await connection.execute(insert(customers).values(values))).inserted_primary_key
        saved_id = key.id if key else None
    else:
        saved_id = row["id"]
        await connection.execute(update(customers).where(customers.c.id == saved_id).values(values))
    return (await connection.execute(select(customers).where(customers.c.id == saved_id))).mappings().one()


def _values(changes: Changes) -> tuple[Changes, list[str]]:
    """The changes as column values, and what is wrong with the addresses among them."""
    values: Changes = {}
    sentences: list[str] = []
    for name, value in changes.items():
        if name in _ADDRESSES:
            address = value
            if address is not None:
                address, complaints = complete_address(name.replace("_", " ").capitalize(), value)
                sentences += complaints
            values[name] = json.encode(address).decode()
        elif name == "tags":
            values[name] = json.encode(_tags(value)).decode()
        elif name == "enterprise_id":
            values[name] = integer_of(value)
        else:
            values[name] = text_of(value)
    if values.get("email") is not None:
        values["email"] = values["email"].lower()
    if "code" in values and not (values["code"] or "").strip():
        values["code"] = None
    return values, sentences


def _tags(value: object) -> list[str]:
    items = value if isinstance(value, list) else str(value or "").split(",")
    tags = ((text_of(item) or "").strip() for item in items)
    return list(dict.fromkeys(tag for tag in tags if tag))


async def _complaints(connection: AsyncConnection, row: RowMapping | None, values: Changes) -> list[str]:
    """What is wrong with the code and the email."""
    after: Mapping[str, Any] = {**(row or {}), **values}
    sentences = []
    if {"code", "enterprise_id"} & values.keys() and await _is_taken(connection, row, after, "code"):
        sentences.append("Code has already been taken")
    if "email" in values:
        sentences += _email_complaints(values["email"])
    if {"email", "enterprise_id"} & values.keys() and await _is_taken(connection, row, after, "email"):
        sentences.append("Email is associated with an existing customer")
    return sentences


def _email_complaints(email: str | None) -> list[str]:
    if not (email or "").strip():
        return ["Email can't be blank"]
    return [] if _EMAIL.fullmatch(email or "") else ["Email is invalid"]


async def _is_taken(connection: AsyncConnection, row: RowMapping | None, after: Mapping[str, Any], name: str) -> bool:
    """Whether another customer of the enterprise has the same value. Null is never taken."""
    if after.get(name) is None:
        return False
    same = (customers.c.enterprise_id == after["enterprise_id"]) & (customers.c[name] == after[name])
    statement = select(customers.c.id).where(same, customers.c.id != (row["id"] if row else 0))
    return (await connection.execute(statement)).first() is not None


async def _enterprise_exists(connection: AsyncConnection, enterprise_id: int | None) -> bool:
    if enterprise_id is None:
        return False
    statement = select(enterprises.c.id).where(enterprises.c.id == enterprise_id)
    return (await connection.execute(statement)).first() is not None
