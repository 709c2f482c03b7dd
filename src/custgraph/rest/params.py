"""What a list call asks for, and the query string that says it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal
from urllib.parse import quote

import msgspec

from custgraph.errors import InvalidArgument

Attribute = Literal["id", "first_name", "last_name", "email", "code", "first_name_or_last_name_or_email_or_code"]
Predicate = Literal["eq", "in", "lt", "gt", "cont", "start", "end"]
MAX_PER_PAGE = 200
MAX_VALUE_LENGTH = 256


class Condition(msgspec.Struct, frozen=True, gc=False):
    """One search condition: a fixed attribute, a fixed predicate, values of at most 256 characters."""

    attribute: Attribute
    predicate: Predicate
    values: tuple[str, ...]

    def __repr__(self) -> str:
        return f"Condition({self.attribute}_{self.predicate}, {len(self.values)} values)"


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

    @property
    def searches(self) -> bool:
        """Whether it asks for more than the documented parameters can say."""
        return bool(self.conditions) or self.descending


BALANCE = "extra_fields%5Bcustomer%5D=balance"
PROBE = "q%5Bid_in%5D%5B%5D=0&per_page=1"
"""Asks for nobody: rows in the answer mean that the upstream does not search."""

_ID_IN = "q%5Bid_in%5D%5B%5D="
_AND_ID_IN = f"&{_ID_IN}"


def by_ids(ids: Sequence[int], *, balance: bool) -> str:
    """Writes the query string that asks for these ids, 200 at most."""
    if not 0 < len(ids) <= MAX_PER_PAGE:
        raise ValueError("1 to 200 ids")
    extra = f"&{BALANCE}" if balance else ""
    return f"{_ID_IN}{_AND_ID_IN.join(map(str, ids))}&per_page={MAX_PER_PAGE}{extra}"


def query_string(query: ListQuery) -> str:
    """Writes the query string of a list call. A caller's text is only ever a value, percent-encoded.

    Raises:
        InvalidArgument: a value is blank, over 256 characters, or not text that can be sent.
    """
    parts = [] if query.enterprise_id is None else [f"enterprise_id={query.enterprise_id}"]
    said: set[tuple[str, str]] = set()
    for condition in query.conditions:
        name = (condition.attribute, condition.predicate)
        if name in said:
            raise ValueError("the upstream takes one condition of a kind")
        said.add(name)
        key = f"q%5B{condition.attribute}_{condition.predicate}%5D{'%5B%5D' if condition.predicate == 'in' else ''}"
        parts += [f"{key}={_encoded(value)}" for value in condition.values]
    if query.descending:
        parts.append("q%5Bs%5D=id%20desc")
    parts += (f"page={query.page}", f"per_page={query.per_page}")
    if query.balance:
        parts.append(BALANCE)
    return "&".join(parts)


def _encoded(value: str) -> str:
    """Encodes one value. The upstream drops blank conditions, which would give everybody: they are refused."""
    if not value.strip():
        raise InvalidArgument("A filter's text may not be blank.")
    if len(value) > MAX_VALUE_LENGTH:
        raise InvalidArgument(f"A filter's text may have {MAX_VALUE_LENGTH} characters at most.")
    if "\0" in value:
        raise InvalidArgument("A filter's text may not contain NUL.")
    try:
        return quote(value, safe="")
    except UnicodeEncodeError:
        raise InvalidArgument("A filter's text must be valid Unicode.") from None
