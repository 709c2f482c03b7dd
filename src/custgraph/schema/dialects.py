"""The schema in the dialect of whoever composes it: one set of types, other directives.

The types themselves carry no directives, so that names that mean different things to different composers, such as
`@key`, never meet: each dialect annotates its own print of the schema.

- federation: Apollo Federation 2, https://specs.apollo.dev/federation/v2.9, with the cost directives.
- stitching: the directives of graphql-tools, https://the-guild.dev/graphql/stitching/docs/approaches/stitching-directives.
- composite: the GraphQL Composite Schemas specification, https://graphql.github.io/composite-schemas-spec/draft.
- plain: no directives but GraphQL's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Literal, TypeVar, get_args

from graphql import (
    ConstDirectiveNode,
    FieldDefinitionNode,
    GraphQLField,
    GraphQLInt,
    GraphQLObjectType,
    ObjectTypeDefinitionNode,
    ScalarTypeDefinitionNode,
    TypeDefinitionNode,
    get_nullable_type,
    parse,
    print_ast,
    print_schema,
)

from custgraph.steps import Blueprint, Price

D = TypeVar("D", TypeDefinitionNode, FieldDefinitionNode)

Dialect = Literal["federation", "stitching", "composite", "plain"]
DIALECTS: tuple[Dialect, ...] = get_args(Dialect)

COMMITTED: Mapping[Dialect, str] = MappingProxyType(
    {
        "federation": "schema.graphql",
        "stitching": "examples/schemas/stitching.graphql",
        "composite": "examples/schemas/composite.graphql",
        "plain": "examples/schemas/plain.graphql",
    }
)
"""Where the repository keeps each dialect, from its top."""

_ROOTS = ("Query", "Mutation")

Annotations = Mapping[str, str]
"""Directives by the schema coordinate, a type or one of its fields, that they stand on."""

_HEADERS: Mapping[Dialect, str] = {
    "federation": """
        schema @link(
          url: "https://specs.apollo.dev/federation/v2.9"
          import: ["@key", "@shareable", "@cost", "@listSize"]
        ) { query: Query mutation: Mutation }
    """,
    "stitching": '''
        """Names the fields that the gateway must have of an object to ask for more of it."""
        directive @key("""A selection set.""" selectionSet: String!) on OBJECT

        """Marks a root field that gives objects by their keys."""
        directive @merge(
          """The field of the object that is the key.""" keyField: String
          """The argument that takes the keys.""" keyArg: String
          """More arguments, as an expression.""" additionalArgs: String
          """Parts of a composite key, as expressions.""" key: [String!]
          """All arguments, as an expression.""" argsExpr: String
        ) on FIELD_DEFINITION
    ''',
    "composite": '''
        """Marks a field that gives an entity by its key."""
        directive @lookup on FIELD_DEFINITION

        """Hides a member from the composite schema; the executor may use it."""
        directive @internal on OBJECT | FIELD_DEFINITION

        """Names the fields that identify an entity."""
        directive @key("""A selection of fields.""" fields: FieldSelectionSet!) repeatable on OBJECT | INTERFACE

        """Lets more than one source schema serve a field."""
        directive @shareable repeatable on OBJECT | FIELD_DEFINITION

        """A selection of fields, without its outer braces."""
        scalar FieldSelectionSet
    ''',
    "plain": "",
}
_SHARED: Annotations = dict.fromkeys(
    ("Enterprise.name", "CustomerAddress", "AddressRegion", "AddressCountry", "PageInfo"), "@shareable"
)
_KEYS: Annotations = dict.fromkeys(("Customer", "Enterprise"), '@key(fields: "id")')
_ANNOTATIONS: Mapping[Dialect, Annotations] = {
    "federation": {**_KEYS, **_SHARED},
    "stitching": {
        **dict.fromkeys(("Customer", "Enterprise"), '@key(selectionSet: "{ id }")'),
        **dict.fromkeys(("Query.customersByIds", "Query.enterprisesByIds"), '@merge(keyField: "id")'),
    },
    "composite": {
        **_KEYS,
        **_SHARED,
        "Query.customer": "@lookup",
        # It names an enterprise and knows nothing of its own: whoever owns enterprises has the field for clients.
        "Query.enterprise": "@lookup @internal",
        **dict.fromkeys(("Query.customersByIds", "Query.enterprisesByIds"), "@internal"),
    },
    "plain": {},
}


def sdl(blueprint: Blueprint, dialect: Dialect) -> str:
    """Prints the schema in a dialect, every element described, ending in a newline.

    What only composers ask for, which begins with an underscore, is left out.
    """
    annotations = _ANNOTATIONS[dialect]
    if dialect == "federation":
        costs = _cost_directives(blueprint)
        annotations = {name: f"{annotations.get(name, '')} {costs.get(name, '')}" for name in {**annotations, **costs}}
    header = parse(_HEADERS[dialect]).definitions if _HEADERS[dialect] else ()
    types = [
        _annotated(definition, annotations)
        for definition in parse(print_schema(blueprint.schema)).definitions
        if isinstance(definition, TypeDefinitionNode) and not _is_for_composers(definition)
    ]
    types.sort(key=lambda definition: definition.name.value not in _ROOTS)
    return "\n\n".join(map(print_ast, (*header, *types))) + "\n"


def _annotated(definition: TypeDefinitionNode, annotations: Annotations) -> TypeDefinitionNode:
    """Puts a type's directives, and those of its fields, behind the ones that are there."""
    name = definition.name.value
    if isinstance(definition, ObjectTypeDefinitionNode):
        fields = [
            _with_directives(field, annotations.get(f"{name}.{field.name.value}", ""))
            for field in definition.fields or ()
            if not _is_for_composers(field)
        ]
        definition = replace(definition, fields=tuple(fields))
    return _with_directives(definition, annotations.get(name, ""))


def _with_directives(definition: D, text: str) -> D:
    return replace(definition, directives=(*(definition.directives or ()), *_directives(text)))


def _directives(text: str) -> tuple[ConstDirectiveNode, ...]:
    definition = parse(f"scalar S {text}").definitions[0]
    assert isinstance(definition, ScalarTypeDefinitionNode)  # noqa: S101 - it was written so
    return definition.directives or ()


def _is_for_composers(definition: TypeDefinitionNode | FieldDefinitionNode) -> bool:
    return definition.name.value.startswith("_")


def _cost_directives(blueprint: Blueprint) -> dict[str, str]:
    """Says the prices as IBM's cost directives do, https://ibm.github.io/graphql-specs/cost-spec.html."""
    found = {}
    for (type_name, field_name), price in blueprint.prices.items():
        type_ = blueprint.schema.get_type(type_name)
        assert isinstance(type_, GraphQLObjectType)  # noqa: S101 - only their fields have prices
        parts = [] if price.weight is None else [f"@cost(weight: {price.weight})"]
        if price.slicing:
            parts.append(_list_size(price, type_.fields[field_name]))
        found[f"{type_name}.{field_name}"] = " ".join(parts)
    return found


def _list_size(price: Price, field: GraphQLField) -> str:
    """Only an integer can slice there; a list of keys is as long as its assumed size at most."""
    slicing = [name for name in price.slicing if get_nullable_type(field.args[name].type) is GraphQLInt]
    parts = [f"assumedSize: {price.assumed}"]
    if price.sized:
        parts.append(f"sizedFields: {_strings(price.sized)}")
    if slicing:
        parts += [f"slicingArguments: {_strings(slicing)}", "requireOneSlicingArgument: false"]
    return f"@listSize({', '.join(parts)})"


def _strings(values: Iterable[str]) -> str:
    return "[" + ", ".join(f'"{value}"' for value in values) + "]"
