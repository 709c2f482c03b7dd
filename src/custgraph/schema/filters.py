"""Filters: what may be asked of a list, and the fixed search conditions that say it upstream.

The upstream takes a blank value for no condition at all, and then lists everybody: no blank value ever leaves here.
"""

from __future__ import annotations

from dataclasses import dataclass

import strawberry

from custgraph.errors import InvalidArgument
from custgraph.rest import Condition
from custgraph.rest.params import Attribute, Predicate
from custgraph.schema.ids import parse_ids

MAX_TEXT = 256
MAX_VALUES = 200
SEARCHED: Attribute = "first_name_or_last_name_or_email_or_code"


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
        InvalidArgument: a value is blank, too long, or no id.
    """
    found: list[Condition] = []
    if search is not None and search.strip():
        found.append(Condition(SEARCHED, "cont", (_text(search, "search"),)))
    if filter_ is not None:
        if filter_.ids is not None:
            found.append(Condition("id", "in", tuple(map(str, parse_ids(filter_.ids, "filter.ids")))))
        for attribute, argument, conditions in (
            ("first_name", "firstName", filter_.first_name),
            ("last_name", "lastName", filter_.last_name),
            ("email", "email", filter_.email),
            ("code", "code", filter_.code),
        ):
            if conditions is not None:
                found += _on_text(attribute, f"filter.{argument}", conditions)  # type: ignore[arg-type]  # the literals above
    return Conditions(tuple(found), nothing=any(not condition.values for condition in found))


def _on_text(attribute: Attribute, argument: str, given: CustomerStringFilter) -> list[Condition]:
    single: tuple[tuple[Predicate, str, str | None], ...] = (
        ("eq", "eq", given.eq),
        ("cont", "contains", given.contains),
        ("start", "startsWith", given.starts_with),
        ("end", "endsWith", given.ends_with),
    )
    found = [
        Condition(attribute, predicate, (_text(value, f"{argument}.{name}"),))
        for predicate, name, value in single
        if value is not None
    ]
    if given.in_ is not None:
        if len(given.in_) > MAX_VALUES:
            raise InvalidArgument(f"`{argument}.in` takes at most {MAX_VALUES} values.", argument=f"{argument}.in")
        found.append(Condition(attribute, "in", tuple(_text(value, f"{argument}.in") for value in given.in_)))
    return found


def _text(value: str, argument: str) -> str:
    if not value.strip():
        raise InvalidArgument(f"`{argument}` must not be blank.", argument=argument)
    if len(value) > MAX_TEXT:
        raise InvalidArgument(f"`{argument}` takes at most {MAX_TEXT} characters.", argument=argument)
    if "\0" in value:
        raise InvalidArgument(f"`{argument}` must not hold a NUL character.", argument=argument)
    return value
