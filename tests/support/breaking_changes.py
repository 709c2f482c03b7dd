"""Finds what a change of the schema breaks for clients and composers, and whether the changelog says so."""

from __future__ import annotations

import re
from collections.abc import Iterator

from graphql import (
    ObjectTypeDefinitionNode,
    build_schema,
    find_breaking_changes,
    parse,
    print_ast,
)

DECLARED_UNDER = "### Breaking"
_UNRELEASED = re.compile(r"^## \[Unreleased\]$(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_BREAKING = re.compile(rf"^{DECLARED_UNDER}$(.*?)(?=^### |\Z)", re.MULTILINE | re.DOTALL)
_FOR_COMPOSERS = ("@key", "@shareable")


def breaking_changes(released: str, current: str) -> list[str]:
    """Names each change from one federation SDL to another that breaks an operation or a composition.

    Operations break by what graphql-core finds; compositions by the loss of a key or of a field's sharing.
    """
    old, new = (build_schema(sdl, assume_valid_sdl=True) for sdl in (released, current))
    found = [f"{change.description.rstrip('.')}." for change in find_breaking_changes(old, new)]
    lost = set(_directives(released)) - set(_directives(current))
    return found + [f"{directive} was removed from {place}." for place, directive in sorted(lost)]


def undeclared(changes: list[str], changelog: str) -> list[str]:
    """The changes that no item under `### Breaking` of the changelog's `[Unreleased]` begins with."""
    unreleased = _UNRELEASED.search(changelog)
    section = _BREAKING.search(unreleased[1]) if unreleased else None
    items = re.split(r"^- ", section[1], flags=re.MULTILINE) if section else []
    declared = [" ".join(item.split()) for item in items]
    return [change for change in changes if not any(item.startswith(change) for item in declared)]


def _directives(sdl: str) -> Iterator[tuple[str, str]]:
    """What composers rely on: type or field, and its directive."""
    for definition in parse(sdl).definitions:
        if isinstance(definition, ObjectTypeDefinitionNode):
            type_name = definition.name.value
            fields = {f"{type_name}.{field.name.value}": field.directives for field in definition.fields or ()}
            for place, directives in {type_name: definition.directives, **fields}.items():
                printed = map(print_ast, directives or ())
                yield from ((place, text) for text in printed if text.startswith(_FOR_COMPOSERS))
