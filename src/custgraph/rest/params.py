"""What a list call asks for, and the query string that says it."""

from __future__ import annotations

from typing import Literal

import msgspec

Attribute = Literal["id", "first_name", "last_name", "email", "code", "first_name_or_last_name_or_email_or_code"]
Predicate = Literal["eq", "in", "lt", "gt", "cont", "start", "end"]
MAX_PER_PAGE = 200


class Condition(msgspec.Struct, frozen=True, gc=False):
    """One search condition: a fixed attribute, a fixed predicate, values of at most 256 characters."""

    attribute: Attribute
    predicate: Predicate
    values: tuple[str, ...]


class ListQuery(msgspec.Struct, frozen=True, gc=False):
    """One call of the customers' list.

    Attributes:
        enterprise_id: keeps one enterprise's customers.
        conditions: search conditions, all of which must hold.
        descending: orders by id downwards instead of upwards.
        page: from 1.
        per_page: 1 to 200.
        balance: asks for `extra_fields[customer]=balance`.
    """

    enterprise_id: int | None = None
    conditions: tuple[Condition, ...] = ()
    descending: bool = False
    page: int = 1
    per_page: int = 50
    balance: bool = False
