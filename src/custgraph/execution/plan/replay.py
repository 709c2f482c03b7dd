"""What the reads of a plan that gave up have come to, for graphql-core to go on with."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from typing import Any

import msgspec
from graphql import GraphQLResolveInfo

from custgraph.execution.plan.run import NOTHING, Run, Waiting
from custgraph.steps import FieldName, Read, Remark, Step, note

Path = tuple[str | int, ...]


class Replay:
    """A middleware of graphql-core: fields whose reads were started get what came of them, or what is still to come."""

    def __init__(self, run: Run, steps: Mapping[FieldName, Step]) -> None:
        self._steps = steps
        paths = {id(owner): path for part in run.parts for path, owner in _objects((), part)}
        self._waiting = {
            (*paths[id(waiting.owner)], _key(waiting)): waiting for waiting in run.watched if id(waiting.owner) in paths
        }

    def resolve(self, resolve: Callable[..., Any], source: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        """Resolves a field."""
        waiting = self._waiting.get(tuple(info.path.as_list()))
        if waiting is None:
            return resolve(source, info, **arguments)
        step = self._steps[info.parent_type.name, info.field_name]
        return _Outcome(waiting, step.remark if isinstance(step, Read) else None, info)


class _Outcome:
    """What came or comes of a read; as something to be awaited, like the read itself."""

    __slots__ = ("_info", "_remark", "_waiting")

    def __init__(self, waiting: Waiting, remark: Remark | None, info: GraphQLResolveInfo[Any]) -> None:
        self._waiting = waiting
        self._remark = remark
        self._info = info

    def __await__(self) -> Generator[Any, None, Any]:
        waiting = self._waiting
        if waiting.error is not None:
            raise waiting.error
        value = (yield from waiting.awaitable.__await__()) if waiting.value is NOTHING else waiting.value
        if self._remark is not None:
            note(self._remark, value, self._info)
        return value


def _key(waiting: Waiting) -> str:
    if type(waiting.owner) is dict:
        return waiting.slot
    place = waiting.owner.__struct_fields__.index(waiting.slot)
    key: str = waiting.owner.__struct_encode_fields__[place]
    return key


def _objects(path: Path, value: Any) -> Iterator[tuple[Path, Any]]:
    """Finds all objects of a response, with their places."""
    if type(value) is dict:
        yield path, value
        for key, member in value.items():
            yield from _objects((*path, key), member)
    elif isinstance(value, msgspec.Struct):
        yield path, value
        for key, name in zip(value.__struct_encode_fields__, value.__struct_fields__, strict=True):
            yield from _objects((*path, key), getattr(value, name))
    elif type(value) is list:
        for index, item in enumerate(value):
            yield from _objects((*path, index), item)
