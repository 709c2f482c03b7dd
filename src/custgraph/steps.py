"""What is known of a schema beyond its types: how each field gets its value, and what it may cost.

The schema's resolvers are made of these steps, and a compiled plan calls the same ones. A field without a step belongs
to graphql-core alone.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import FieldNode, FragmentDefinitionNode, GraphQLError, GraphQLResolveInfo, GraphQLSchema

Wants = Callable[[list[FieldNode], Mapping[str, FragmentDefinitionNode], Mapping[str, Any]], Any]
"""Looks ahead: from a field's nodes, the document's fragments and the variables to what the read has to fetch.

Of the variables only those that `@skip` and `@include` ask may matter: a plan looks ahead once for all the others.
"""


@dataclass(frozen=True, slots=True)
class Attribute:
    """A field that is an attribute of its record."""

    name: str


@dataclass(frozen=True, slots=True)
class Derived:
    """A field computed from its record alone, without waiting."""

    compute: Callable[[Any], Any]


Remark = Callable[[Any], Exception | None]
"""Tells what is wrong with a value that is used all the same, such as a page that lacks a row; None if nothing is."""


def note(remark: Remark, value: Any, info: GraphQLResolveInfo[Any]) -> None:
    """Adds what is wrong with a value to the context's notes, with the field's place."""
    error = remark(value)
    if error is not None:
        info.context.notes.append(
            GraphQLError(str(error), info.field_nodes, path=info.path.as_list(), original_error=error)
        )


@dataclass(frozen=True, slots=True)
class Read:
    """A field that may ask the upstream.

    Attributes:
        fetch: `fetch(context, source, wants, **arguments)` gives an awaitable, or raises at once for a bad argument.
            The arguments are just what graphql-core's `get_argument_values` gives: the schema's `out_name` and
            `out_type` make Python names and input objects of them. A `Future` is under way or done already; a
            coroutine has yet to be scheduled.
        wants: looks ahead in the selection for what `fetch` must bring; None where it does not care.
        remark: asked about the value that came; what it gives is reported with the field's path beside the value.
        held: an attribute of the source that may hold the value already; `fetch` need be called only where it is
            `msgspec.UNSET`.
    """

    fetch: Callable[..., Awaitable[Any]]
    wants: Wants | None = None
    remark: Remark | None = None
    held: str | None = None


Step = Attribute | Derived | Read


@dataclass(frozen=True, slots=True)
class Bill:
    """The most upstream calls that one occurrence of a field can cause, retries aside.

    Attributes:
        calls: in any case.
        selected: more calls for each of these child fields that is selected.
        loader: name of the loader that its keys go through; those that are asked for at once share list calls.
        batch: keys that one list call brings.
        per_key: calls for each key beyond the shared ones.
    """

    calls: int = 0
    selected: Mapping[str, int] = field(default_factory=dict)
    loader: str | None = None
    batch: int = 200
    per_key: int = 0


@dataclass(frozen=True, slots=True)
class Price:
    """What a field costs at most; IBM's GraphQL cost directives say the same in the SDL.

    Attributes:
        weight: cost of the field itself (`@cost`); None: 1 for an object, 0 for a leaf.
        slicing: arguments that say how many items come (`@listSize(slicingArguments:)`); a list counts its length.
        assumed: items that come when no slicing argument is given (`@listSize(assumedSize:)`).
        most: items above which the field is refused, so that no more can come.
        sized: child fields that hold the items (`@listSize(sizedFields:)`); none: the field itself does.
        bill: upstream calls.
    """

    weight: int | None = None
    slicing: tuple[str, ...] = ()
    assumed: int = 1
    most: int = 200
    sized: tuple[str, ...] = ()
    bill: Bill = Bill()


FieldName = tuple[str, str]
"""The names of an object type and of one of its fields."""


@dataclass(frozen=True, slots=True)
class Blueprint:
    """All that an executor is handed.

    Attributes:
        schema: types and resolvers.
        records: object types whose values are records, each with its record's class.
        steps: how fields get their values.
        prices: what fields cost; one that is not here has the default `Price`.
        bulky: names of fields whose values reads may leave unread when an operation's document has none of them.
        brief: the classes of such records, by those of whole ones.
    """

    schema: GraphQLSchema
    records: Mapping[str, type]
    steps: Mapping[FieldName, Step]
    prices: Mapping[FieldName, Price]
    bulky: frozenset[str]
    brief: Mapping[type, type]
