"""Composers take custgraph's SDL, with neighbours that extend its entities, own them, or clash with it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest
from graphql import DefinitionNode, InterfaceTypeDefinitionNode, ObjectTypeDefinitionNode, parse, print_ast

from support import npm
from support.gateways import ROOT

pytestmark = [pytest.mark.node, pytest.mark.timeout(300)]

CUSTGRAPH = (ROOT / "schema.graphql").read_text()
NEIGHBOURS = {
    name: (ROOT / "examples" / "federation" / "subgraphs" / f"{name}.graphql").read_text()
    for name in ("orders", "enterprises")
}
LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: {imports})\n'
LOYALTY = """
    type Customer @key(fields: "id") {
      id: ID!
      tags: [String!]! @external
      discount: Int! @requires(fields: "tags")
    }
"""
REVIEWS = """
    type Query { reviews: ReviewConnection }
    type ReviewConnection { nodes: [Review!]! pageInfo: PageInfo! }
    type Review { text: String! enterprise: Enterprise! }
    type Enterprise @key(fields: "id", resolvable: false) { id: ID! }
    type PageInfo @shareable {
      hasNextPage: Boolean!
      hasPreviousPage: Boolean!
      startCursor: String
      endCursor: String
    }
"""
PRODUCTS = """
    type Query { node(id: ID!): Node }
    interface Node { id: ID! }
    type Product implements Node @key(fields: "id") { id: ID! }
"""

# What a neighbour takes over could be deleted from custgraph's SDL; all other hints would mean work for somebody.
ACCEPTED_HINTS = {
    (
        "OVERRIDDEN_FIELD_CAN_BE_REMOVED",
        f'Field "{field}" on subgraph "custgraph" is overridden. Consider removing it.',
    )
    for field in ("Query.enterprise", "Enterprise.name")
}


class Composition(NamedTuple):
    """What a composer said."""

    errors: list[dict[str, str]]
    hints: list[dict[str, str]]
    supergraph: str | None = None

    def fields_of(self, type_name: str) -> set[str]:
        """The fields of a type in the supergraph."""
        assert self.supergraph, self.errors
        [type_] = [
            definition
            for definition in parse(self.supergraph).definitions
            if isinstance(definition, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode)
            and definition.name.value == type_name
        ]
        return {field.name.value for field in type_.fields or ()}


class Composer:
    """One composer."""

    def __init__(self, name: str, tools: Path, folder: Path) -> None:
        self.name = name
        self._tools = tools
        self._folder = folder

    def compose(self, **subgraphs: str) -> Composition:
        """Composes subgraphs, given by their SDL."""
        for name, sdl in subgraphs.items():
            (self._folder / f"{name}.graphql").write_text(sdl)
        files = [f"{name}={self._folder / name}.graphql" for name in subgraphs]
        done = npm.run(self._tools, "node", "compose.js", self.name, *files)
        assert done.returncode == 0, done.stderr
        return Composition(**json.loads(done.stdout))


@pytest.fixture(params=["apollo", "guild", "wundergraph"])
def composer(request: pytest.FixtureRequest, tools: Path, tmp_path: Path) -> Composer:
    """Each composer in turn."""
    return Composer(request.param, tools, tmp_path)


def linked(sdl: str, *imports: str) -> str:
    """A subgraph's SDL with its link to federation."""
    return LINK.format(imports=json.dumps(imports)) + sdl


def test_custgraph_composes_alone(composer: Composer) -> None:
    found = composer.compose(custgraph=CUSTGRAPH)
    assert (found.errors, found.hints) == ([], [])
    assert {"customers", "node"} <= found.fields_of("Query")


def test_custgraph_composes_with_neighbours(composer: Composer) -> None:
    loyalty = linked(LOYALTY, "@key", "@external", "@requires")
    found = composer.compose(custgraph=CUSTGRAPH, loyalty=loyalty, **NEIGHBOURS)
    assert found.errors == []
    assert {(hint["code"], hint["message"]) for hint in found.hints} <= ACCEPTED_HINTS
    assert {"email", "orders", "discount"} <= found.fields_of("Customer")
    assert {"name", "town", "customers"} <= found.fields_of("Enterprise")
    assert {"customer", "customers", "orders", "enterprises"} <= found.fields_of("Query")


def test_page_info_is_shared(composer: Composer) -> None:
    found = composer.compose(custgraph=CUSTGRAPH, reviews=linked(REVIEWS, "@key", "@shareable"))
    assert (found.errors, found.hints) == ([], [])


def test_an_owner_of_enterprises_may_share_their_names(composer: Composer) -> None:
    owner = linked('type Enterprise @key(fields: "id") { id: ID! name: String @shareable }', "@key", "@shareable")
    found = composer.compose(custgraph=CUSTGRAPH, owner=owner)
    assert (found.errors, found.hints) == ([], [])


def test_an_owner_of_enterprises_has_to_say_what_becomes_of_their_names(composer: Composer) -> None:
    owner = linked('type Enterprise @key(fields: "id") { id: ID! name: String }', "@key")
    [error] = composer.compose(custgraph=CUSTGRAPH, owner=owner).errors
    assert "shareable" in error["message"]


def test_a_supergraph_holds_one_node_field(composer: Composer) -> None:
    products = linked(PRODUCTS, "@key")
    errors = composer.compose(custgraph=CUSTGRAPH, products=products).errors
    assert any("Query.node" in error["message"] for error in errors)
    found = composer.compose(custgraph=without_node(CUSTGRAPH), products=products)
    assert (found.errors, found.hints) == ([], [])
    assert found.fields_of("Node") == {"id"}
    assert "nodeId" not in found.fields_of("Customer")


def without_node(sdl: str) -> str:
    """Takes Relay's global identity out of an SDL, as docs/federation.md tells to."""
    definitions = [
        definition
        for definition in parse(sdl).definitions
        if not (isinstance(definition, InterfaceTypeDefinitionNode) and definition.name.value == "Node")
    ]
    return "\n\n".join(print_ast(_without_node_id(definition)) for definition in definitions)


def _without_node_id(definition: DefinitionNode) -> DefinitionNode:
    if not isinstance(definition, ObjectTypeDefinitionNode):
        return definition
    fields = [
        field for field in definition.fields or () if field.name.value != "nodeId" and print_ast(field.type) != "Node"
    ]
    return replace(definition, interfaces=(), fields=tuple(fields))
