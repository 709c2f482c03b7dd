"""The words that types are defined with: a field says once, as a step, how it gets its value.

Strawberry carries the steps and knows the types; `binding` makes graphql-core's resolvers of them.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, get_type_hints

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.base import get_object_definition
from strawberry.types.field import StrawberryField

from custgraph.steps import Attribute, Derived, Read, Remark, Step, Wants

T = TypeVar("T", bound=type)

_STEP = "custgraph.step"


def read(
    fetch: Callable[..., Awaitable[Any]],
    *,
    description: str,
    wants: Wants | None = None,
    remark: Remark | None = None,
    held: str | None = None,
    name: str | None = None,
) -> Any:
    """Defines a field that may ask the upstream.

    Args:
        fetch: see `custgraph.steps.Read`; its keyword-only parameters are the field's arguments. Defaults are Python's
            alone: an argument that a document leaves out is not passed.
        description: the field's description.
        wants: looks ahead in the selection.
        remark: tells what is wrong with a value that is used all the same.
        held: the record's attribute that may hold the value already.
        name: the field's name in GraphQL; by default the attribute's in camel case.
    """
    field = _field(Read(fetch, wants, remark, held), description, name)
    hints = get_type_hints(fetch, include_extras=True)
    field.arguments = [
        StrawberryArgument(parameter.name, None, StrawberryAnnotation(hints[parameter.name]))
        for parameter in inspect.signature(fetch).parameters.values()
        if parameter.kind is parameter.KEYWORD_ONLY
    ]
    return field


def derived(compute: Callable[[Any], Any], *, description: str, name: str | None = None) -> Any:
    """Defines a field that is computed from its record alone."""
    return _field(Derived(compute), description, name)


def _field(step: Step, description: str, name: str | None) -> StrawberryField:
    field: StrawberryField = strawberry.field(description=description, name=name, metadata={_STEP: step})
    return field


def step_of(field: StrawberryField) -> Step:
    """Tells how a field gets its value; one that does not say is an attribute of its record."""
    step: Step | None = field.metadata.get(_STEP)
    return Attribute(field.python_name) if step is None else step


def record_type(record: type, *, description: str, name: str | None = None) -> Callable[[T], T]:
    """Makes a Strawberry type of a class that lists the fields; its values are records, used as they are."""

    def decorate(cls: T) -> T:
        cls.is_type_of = staticmethod(lambda value, _info: isinstance(value, record))  # type: ignore[attr-defined]
        cls.__record__ = record  # type: ignore[attr-defined]
        return strawberry.type(cls, name=name, description=description)

    return decorate


def record_of(cls: type) -> type:
    """Tells which class the values of a Strawberry type have: its record's, or its own."""
    record: type = getattr(cls, "__record__", cls)
    return record


def description_of(cls: type) -> str | None:
    """Tells the description of a Strawberry type."""
    return get_object_definition(cls, strict=True).description
