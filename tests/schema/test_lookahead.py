"""Looking ahead: what is selected below a field, however the document puts it."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import FieldNode, FragmentDefinitionNode, OperationDefinitionNode, parse

from custgraph.schema.connections import ConnectionWants, connection_wants
from custgraph.schema.lookahead import selects


def looked_ahead(selection: str, *paths: tuple[str, ...], **variables: Any) -> bool:
    nodes, fragments = _field(selection)
    return selects(nodes, fragments, variables, *paths)


def _field(text: str) -> tuple[list[FieldNode], dict[str, FragmentDefinitionNode]]:
    """The first root field's nodes, and the fragments."""
    definitions = parse(text).definitions
    [operation] = [node for node in definitions if isinstance(node, OperationDefinitionNode)]
    fragments = {node.name.value: node for node in definitions if isinstance(node, FragmentDefinitionNode)}
    return [node for node in operation.selection_set.selections if isinstance(node, FieldNode)], fragments


SELECTED = {
    "plainly": "{ c { balance } }",
    "by an alias": "{ c { email: balance } }",
    "inline": "{ c { ... { ... on Customer { balance } } } }",
    "in a fragment": "{ c { ...A } } fragment A on Customer { id ...B } fragment B on Customer { balance }",
    "by the second of two nodes": "{ c { id } c { balance } }",
    "where it is included": "{ c { balance @include(if: true) } }",
    "where it is not skipped": "{ c { balance @skip(if: false) } }",
    "where a variable includes it": "query($yes: Boolean!) { c { ... @include(if: $yes) { balance } } }",
    "beside other directives": "{ c { balance @other(if: false) @include(if: true) } }",
}
NOT_SELECTED = {
    "not at all": "{ c { id } }",
    "by no selection": "{ c }",
    "as an alias of another": "{ c { balance: email } }",
    "deeper": "{ c { other { balance } } }",
    "where it is skipped": "{ c { balance @skip(if: true) } }",
    "where it is not included": "{ c { ...A @include(if: false) } } fragment A on Customer { balance }",
    "where a variable skips it": "query($yes: Boolean!) { c { balance @skip(if: $yes) } }",
    "where one directive of two leaves it out": "{ c { balance @include(if: true) @skip(if: true) } }",
}


@pytest.mark.parametrize("how", SELECTED)
def test_it_is_selected(how: str) -> None:
    assert looked_ahead(SELECTED[how], ("balance",), yes=True)


@pytest.mark.parametrize("how", NOT_SELECTED)
def test_it_is_not_selected(how: str) -> None:
    assert not looked_ahead(NOT_SELECTED[how], ("balance",), yes=True)


def test_a_path_is_followed_through_aliases_and_fragments() -> None:
    document = "{ c { e: edges { ...A } } } fragment A on CustomerEdge { n: node { b: balance } }"
    assert looked_ahead(document, ("nodes", "balance"), ("edges", "node", "balance"))
    assert not looked_ahead(document, ("nodes",), ("edges", "balance"))


def test_a_fragment_that_is_spread_a_thousand_times_is_walked_once() -> None:
    doubling = " ".join(f"fragment F{n} on C {{ ...F{n + 1} ...F{n + 1} }}" for n in range(40))
    assert not looked_ahead("{ c { ...F0 } } " + doubling + " fragment F40 on C { id }", ("balance",))


@pytest.mark.parametrize(
    ("selection", "wants"),
    [
        ("nodes { id }", ConnectionWants(page=True, total=False, balance=False)),
        ("edges { node { balance } }", ConnectionWants(page=True, total=False, balance=True)),
        ("totalCount", ConnectionWants(page=False, total=True, balance=False)),
        ("totalCount pageInfo { endCursor }", ConnectionWants(page=True, total=True, balance=False)),
        ("__typename", ConnectionWants(page=False, total=False, balance=False)),
    ],
)
def test_a_connection_brings_what_is_selected(selection: str, wants: ConnectionWants) -> None:
    nodes, fragments = _field(f"{{ customers {{ {selection} }} }}")
    assert connection_wants(nodes, fragments, {}) == wants
