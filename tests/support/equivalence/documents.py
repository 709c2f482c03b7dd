"""Random documents that know the schema: aliases, merged fields, fragments, conditions, variables, wrong values."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLNamedType,
    GraphQLSchema,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
    is_non_null_type,
    is_object_type,
)

from custgraph.schema.ids import node_id
from custgraph.schema.pagination import Cursor

Make = Callable[[Random], Any]


@dataclass
class Request:
    """A document and what comes with it."""

    query: str
    variables: dict[str, Any]


def _id(chance: Random) -> Any:
    if chance.random() < 0.04:
        return chance.choice(["0", "-1", "abc", "", "9999999999999999999999", "٣"])
    number = chance.choice([*range(1, 16), 33, 40, 41, 99])
    return number if chance.random() < 0.2 else str(number)


def _ids(chance: Random) -> list[Any]:
    return [_id(chance) for _ in range(chance.choice([0, 1, 1, 2, 3, 5]))]


def _node_id(chance: Random) -> str:
    if chance.random() < 0.04:
        return "junk"
    return node_id(chance.choice(["Customer", "Customer", "Enterprise"]), chance.choice([1, 2, 3, 4, 7, 11, 13]))


def _size(chance: Random) -> int | None:
    return chance.choice([1, 2, 2, 3, 3, 5, 10, 50, None, 0, 201] if chance.random() < 0.2 else [1, 2, 3, 5])


def _cursor(chance: Random) -> str | None:
    if chance.random() < 0.1:
        return chance.choice(["junk", "", None])
    return Cursor(chance.choice([1, 3, 8, 20, 39])).encode()


def _text(chance: Random) -> str:
    return chance.choice(["alice", "SPRINGS", "2", "nobody"] + ([" ", "x" * 257] if chance.random() < 0.2 else []))


def _text_filter(chance: Random) -> dict[str, Any]:
    member = chance.choice(["eq", "in", "contains", "startsWith", "endsWith"])
    return {member: [_text(chance)] if member == "in" else _text(chance)}


def _filter(chance: Random) -> dict[str, Any] | None:
    if chance.random() < 0.1:
        return chance.choice([{}, None])
    member = chance.choice(["ids", "firstName", "lastName", "email", "code"])
    return {member: _ids(chance) if member == "ids" else _text_filter(chance)}


def _representations(chance: Random) -> list[Any]:
    made: list[Any] = []
    for _ in range(chance.choice([0, 1, 2, 4])):
        name = chance.choice(
            ["Customer", "Customer", "Enterprise", "Stranger" if chance.random() < 0.2 else "Customer"]
        )
        made.append({"__typename": name, "id": _id(chance)})
    return made


def _address(chance: Random) -> dict[str, Any] | None:
    return chance.choice([None, {"locality": "Melbourne", "country": {"code": "AU"}}, {"phone": None}])


def _input(chance: Random) -> dict[str, Any]:
    members: dict[str, Make] = {
        "enterpriseId": _id,
        "email": lambda chance: chance.choice(["a@example.com", None] if chance.random() < 0.2 else ["a@example.com"]),
        "firstName": lambda chance: chance.choice(["Bob", None]),
        "tags": lambda chance: chance.choice([[], ["a", "b"], None] if chance.random() < 0.2 else [["a"]]),
        "shippingAddress": _address,
    }
    return {name: make(chance) for name, make in members.items() if chance.random() < 0.7}


_ARGUMENTS: dict[str, Make] = {
    "id": _id,
    "ids": _ids,
    "nodeId": _node_id,
    "enterpriseId": lambda chance: chance.choice(["1", "2", "3", "9"]),
    "first": _size,
    "last": _size,
    "after": _cursor,
    "before": _cursor,
    "search": _text,
    "filter": _filter,
    "representations": _representations,
    "input": _input,
}
_RARE = {"last": 0.15, "before": 0.1, "after": 0.25, "filter": 0.25, "search": 0.15, "enterpriseId": 0.3}
"""How likely an argument that may be left out is given, where that is not one time in two."""


@dataclass
class Writer:
    """Writes one document."""

    schema: GraphQLSchema
    chance: Random
    budget: int = 60
    variables: dict[str, Any] = field(default_factory=dict)
    declared: list[str] = field(default_factory=list)
    fragments: dict[str, tuple[str, str]] = field(default_factory=dict)
    calls: dict[str, list[str]] = field(default_factory=dict)

    def request(self) -> Request:
        """Writes the whole of it."""
        mutation = self.schema.mutation_type is not None and self.chance.random() < 0.08
        root = self.schema.mutation_type if mutation else self.schema.query_type
        assert root is not None
        body = self._selections(root, 0)
        declared = f"({', '.join(self.declared)})" if self.declared else ""
        operation = f"{'mutation' if mutation else 'query'} Q{declared} {body}"
        parts = [operation, *(f"fragment {name} on {on} {text}" for name, (on, text) in self.fragments.items())]
        self.chance.shuffle(parts)
        return Request("\n".join(parts), self.variables)

    def _selections(self, type_: GraphQLNamedType, depth: int) -> str:
        chance = self.chance
        count = chance.choice([1, 1, 2] if depth == 0 else [2, 3, 4, 6])
        made = [self._selection(type_, depth) for _ in range(count)]
        return "{ " + " ".join(made) + " }"

    def _selection(self, type_: GraphQLNamedType, depth: int) -> str:
        self.budget -= 1
        kind = self.chance.random()
        if kind < 0.08 or self.budget < 0:
            return self.chance.choice(["__typename", "kind: __typename"])
        if kind < 0.2 and depth < 8:
            on = self._condition(type_)
            said = f"on {on.name} " if on is not type_ or self.chance.random() < 0.7 else ""
            return f"... {said}{self._directives()}{self._selections(on, depth + 1)}"
        if kind < 0.3 and depth < 8:
            return f"...{self._fragment(self._condition(type_), depth)} {self._directives()}"
        return self._field(type_, depth)

    def _condition(self, type_: GraphQLNamedType) -> GraphQLNamedType:
        """Chooses a type condition that may hold: the type itself, one of its interfaces, one of its members."""
        choices: list[GraphQLNamedType] = [type_]
        if is_object_type(type_):
            choices += type_.interfaces
        if is_abstract_type(type_):
            choices += [*self.schema.get_possible_types(type_)] * 2
        return self.chance.choice(choices)

    def _fragment(self, type_: GraphQLNamedType, depth: int) -> str:
        known = [name for name, (on, text) in self.fragments.items() if on == type_.name and text]
        if known and self.chance.random() < 0.6:
            return self.chance.choice(known)
        name = f"F{len(self.fragments)}"
        self.fragments[name] = (type_.name, "")  # not to be spread before it is written: it would hold itself
        self.fragments[name] = (type_.name, self._selections(type_, depth + 1))
        return name

    def _field(self, type_: GraphQLNamedType, depth: int) -> str:
        fields: dict[str, GraphQLField] = getattr(type_, "fields", {})
        names = [name for name, found in fields.items() if depth < 8 or is_leaf_type(get_named_type(found.type))]
        names = [name for name in names if name != "_service" or self.chance.random() < 0.1]
        if not names:
            return "__typename"
        name = self.chance.choice(names)
        definition = fields[name]
        named = get_named_type(definition.type)
        number = self.chance.choice([0, 0, 1, 2]) if definition.args else 0
        called = self._called(f"{type_.name}.{name}", definition, number)
        alias = ""
        if number or self.chance.random() < 0.15:
            alias = f"{name.strip('_')}_{number}: "
        below = "" if is_leaf_type(named) else self._selections(named, depth + 1)
        return f"{alias}{name}{called} {self._directives()}{below}"

    def _called(self, place: str, definition: GraphQLField, number: int) -> str:
        """Gives the arguments of a call; calls of one number are the same throughout, so that they merge."""
        key = f"{place} {number}"
        if key not in self.calls:
            given = []
            for name, argument in definition.args.items():
                required = is_non_null_type(argument.type)
                if required or self.chance.random() < _RARE.get(name, 0.5):
                    made = _ARGUMENTS[name](self.chance)
                    if made is None and required:
                        continue
                    given.append(f"{name}: {self._value(str(argument.type), made)}")
            self.calls[key] = [f"({', '.join(given)})" if given else ""]
        return self.calls[key][0]

    def _value(self, type_: str, value: Any) -> str:
        """Writes a value, as a literal or by way of variables."""
        kind = self.chance.random()
        if kind < 0.35:
            return self._variable(type_, value)
        if kind < 0.45 and isinstance(value, list) and value and type_ == "[ID!]!":
            first, *rest = value
            return "[" + ", ".join([self._variable("ID!", first), *map(literal, rest)]) + "]"
        return literal(value)

    def _variable(self, type_: str, value: Any) -> str:
        name = f"v{len(self.declared)}"
        kind = self.chance.random()
        if type_.endswith("!"):
            if kind < 0.15 and value is not None:
                self.declared.append(f"${name}: {type_[:-1]} = {literal(value)}")
                if self.chance.random() < 0.2:
                    self.variables[name] = None
                return f"${name}"
            self.declared.append(f"${name}: {type_}")
        elif kind < 0.2:
            self.declared.append(f"${name}: {type_}")
            return f"${name}"  # without a value
        elif kind < 0.4:
            self.declared.append(f"${name}: {type_} = {literal(value)}")
            return f"${name}"
        else:
            self.declared.append(f"${name}: {type_}")
        self.variables[name] = "wrong" if self.chance.random() < 0.01 else value
        return f"${name}"

    def _directives(self) -> str:
        if self.chance.random() > 0.15:
            return ""
        name = self.chance.choice(["skip", "include"])
        if self.chance.random() < 0.4:
            return f"@{name}(if: {self.chance.choice(['true', 'false'])}) "
        variable = self.chance.choice(["b0", "b1"])
        if not any(declared.startswith(f"${variable}:") for declared in self.declared):
            kind = self.chance.random()
            self.declared.append(f"${variable}: Boolean{'!' if kind < 0.7 else ' = true'}")
            if kind < 0.8:
                self.variables[variable] = self.chance.random() < 0.5
            elif kind < 0.83:
                self.variables[variable] = None
        return f"@{name}(if: ${variable}) "


def literal(value: Any) -> str:
    """Writes a JSON value as a GraphQL literal."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {literal(member)}" for name, member in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(literal, value)) + "]"
    return json.dumps(value)
