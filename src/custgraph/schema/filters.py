"""Filters: what may be asked of a list, and the fixed search conditions that say it upstream.

The upstream takes a blank value for no condition at all, and then lists everybody: no blank value ever leaves here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

import strawberry

from custgraph.errors import InvalidArgument
from custgraph.rest import Condition
from custgraph.rest.params import Attribute, Predicate
from custgraph.schema.ids import parse_ids

MAX_TEXT = 256
MAX_VALUES = 200
MAX_URL_TEXT = 4_096  # bytes, percent-encoded; servers commonly take request lines of 8 KiB
SEARCHED: Attribute = "first_name_or_last_name_or_email_or_code"

_UNSENDABLE = re.compile("[\\0\ud800-\udfff]")


@strawberry.input(description="Conditions on text. All that are given must hold.")
class CustomerStringFilter:
    """Each member becomes one condition."""

    eq: str | None = strawberry.field(default=None, description="Is exactly this.")
    in_: list[str] | None = strawberry.field(default=None, name="in", description="Is exactly one of these.")
    contains: str | None = strawberry.field(default=None, description="Has this in it, in any case.")
    starts_with: str | None = strawberry.field(default=None, description="Begins with this, in any case.")
    ends_with: str | None = strawberry.field(default=None, description="Ends with this, in any case.")


@strawberry.input(description="Conditions on customers. All that are given must hold.")
class CustomerFilter:
    """Members that are absent or null ask for nothing."""

    ids: list[strawberry.ID] | None = strawberry.field(default=None, description="Has one of these `id`s; 200 at most.")
    first_name: CustomerStringFilter | None = strawberry.field(default=None, description="On the given name.")
    last_name: CustomerStringFilter | None = strawberry.field(default=None, description="On the family name.")
    email: CustomerStringFilter | None = strawberry.field(default=None, description="On the email address.")
    code: CustomerStringFilter | None = strawberry.field(default=None, description="On the enterprise's reference.")


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a filter and a search text come to.

    Attributes:
        conditions: all of them must hold.
        nothing: no customer can meet them (an empty list of values), so the upstream need not be asked.
    """

    conditions: tuple[Condition, ...] = ()
    nothing: bool = False


def conditions_of(filter_: CustomerFilter | None, search: str | None) -> Conditions:
    """Turns the arguments of a list into search conditions.

    Raises:
        InvalidArgument: a value is blank, too long, no id, or cannot be asked for as it is.
    """
    found: list[Condition] = []
    if search is not None and search.strip():
        found.append(Condition(SEARCHED, "cont", (_text(search.strip(), "search"),)))
    if filter_ is not None:
        if filter_.ids is not None:
            found.append(Condition("id", "in", tuple(map(str, parse_ids(filter_.ids, "filter.ids")))))
        found += _on_text("first_name", "filter.firstName", filter_.first_name)
        found += _on_text("last_name", "filter.lastName", filter_.last_name)
        found += _on_text("email", "filter.email", filter_.email)
        found += _on_text("code", "filter.code", filter_.code)
    texts = (value for condition in found if condition.attribute != "id" for value in condition.values)
    if sum(len(quote(text, safe="")) for text in texts) > MAX_URL_TEXT:
        raise InvalidArgument("The filter's texts are too long for one call.", argument="filter")
    return Conditions(tuple(found), nothing=any(not condition.values for condition in found))


def _on_text(attribute: Attribute, argument: str, given: CustomerStringFilter | None) -> Iterator[Condition]:
    if given is None:
        return
    single: tuple[tuple[Predicate, str, str | None], ...] = (
        ("eq", "eq", given.eq),
        ("cont", "contains", given.contains),
        ("start", "startsWith", given.starts_with),
        ("end", "endsWith", given.ends_with),
    )
    for predicate, name, value in single:
        if value is not None:
            yield Condition(attribute, predicate, (_trimmed(value, f"{argument}.{name}"),))
    if given.in_ is not None:
        argument = f"{argument}.in"
        if len(given.in_) > MAX_VALUES:
            raise InvalidArgument(f"`{argument}` takes at most {MAX_VALUES} values.", argument=argument)
        yield Condition(attribute, "in", tuple(_text(value, argument) for value in given.in_))


def _trimmed(value: str, argument: str) -> str:
    """Refuses white space at the ends, which the upstream would take away from a single value: another question."""
    if _text(value, argument).strip() != value:
        raise InvalidArgument(f"`{argument}` must not begin or end with white space.", argument=argument)
    return value


def _text(value: str, argument: str) -> str:
    if not value.strip():
        raise InvalidArgument(f"`{argument}` must not be blank.", argument=argument)
    if len(value) > MAX_TEXT:
        raise InvalidArgument(f"`{argument}` takes at most {MAX_TEXT} characters.", argument=argument)
    if _UNSENDABLE.search(value):
        raise InvalidArgument(f"`{argument}` has a character that cannot be searched for.", argument=argument)
    return value
