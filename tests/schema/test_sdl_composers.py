"""What each composer's dialect says, and holds back. See tests/composition for the composers themselves."""

from __future__ import annotations

from pathlib import Path

from graphql import (
    DirectiveNode,
    FieldDefinitionNode,
    ObjectTypeDefinitionNode,
    build_schema,
    parse,
    print_ast,
)

from custgraph.schema.dialects import sdl
from custgraph.steps import Blueprint

DEFINITIONS = Path(__file__).parents[1] / "composition" / "definitions" / "federation.graphql"


def test_the_federation_dialect_holds_against_its_definitions(blueprint: Blueprint) -> None:
    text = sdl(blueprint, "federation")
    assert build_schema(DEFINITIONS.read_text() + text)
    assert "_entities" not in text
    assert "federation/v2.9" in text


def test_the_stitching_dialect_merges_by_lists_of_keys(blueprint: Blueprint) -> None:
    text = sdl(blueprint, "stitching")
    schema = build_schema(text)
    merged = {field.name.value: directive for field, directive in _root_fields(text, "merge")}
    assert merged.keys() == {"customersByIds", "enterprisesByIds"}
    assert schema.query_type is not None
    for name, directive in merged.items():
        field = schema.query_type.fields[name]
        type_ = field.type.of_type.of_type  # of a list that is never null
        assert list(map(str, (argument.type for argument in field.args.values()))) == ["[ID!]!"]
        assert print_ast(directive) == '@merge(keyField: "id")'
        assert "id" in type_.fields
        assert f'type {type_.name} implements Node @key(selectionSet: "{{ id }}")' in text


def _root_fields(text: str, directive_name: str) -> list[tuple[FieldDefinitionNode, DirectiveNode]]:
    return [
        (field, directive)
        for type_ in parse(text).definitions
        if isinstance(type_, ObjectTypeDefinitionNode) and type_.name.value == "Query"
        for field in type_.fields or ()
        for directive in field.directives or ()
        if directive.name.value == directive_name
    ]


def test_what_is_made_for_other_composers_is_internal_there(blueprint: Blueprint) -> None:
    internal = {field.name.value for field, _ in _root_fields(sdl(blueprint, "composite"), "internal")}
    assert internal == {"enterprise", "customersByIds", "enterprisesByIds"}
