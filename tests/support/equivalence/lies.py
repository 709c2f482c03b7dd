"""Steps that lie: what a read brings, or a function gives, is now and then not what the schema promises."""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable, Mapping, Sequence
from random import Random
from typing import Any

import msgspec

from custgraph.errors import UpstreamBadResponse
from custgraph.steps import Derived, FieldName, Read, Step
from support.equivalence.chances import chance_of

Lie = Callable[[Random, Any], Any]


def _nothing(_chance: Random, _value: Any) -> Any:
    return None


def _stranger(_chance: Random, _value: Any) -> Any:
    return object()


def _error(_chance: Random, _value: Any) -> Any:
    return UpstreamBadResponse()


def _number(chance: Random, _value: Any) -> Any:
    return chance.choice([7, -1.5, float("nan"), True, 10**12])


def _spoilt_within(chance: Random, value: Any) -> Any:
    """The value spoilt in one place within it: in a record, in a record of a record, in a row of a list."""
    if isinstance(value, msgspec.Struct) and value.__struct_fields__:
        name = chance.choice(value.__struct_fields__)
        return msgspec.structs.replace(value, **{name: _spoilt_within(chance, getattr(value, name))})
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        name = chance.choice(dataclasses.fields(value)).name
        return dataclasses.replace(value, **{name: _spoilt_within(chance, getattr(value, name))})
    if isinstance(value, list | tuple) and value:
        return _with_one(chance, value, _spoilt_within)
    if isinstance(value, float):
        return None  # those of records have bounds, which msgspec holds them to
    return chance.choice([None, 2**40]) if type(value) is int else None


def _spoilt_list(chance: Random, value: Any) -> Any:
    """A list with one item that lies; or a tuple, which is as good as a list."""
    if not isinstance(value, list) or not value:
        return value
    return chance.choice([list, tuple])(_with_one(chance, value, chance.choice(LIES)))


def _with_one(chance: Random, items: Sequence[Any], lie: Lie) -> Sequence[Any]:
    changed = list(items)
    place = chance.randrange(len(items))
    changed[place] = lie(chance, changed[place])
    return changed if isinstance(items, list) else tuple(changed)


LIES: tuple[Lie, ...] = (_nothing, _stranger, _error, _number, _spoilt_list, *[_spoilt_within] * 5)


class Liar:
    """Turns honest steps into ones that lie.

    A seed, the field and what the value is about decide on every lie.
    """

    def __init__(self) -> None:
        self._seed = 0
        self._rate = 0.0

    def tell(self, seed: int, rate: float) -> None:
        """From now on lies are this likely, 0 to 1."""
        self._seed = seed
        self._rate = rate

    def steps(self, honest: Mapping[FieldName, Step]) -> dict[FieldName, Step]:
        """Gives steps that lie when they are told to."""
        return {field: self._step(field, step) for field, step in honest.items()}

    def _step(self, field: FieldName, step: Step) -> Step:
        match step:
            case Derived(compute):
                return Derived(lambda source: self._said(field, source, compute(source)))
            case Read():
                return dataclasses.replace(step, fetch=self._fetch(field, step.fetch))
            case _:
                return step

    def _fetch(self, field: FieldName, fetch: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def later(context: Any, source: Any, wants: Any, **arguments: Any) -> Any:
            return self._said(field, (source, arguments), await fetch(context, source, wants, **arguments))

        def lying(context: Any, source: Any, wants: Any, **arguments: Any) -> Awaitable[Any]:
            honest = not self._rate  # then as it is: a future, a coroutine, or an error at once
            return (fetch if honest else later)(context, source, wants, **arguments)

        return lying

    def _said(self, field: FieldName, about: object, value: Any) -> Any:
        if not self._rate:
            return value
        chance = chance_of(self._seed, field, _looks(about))
        if chance.random() >= self._rate:
            return value
        return chance.choice(LIES)(chance, value)


def _looks(about: object) -> str:
    """Tells values apart in the same way every time: by what they hold, never by where they lie in memory."""
    if isinstance(about, msgspec.Struct):
        return str(getattr(about, "id", type(about).__name__))
    if isinstance(about, tuple):
        return ",".join(map(_looks, about))
    if isinstance(about, dict):
        return repr(sorted(about.items()))
    return repr(about)
