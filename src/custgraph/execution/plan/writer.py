"""Writes the functions of a plan: from a record to the response's object, one expression for each selection set.

The response's objects are Structs, one class for each list of keys: they are made in a third of the time of a dict and
written to JSON faster.
"""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

import msgspec
from graphql import (
    FragmentDefinitionNode,
    GraphQLObjectType,
    GraphQLOutputType,
    VariableDefinitionNode,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
)
from msgspec import inspect

from custgraph.execution.plan.arguments import arguments_of
from custgraph.execution.plan.leaves import Kind, is_plain, leaf_expression
from custgraph.execution.plan.selection import Field, Shape, Uncompilable
from custgraph.execution.plan.source import Source, identifier
from custgraph.steps import Attribute, Derived, Read, Remark

MAX_INLINE = 3
"""How deep objects are written into one expression; what is deeper has a function of its own."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What all plans of one schema share.

    Attributes:
        records: the class of each type's records.
        brief: the classes of those that were not read whole, by these.
        kinds: what is known of their attributes.
        structs: classes of the response's objects, by their keys.
    """

    records: Mapping[str, type]
    brief: Mapping[type, type]
    kinds: Mapping[str, Mapping[str, Kind]]
    structs: MutableMapping[tuple[str, ...], type[msgspec.Struct]]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What an operation's fields refer to.

    Attributes:
        fragments: the document's, by name.
        variables: the operation's, by name.
        conditions: the values of the condition variables.
    """

    fragments: Mapping[str, FragmentDefinitionNode]
    variables: Mapping[str, VariableDefinitionNode]
    conditions: Mapping[str, bool]


class Writer:
    """Writes one plan."""

    def __init__(self, catalogue: Catalogue, surroundings: Surroundings, source: Source) -> None:
        self._catalogue = catalogue
        self._surroundings = surroundings
        self._source = source

    def root(self, shape: Shape) -> str:
        """Writes the function that starts the operation and makes the response's `data`, fields of which may be late.

        Raises:
            Uncompilable: it has something that plans do not know.
        """
        return self._object_function(shape, is_root=True)

    # Objects

    def _object(self, shape: Shape, value: str, depth: int) -> str:
        """Gives the expression that makes the object of the record in a variable."""
        if shape.waits or depth >= MAX_INLINE:
            return f"{self._object_function(shape)}({value}, run)"
        values = [
            repr(shape.type.name) if isinstance(field, str) else self._field(field, shape, value, depth)
            for field in shape.fields
        ]
        return value if self._is_written(shape, value, values) else self._made(shape, values)

    def _is_written(self, shape: Shape, record: str, values: list[str]) -> bool:
        """Says whether a record is already its object of the response: all of its attributes, as they are, in order."""
        kind = self._catalogue.records.get(shape.type.name, object)
        if not issubclass(kind, msgspec.Struct) or _keys(shape) != kind.__struct_encode_fields__:
            return False
        config = kind.__struct_config__
        if config.tag or config.array_like or config.omit_defaults:
            return False
        return values == [f"{record}.{name}" for name in kind.__struct_fields__]

    def _object_function(self, shape: Shape, *, is_root: bool = False) -> str:
        """Writes the function that makes an object and starts the reads of its fields, in their order."""
        before: list[str] = []
        values: list[str] = []
        after: list[str] = []
        for position, field in enumerate(shape.fields):
            if isinstance(field, str):
                values.append(repr(shape.type.name))
                continue
            values.append(self._source.name("v"))
            if isinstance(field.step, Read):
                slot = field.key if is_root else f"f{position}"
                before_it, after_it = self._read(field, field.step, shape, values[-1], slot)
                before += before_it
                after += after_it
            else:
                before.append(f"{values[-1]} = {self._field(field, shape, 's', 0)}")
        made = self._made(shape, values, is_root=is_root)
        return self._source.function("make", *before, f"made = {made}", *after, "return made")

    def _made(self, shape: Shape, values: list[str], *, is_root: bool = False) -> str:
        keys = _keys(shape)
        if is_root:
            return "{" + ", ".join(f"{key!r}: {value}" for key, value in zip(keys, values, strict=True)) + "}"
        structs = self._catalogue.structs
        struct = structs.get(keys)
        if struct is None:
            names = [f"f{position}" for position in range(len(keys))]
            struct = structs[keys] = msgspec.defstruct(
                "Object",
                [(name, Any) for name in names],
                rename=dict(zip(names, keys, strict=True)),
                gc=False,  # a response is a tree
            )
        return f"{self._source.bind('Struct', struct)}({', '.join(values)})"

    # Fields

    def _field(self, field: Field, shape: Shape, value: str, depth: int) -> str:
        """Gives the expression of a field that need not be waited for."""
        match field.step:
            case Attribute(name):
                kind = self._catalogue.kinds.get(shape.type.name, {}).get(name)
                return self._value(field.type, f"{value}.{identifier(name)}", kind, field.shapes, depth)
            case Derived(compute):
                computed = f"{self._source.bind('compute', compute)}({value})"
                return self._value(field.type, computed, None, field.shapes, depth)
            case _:
                raise Uncompilable

    def _read(self, field: Field, step: Read, shape: Shape, value: str, slot: str) -> tuple[list[str], list[str]]:
        """Gives the lines that start a read, and those that tell it its owner once that is made."""
        surroundings = self._surroundings
        wants = step.wants and step.wants(field.nodes, surroundings.fragments, surroundings.conditions)
        parts = ["run.context", "s", self._source.bind("wants", wants), *self._arguments(field)]
        fetched = f"{self._source.bind('fetch', step.fetch)}({', '.join(parts)})"
        started = f"Waiting(run, {fetched}, {self._complete(field, step.remark)}, {slot!r})"
        waiting = self._source.name("w")
        if step.held is None:
            return [f"{waiting} = {started}", f"{value} = None"], [f"{waiting}.owner = made"]
        held = self._source.name("v")
        kind = self._catalogue.kinds.get(shape.type.name, {}).get(step.held)
        before = [
            f"{held} = s.{identifier(step.held)}",
            f"{waiting} = {started} if {held} is UNSET else None",
            f"{value} = None if {waiting} else {self._value(field.type, held, kind, field.shapes, 0)}",
        ]
        return before, [f"if {waiting}: {waiting}.owner = made"]

    def _complete(self, field: Field, remark: Remark | None) -> str:
        """Writes the function that completes a read's value; one that calls for a remark is a surprise."""
        body = [f"return {self._value(field.type, 's', None, field.shapes, 0)}"]
        if remark is not None:
            body.insert(0, f"if {self._source.bind('remark', remark)}(s) is not None: surprise()")
        return self._source.function("complete", *body)

    def _arguments(self, field: Field) -> list[str]:
        found = arguments_of(field.definition, field.nodes[0], self._surroundings.variables)
        if found.make is not None:
            return [f"**{self._source.bind('arguments', found.make)}(run)"]
        return [
            *(f"{identifier(name)}={self._source.bind('constant', value)}" for name, value in found.constants.items()),
            *(f"{identifier(name)}=run.variables[{variable!r}]" for name, variable in found.variables.items()),
        ]

    # Values

    def _value(
        self, type_: GraphQLOutputType, expression: str, kind: Kind, shapes: tuple[Shape, ...], depth: int
    ) -> str:
        """Gives the expression that completes a value as graphql-core's `complete_value` does, or is surprised.

        Args:
            type_: the value's type.
            expression: gives the value.
            kind: what is known of it.
            shapes: what is selected of it.
            depth: of objects within the expression at hand.
        """
        null = "None"
        if is_non_null_type(type_):
            type_, null = type_.of_type, "surprise()"
        if is_leaf_type(type_) and is_plain(type_, kind) and null == "None":
            return expression
        value = expression if expression.isidentifier() else self._source.name("v")
        first = expression if value == expression else f"({value} := {expression})"
        if is_leaf_type(type_):
            made = leaf_expression(type_, kind, value, self._source.bind)
        elif is_list_type(type_):
            made = self._list(type_.of_type, value, kind, shapes)
        elif is_object_type(type_):
            made = self._object(shapes[0], value, depth + 1)
            record = self._record(type_)
            known = isinstance(kind, inspect.StructType) and kind.cls is record
            if known and made == value and null == "None":
                return expression
            if not known:
                null = null if null != "None" else f"None if {value} is None else surprise()"
                return f"({made} if type({first}) in {self._classes(record)} else {null})"
        else:
            made = f"{self._by_record(shapes)}[type({value})]({value}, run)"
        return f"({made} if {first} is not None else {null})"

    def _list(self, item_type: GraphQLOutputType, value: str, kind: Kind, shapes: tuple[Shape, ...]) -> str:
        """Gives the expression that completes a list, which is not null."""
        nullable = not is_non_null_type(item_type)
        item = item_type.of_type if is_non_null_type(item_type) else item_type
        item_kind = kind.item_type if isinstance(kind, inspect.ListType) else None
        checks = [] if isinstance(kind, inspect.ListType) else [f"type({value}) in LISTS"]
        if not checks and is_leaf_type(item) and is_plain(item, item_kind):
            return value if nullable else f"({value} if None not in {value} else surprise())"
        if is_object_type(item):  # all classes at once: one look at each row costs more
            record = self._record(item)
            allowed = self._classes(record, type(None)) if nullable else self._classes(record)
            checks.append(f"{allowed}.issuperset(map(type, {value}))")
            item_kind = inspect.StructType(record, ())
        if is_object_type(item) and not nullable:  # no row is null, having passed
            one = self._object_function(shapes[0])
        else:
            one = self._source.function("item", f"return {self._value(item_type, 's', item_kind, shapes, 0)}")
        items = f"[{one}(item, run) for item in {value}]"
        return f"({items} if {' and '.join(checks)} else surprise())" if checks else items

    def _by_record(self, shapes: tuple[Shape, ...]) -> str:
        """Writes the functions of an abstract type's objects, to be chosen by the record's class."""
        records = {self._record(shape.type): shape for shape in shapes}
        if len(records) < len(shapes):
            raise Uncompilable
        functions: dict[type, str] = {}
        for record, shape in records.items():
            functions |= dict.fromkeys(self._kinds(record), self._object_function(shape))
        return self._source.table("by_record", functions)

    def _classes(self, record: type, *others: type) -> str:
        return self._source.bind("classes", frozenset({*self._kinds(record), *others}))

    def _kinds(self, record: type) -> list[type]:
        """Gives the classes that a type's records may have."""
        brief = self._catalogue.brief.get(record)
        return [record] if brief is None else [record, brief]

    def _record(self, type_: GraphQLObjectType) -> type:
        record = self._catalogue.records.get(type_.name)
        if record is None:
            raise Uncompilable
        return record


def _keys(shape: Shape) -> tuple[str, ...]:
    return tuple(field if isinstance(field, str) else field.key for field in shape.fields)
