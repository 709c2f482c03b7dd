"""Each composer's dialect against that composer's own rules."""

from __future__ import annotations

from graphql import (
    DirectiveNode,
    FieldDefinitionNode,
    GraphQLObjectType,
    ObjectTypeDefinitionNode,
    build_schema,
    parse,
    print_ast,
)

from custgraph.schema.dialects import sdl
from custgraph.steps import Blueprint

FEDERATION = """
  directive @link(url: String!, import: [String]) repeatable on SCHEMA
  directive @key(fields: FieldSet!, resolvable: Boolean = true) repeatable on OBJECT | INTERFACE
  directive @shareable repeatable on FIELD_DEFINITION | OBJECT
  directive @cost(weight: Int!)
    on ARGUMENT_DEFINITION | ENUM | FIELD_DEFINITION | INPUT_FIELD_DEFINITION | OBJECT | SCALAR
  directive @listSize(
    assumedSize: Int, slicingArguments: [String!], sizedFields: [String!], requireOneSlicingArgument: Boolean = true
  ) on FIELD_DEFINITION
  scalar FieldSet
"""


def test_the_federation_dialect_holds_against_its_definitions(blueprint: Blueprint) -> None:
    text = sdl(blueprint, "federation")
    assert build_schema(FEDERATION + text)
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


# The rules are those of the specification's section on composition.
COMPOSITE = """
  directive @lookup on FIELD_DEFINITION
  directive @internal on OBJECT | FIELD_DEFINITION
  directive @key(fields: FieldSelectionSet!) repeatable on OBJECT | INTERFACE
  directive @shareable repeatable on OBJECT | FIELD_DEFINITION
"""


def test_the_composite_dialect_has_the_specifications_definitions(blueprint: Blueprint) -> None:
    schema = build_schema(sdl(blueprint, "composite"))
    ours = {directive.name: directive for directive in schema.directives}
    theirs = build_schema(COMPOSITE + "scalar FieldSelectionSet type Query { a: Int }")
    for directive in theirs.directives:
        mine = ours[directive.name]
        assert (mine.locations, mine.is_repeatable) == (directive.locations, directive.is_repeatable)
        assert {name: str(argument.type) for name, argument in mine.args.items()} == {
            name: str(argument.type) for name, argument in directive.args.items()
        }


def test_a_lookup_gives_one_entity_by_a_key_of_its_own(blueprint: Blueprint) -> None:
    text = sdl(blueprint, "composite")
    schema = build_schema(text)
    assert schema.query_type is not None
    lookups = {field.name.value for field, _ in _root_fields(text, "lookup")}
    assert lookups == {"customer", "enterprise"}
    for name in lookups:
        field = schema.query_type.fields[name]
        assert isinstance(field.type, GraphQLObjectType), "nullable, and no list"
        for argument_name, argument in field.args.items():
            assert str(field.type.fields[argument_name].type) == str(argument.type)
        assert f'type {field.type.name} implements Node @key(fields: "id")' in text


def test_what_is_made_for_other_composers_is_internal_there(blueprint: Blueprint) -> None:
    internal = {field.name.value for field, _ in _root_fields(sdl(blueprint, "composite"), "internal")}
    assert internal == {"enterprise", "customersByIds", "enterprisesByIds"}
