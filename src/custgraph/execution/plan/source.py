"""Writes the functions of a plan: from a record to the response's object, one expression for each selection set.

The response's objects are Structs, one class for each list of keys: they are made in a third of the time of a dict and
written to JSON faster. The source holds names of the schema's fields and arguments and of nothing else; classes,
functions and constants reach it through its namespace, and what a request brings never does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import count
from keyword import iskeyword
from typing import Any

import msgspec
from graphql import (
    FragmentDefinitionNode,
    GraphQLOutputType,
    Undefined,
    VariableDefinitionNode,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
)
from msgspec import inspect

from custgraph.execution.plan.arguments import arguments_of
from custgraph.execution.plan.leaves import Kind, is_plain, leaf_expression
from custgraph.execution.plan.run import Run, Waiting, surprise
from custgraph.execution.plan.selection import Field, Shape, Uncompilable
from custgraph.steps import Attribute, Derived, Read, Remark

MAX_INLINE = 3
"""How deep objects are written into one expression; what is deeper has a function of its own."""

_BUILTINS = {"frozenset": frozenset, "map": map, "str": str, "type": type}


class Source:
    """The source of one plan, as it grows.

    Every function takes a record and the run: `s, run`.
    """

    def __init__(
        self,
        records: Mapping[str, type],
        kinds: Mapping[str, Mapping[str, Kind]],
        fragments: Mapping[str, FragmentDefinitionNode],
        variables: Mapping[str, VariableDefinitionNode],
        conditions: Mapping[str, bool],
    ) -> None:
        self._records = records
        self._kinds = kinds
        self._fragments = fragments
        self._variables = variables
        self._conditions = conditions
        self._namespace: dict[str, Any] = {
            "__builtins__": _BUILTINS,
            "LISTS": frozenset({list, tuple}),
            "UNSET": msgspec.UNSET,
            "Undefined": Undefined,
            "Waiting": Waiting,
            "surprise": surprise,
        }
        self._lines: list[str] = []
        self._numbers = count()

    def compile(self, roots: Iterable[Shape]) -> tuple[Callable[[None, Run], dict[str, Any]], ...]:
        """Gives for each root the function that starts it and makes its part of `data`, fields of which may be late.

        Raises:
            Uncompilable: a name cannot be used in Python.
        """
        names = [self._object_function(root, is_root=True) for root in roots]
        code = compile("\n".join(self._lines), "<plan>", "exec")
        exec(code, self._namespace)  # noqa: S102 - made of the schema's names alone
        return tuple(self._namespace[name] for name in names)

    def _name(self, prefix: str) -> str:
        return f"{prefix}_{next(self._numbers)}"

    def _bind(self, prefix: str, value: Any) -> str:
        name = self._name(prefix)
        self._namespace[name] = value
        return name

    def _function(self, prefix: str, *body: str) -> str:
        name = self._name(prefix)
        self._lines += [f"def {name}(s, run):", *(f"    {line}" for line in body)]
        return name

    # Objects

    def _object(self, shape: Shape, source: str, depth: int) -> str:
        """Gives the expression that makes the object of the record in a variable."""
        if shape.waits or depth >= MAX_INLINE:
            return f"{self._object_function(shape)}({source}, run)"
        values = [
            repr(shape.type.name) if isinstance(field, str) else self._field(field, shape, source, depth)
            for field in shape.fields
        ]
        return f"{self._struct(shape)}({', '.join(values)})"

    def _object_function(self, shape: Shape, *, is_root: bool = False) -> str:
        """Writes the function that makes an object and starts the reads of its fields."""
        body: list[str] = []
        values: list[str] = []
        after: list[str] = []
        for position, field in enumerate(shape.fields):
            if isinstance(field, str):
                values.append(repr(shape.type.name))
                continue
            if not isinstance(field.step, Read):
                values.append(self._name("v"))
                body.append(f"{values[-1]} = {self._field(field, shape, 's', 0)}")
                continue
            waiting = self._name("w")
            read = self._waiting(field, field.step, repr(field.key if is_root else f"f{position}"))
            if field.step.held is None:
                values.append("None")
                body.append(f"{waiting} = {read}")
                after.append(f"{waiting}.owner = made")
            else:
                held = f"s.{_identifier(field.step.held)}"
                values.append(self._name("v"))
                body.append(f"{waiting} = {read} if {held} is UNSET else None")
                body.append(f"{values[-1]} = None if {waiting} else {self._complete(field)}({held}, run)")
                after.append(f"if {waiting}: {waiting}.owner = made")
        if is_root:
            keys = [field if isinstance(field, str) else field.key for field in shape.fields]
            made = "{" + ", ".join(f"{key!r}: {value}" for key, value in zip(keys, values, strict=True)) + "}"
        else:
            made = f"{self._struct(shape)}({', '.join(values)})"
        return self._function("make", *body, f"made = {made}", *after, "return made")

    def _struct(self, shape: Shape) -> str:
        keys = [field if isinstance(field, str) else field.key for field in shape.fields]
        names = [f"f{position}" for position in range(len(keys))]
        struct = msgspec.defstruct(
            shape.type.name,
            [(name, Any) for name in names],
            rename=dict(zip(names, keys, strict=True)),
            gc=False,  # the response is a tree
        )
        return self._bind("Struct", struct)

    # Fields

    def _field(self, field: Field, shape: Shape, source: str, depth: int) -> str:
        """Gives the expression of a field that need not be waited for."""
        match field.step:
            case Attribute(name):
                kind = self._kinds.get(shape.type.name, {}).get(name)
                return self._value(field.type, f"{source}.{_identifier(name)}", kind, field.shapes, depth)
            case Derived(compute):
                return self._value(field.type, f"{self._bind('compute', compute)}({source})", None, field.shapes, depth)
            case _:
                raise Uncompilable

    def _waiting(self, field: Field, step: Read, slot: str) -> str:
        """Gives the expression that starts a read."""
        complete = self._complete(field, step.remark)
        wants = None if step.wants is None else step.wants(field.nodes, self._fragments, self._conditions)
        parts = ["run.context", "s", self._bind("wants", wants), *self._arguments(field)]
        return f"Waiting(run, {self._bind('fetch', step.fetch)}({', '.join(parts)}), {complete}, {slot})"

    def _complete(self, field: Field, remark: Remark | None = None) -> str:
        """Writes the function that completes a read's value; one that calls for a remark is a surprise."""
        body = [f"return {self._value(field.type, 's', None, field.shapes, 0)}"]
        if remark is not None:
            body.insert(0, f"if {self._bind('remark', remark)}(s) is not None: surprise()")
        return self._function("complete", *body)

    def _arguments(self, field: Field) -> list[str]:
        found = arguments_of(field.definition, field.nodes[0], self._variables)
        if found.make is not None:
            return [f"**{self._bind('arguments', found.make)}(run)"]
        return [
            *(f"{_identifier(name)}={self._bind('constant', value)}" for name, value in found.constants.items()),
            *(f"{_identifier(name)}=run.variables[{variable!r}]" for name, variable in found.variables.items()),
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
        value, first = (expression, expression) if expression.isidentifier() else self._held(expression)
        if is_leaf_type(type_):
            made = leaf_expression(type_, kind, value, self._bind)
        elif is_list_type(type_):
            made = self._list(type_.of_type, value, kind, shapes)
        elif is_object_type(type_):
            record = self._records[type_.name]
            made = self._object(shapes[0], value, depth + 1)
            if not (isinstance(kind, inspect.StructType) and kind.cls is record):
                otherwise = "surprise()" if null != "None" else f"None if {value} is None else surprise()"
                return f"({made} if type({first}) is {self._bind('record', record)} else {otherwise})"
        else:
            made = f"{self._by_record(shapes)}[type({value})]({value}, run)"
        return f"({made} if {first} is not None else {null})"

    def _held(self, expression: str) -> tuple[str, str]:
        name = self._name("v")
        return name, f"({name} := {expression})"

    def _list(self, item_type: GraphQLOutputType, value: str, kind: Kind, shapes: tuple[Shape, ...]) -> str:
        """Gives the expression that completes a list, which is not null."""
        nullable = not is_non_null_type(item_type)
        item = item_type.of_type if is_non_null_type(item_type) else item_type
        item_kind: Kind = None
        checks = [] if isinstance(kind, inspect.ListType) else [f"type({value}) in LISTS"]
        if isinstance(kind, inspect.ListType):
            item_kind = kind.item_type
            if is_leaf_type(item) and is_plain(item, item_kind):
                return value if nullable else f"({value} if None not in {value} else surprise())"
        if is_object_type(item):
            record = self._records[item.name]
            allowed = frozenset({record, type(None)} if nullable else {record})
            checks.append(f"{self._bind('allowed', allowed)}.issuperset(map(type, {value}))")
            item_kind = inspect.StructType(record, ()) if issubclass(record, msgspec.Struct) else None
        one = self._function("item", f"return {self._value(item_type, 's', item_kind, shapes, 0)}")
        items = f"[{one}(item, run) for item in {value}]"
        return f"({items} if {' and '.join(checks)} else surprise())" if checks else items

    def _by_record(self, shapes: tuple[Shape, ...]) -> str:
        """Writes the functions of an abstract type's objects, to be chosen by the record's class."""
        functions: dict[type, str] = {}
        for shape in shapes:
            record = self._records.get(shape.type.name)
            if record is None or record in functions:
                raise Uncompilable
            functions[record] = self._object_function(shape)
        table = self._bind("by_record", None)
        entries = ", ".join(f"{self._bind('record', record)}: {name}" for record, name in functions.items())
        self._lines.append(f"{table} = {{{entries}}}")
        return table


def _identifier(name: str) -> str:
    if not name.isidentifier() or iskeyword(name):
        raise Uncompilable
    return name
