"""Measures an operation the plain way: expands every fragment wherever it is spread, then counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import ceil
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLNamedType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_interface_type,
    is_list_type,
    value_from_ast_untyped,
)
from graphql.type import GraphQLField

from custgraph.steps import Blueprint, FieldName, Price, Read


@dataclass
class Selected:
    """A field of the expanded operation."""

    parent: GraphQLNamedType
    node: FieldNode
    children: list[Selected]


@dataclass
class Bill:
    """What the fields of one object cost."""

    cost: int = 0
    calls: int = 0
    keys: Counter[tuple[str, int]] = field(default_factory=Counter)

    def add(self, other: Bill, times: int = 1) -> None:
        self.cost += other.cost * times
        self.calls += other.calls * times
        for key, count in other.keys.items():
            self.keys[key] += count * times

    def settle(self) -> None:
        self.calls += sum(ceil(count / batch) for (_, batch), count in self.keys.items())
        self.keys.clear()


@dataclass
class Naive:
    """All measures of one operation."""

    blueprint: Blueprint
    document: DocumentNode
    variables: Mapping[str, Any]
    directives: int = 0
    aliases: int = 0
    fields: int = 0
    depth: int = 0

    @property
    def schema(self) -> GraphQLSchema:
        return self.blueprint.schema

    def measure(self) -> dict[str, int]:
        operation = next(node for node in self.document.definitions if isinstance(node, OperationDefinitionNode))
        root = self.schema.get_root_type(operation.operation)
        assert root is not None
        self.directives += len(operation.directives or ())
        selected = self.expand(operation.selection_set, root)
        bill = Bill()
        for each in selected:
            self.count(each, 1)
            bill.add(self.bill(each))
        bill.settle()
        return {
            "depth": self.depth,
            "aliases": self.aliases,
            "root_fields": len(selected),
            "directives": self.directives,
            "fields": self.fields,
            "cost": bill.cost + 1,
            "calls": bill.calls,
        }

    def expand(self, selection_set: SelectionSetNode, parent: GraphQLNamedType) -> list[Selected]:
        found = []
        for selection in selection_set.selections:
            self.directives += len(selection.directives or ())
            if isinstance(selection, FieldNode):
                children = []
                if selection.selection_set:
                    definition = self.schema.get_field(parent, selection.name.value)  # type: ignore[arg-type]
                    assert definition
                    children = self.expand(selection.selection_set, get_named_type(definition.type))
                found.append(Selected(parent, selection, children))
            elif isinstance(selection, InlineFragmentNode):
                condition = selection.type_condition
                inner = self.schema.type_map[condition.name.value] if condition else parent
                found += self.expand(selection.selection_set, inner)
            elif isinstance(selection, FragmentSpreadNode):
                fragment = next(
                    node
                    for node in self.document.definitions
                    if isinstance(node, FragmentDefinitionNode) and node.name.value == selection.name.value
                )
                self.directives += len(fragment.directives or ())
                found += self.expand(fragment.selection_set, self.schema.type_map[fragment.type_condition.name.value])
        return found

    def count(self, selected: Selected, depth: int) -> None:
        self.fields += 1
        self.depth = max(self.depth, depth)
        self.aliases += selected.node.alias is not None
        for child in selected.children:
            self.count(child, depth + 1)

    def bill(self, selected: Selected) -> Bill:
        total = Bill()
        for price in self.prices(selected):
            total.add(self.bill_at(selected, price))
        if selected.parent is self.schema.mutation_type:
            total.settle()
        return total

    def bill_at(self, selected: Selected, price: Price) -> Bill:
        definition = self.schema.get_field(selected.parent, selected.node.name.value)  # type: ignore[arg-type]
        assert definition
        size = self.size(selected.node, definition, price)
        weight = price.weight
        if weight is None:
            weight = int(is_composite_type(get_named_type(definition.type)))
        item = Bill(weight)
        for child in selected.children:
            item.add(self.bill(child), size if child.node.name.value in price.sized else 1)
        bill = Bill()
        bill.add(item, size if is_list_type(get_nullable_type(definition.type)) and not price.sized else 1)
        if any(isinstance(self.blueprint.steps.get(name), Read) for name in self.names(selected)):
            bill.settle()
        names = {child.node.name.value for child in selected.children}
        bill.calls += price.bill.calls + price.bill.per_key * size
        bill.calls += sum(calls for name, calls in price.bill.selected.items() if name in names)
        if price.bill.loader:
            bill.keys[price.bill.loader, price.bill.batch] += size
        return bill

    def names(self, selected: Selected) -> list[FieldName]:
        name = selected.node.name.value
        types = [selected.parent]
        if is_interface_type(selected.parent):
            types += self.schema.get_possible_types(selected.parent)
        return [(type_.name, name) for type_ in types]

    def prices(self, selected: Selected) -> list[Price]:
        known = [self.blueprint.prices[name] for name in self.names(selected) if name in self.blueprint.prices]
        return known or [Price()]

    def size(self, node: FieldNode, definition: GraphQLField, price: Price) -> int:
        lengths = []
        for argument in node.arguments or ():
            if argument.name.value in price.slicing:
                value = value_from_ast_untyped(argument.value, dict(self.variables))
                takes_list = is_list_type(get_nullable_type(definition.args[argument.name.value].type))
                if takes_list and not isinstance(value, list):
                    value = None if value is None else [value]
                if value is not None:
                    lengths.append(len(value) if takes_list else value)
        longest = max(lengths, default=-1)
        return min(price.assumed if longest < 0 else longest, price.most)
