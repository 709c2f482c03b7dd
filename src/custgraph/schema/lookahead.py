"""Looks ahead in a selection: which fields below this one will be asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    SelectionNode,
    SelectionSetNode,
    value_from_ast_untyped,
)

Fragments = Mapping[str, FragmentDefinitionNode]


def selects(
    nodes: list[FieldNode], fragments: Fragments, variables: Mapping[str, Any], *paths: tuple[str, ...]
) -> bool:
    """Says whether any of the paths of field names is selected below the nodes, whatever the aliases.

    A selection under a type condition counts even if the condition may not hold: fetching too much is no error.
    """
    return any(_reaches(nodes, fragments, variables, path) for path in paths)


def _reaches(nodes: list[FieldNode], fragments: Fragments, variables: Mapping[str, Any], path: tuple[str, ...]) -> bool:
    for name in path:
        nodes = [
            field
            for node in nodes
            for field in _fields(node.selection_set, fragments, variables, set())
            if field.name.value == name
        ]
    return bool(nodes)


def _fields(
    selection_set: SelectionSetNode | None, fragments: Fragments, variables: Mapping[str, Any], seen: set[str]
) -> Iterator[FieldNode]:
    for selection in selection_set.selections if selection_set else ():
        if not _included(selection, variables):
            continue
        if isinstance(selection, FieldNode):
            yield selection
        elif isinstance(selection, InlineFragmentNode):
            yield from _fields(selection.selection_set, fragments, variables, seen)
        elif isinstance(selection, FragmentSpreadNode) and selection.name.value not in seen:
            seen.add(selection.name.value)
            yield from _fields(fragments[selection.name.value].selection_set, fragments, variables, seen)


def _included(selection: SelectionNode, variables: Mapping[str, Any]) -> bool:
    """Applies `@skip` and `@include`."""
    for directive in selection.directives or ():
        name = directive.name.value
        if name in ("skip", "include"):
            [argument] = directive.arguments or ()  # validated: `if`, and nothing else
            condition = value_from_ast_untyped(argument.value, dict(variables))
            if bool(condition) is (name == "skip"):
                return False
    return True
