"""The schema as it is printed and committed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from graphql import Visitor, build_schema, parse, print_ast, print_schema, visit

from custgraph.config import Settings
from custgraph.schema import build_blueprint
from custgraph.schema.dialects import COMMITTED, DIALECTS, Dialect, sdl
from custgraph.steps import Blueprint
from support.operations import open_gateway

TOP = Path(__file__).parents[2]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_committed_schema_is_the_one_that_is_served(blueprint: Blueprint, dialect: Dialect) -> None:
    committed = (TOP / COMMITTED[dialect]).read_text(encoding="utf-8")
    assert committed == sdl(blueprint, dialect), f"print the {dialect} dialect to {COMMITTED[dialect]}"


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_element_is_described(blueprint: Blueprint, dialect: Dialect) -> None:
    bare = []
    for definition in parse(sdl(blueprint, dialect)).definitions:
        if definition.kind == "schema_definition":
            continue
        stack: list[Any] = [definition]
        while stack:
            node = stack.pop()
            if node.description is None or not node.description.value.strip():
                bare.append(node.name.value)
            for members in ("fields", "values", "arguments"):
                stack += getattr(node, members, None) or ()
    assert bare == []


@pytest.mark.parametrize("dialect", DIALECTS)
def test_settings_change_no_dialect(blueprint: Blueprint, dialect: Dialect) -> None:
    assert sdl(build_blueprint(Settings(max_representations=1)), dialect) == sdl(blueprint, dialect)


def test_the_dialects_differ_in_directives_alone(blueprint: Blueprint) -> None:
    schemas = {dialect: build_schema(_without_directives(sdl(blueprint, dialect))) for dialect in DIALECTS}
    assert len({print_schema(schema) for schema in schemas.values()}) == 1


def _without_directives(text: str) -> str:
    """Prints the types alone, without the directives and what belongs to them."""
    document = visit(parse(text), _DirectiveRemover())
    kept = [definition for definition in document.definitions if getattr(definition, "name", None)]
    return "\n\n".join(print_ast(definition) for definition in kept if definition.name.value != "FieldSelectionSet")


class _DirectiveRemover(Visitor):
    def enter_directive(self, *_: object) -> object:
        return self.REMOVE

    def enter_directive_definition(self, *_: object) -> object:
        return self.REMOVE


def test_plain_has_no_directives_but_graphqls_own(blueprint: Blueprint) -> None:
    text = sdl(blueprint, "plain")
    assert build_schema(text)
    assert {line.split("@")[1].split("(")[0] for line in text.splitlines() if " @" in line} <= {
        "deprecated",
        "specifiedBy",
    }
    assert "directive @" not in text


async def test_both_dialects_of_key_come_from_one_running_server() -> None:
    async with open_gateway(Settings(stitching_sdl=True)) as gateway:
        data = (await gateway.run("{ _service { sdl } _sdl }", token=None)).whole
        assert data["_service"]["sdl"] == sdl(gateway.blueprint, "federation")
        assert data["_sdl"] == sdl(gateway.blueprint, "stitching")
        assert '@key(fields: "id")' in data["_service"]["sdl"]
        assert '@key(selectionSet: "{ id }")' in data["_sdl"]


def test_the_stitching_query_is_there_only_when_switched_on() -> None:
    schema = build_blueprint(Settings()).schema
    assert schema.query_type is not None
    assert "_sdl" not in schema.query_type.fields
