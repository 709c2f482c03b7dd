"""The composite dialect is a source schema as the GraphQL Composite Schemas specification wants it."""

from __future__ import annotations

import platform
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs

import httpx
import pytest
from graphql import (
    DirectiveDefinitionNode,
    DocumentNode,
    FieldDefinitionNode,
    Node,
    ObjectTypeDefinitionNode,
    ScalarTypeDefinitionNode,
    StringValueNode,
    build_ast_schema,
    parse,
    print_ast,
    validate_schema,
)

from custgraph.embedded.sample import DEMO_TOKEN
from support.gateways import ROOT, Custgraph

SDL = (ROOT / "examples" / "schemas" / "composite.graphql").read_text()
SPECIFIED = parse((Path(__file__).parent / "definitions" / "composite.graphql").read_text())
LINK = (
    'extend schema @link(url: "https://specs.grafbase.com/composite-schemas/v1",'
    ' import: ["@key", "@lookup", "@internal", "@shareable"])\n'
)
ORDERS = """
    type Query { orders: [Order!]! order(id: ID!): Order @lookup }
    type Order @key(fields: "id") { id: ID! customer: Customer }
    type Customer @key(fields: "id") { id: ID! orders: [Order!]! }
"""
ENTERPRISES = """
    type Query { enterprise(id: ID!): Enterprise @lookup }
    type Enterprise @key(fields: "id") { id: ID! name: String @shareable town: String }
"""


def is_specified(definition: Node) -> bool:
    """Whether a definition is the specification's own."""
    if isinstance(definition, ScalarTypeDefinitionNode):
        return definition.name.value.startswith("FieldSelection")
    return isinstance(definition, DirectiveDefinitionNode)


def without_descriptions(text: str) -> str:
    """An SDL's text without its descriptions."""
    return re.sub(r'^ *""".*?"""\n', "", text, flags=re.MULTILINE | re.DOTALL)


def source_schema(sdl: str) -> DocumentNode:
    """The document with the specification's definitions in the place of its own."""
    own = [definition for definition in parse(sdl).definitions if not is_specified(definition)]
    return DocumentNode(definitions=(*own, *SPECIFIED.definitions))


def fields_with(directive: str) -> Iterator[tuple[str, FieldDefinitionNode]]:
    """The fields that have a directive, with their type's name."""
    for definition in parse(SDL).definitions:
        if isinstance(definition, ObjectTypeDefinitionNode):
            for field in definition.fields or ():
                if directive in [applied.name.value for applied in field.directives or ()]:
                    yield definition.name.value, field


def test_the_dialect_defines_its_directives_as_specified() -> None:
    specified = {print_ast(definition) for definition in SPECIFIED.definitions}
    own = [without_descriptions(print_ast(node)) for node in parse(SDL).definitions if is_specified(node)]
    assert own
    assert {print_ast(parse(text).definitions[0]) for text in own} <= specified


def test_the_dialect_is_valid_by_the_specified_definitions() -> None:
    assert validate_schema(build_ast_schema(source_schema(SDL))) == []


@pytest.mark.parametrize("misuse", ['@lookup(by: "id")', "@merge", "@key"])
def test_a_misused_directive_is_not_valid(misuse: str) -> None:
    wrong = SDL.replace("): Customer @lookup", f"): Customer {misuse}")
    assert wrong != SDL
    with pytest.raises(TypeError, match=misuse[:4]):
        build_ast_schema(source_schema(wrong))


def test_every_entity_has_a_lookup_by_its_key() -> None:
    schema = build_ast_schema(source_schema(SDL))
    found = {}
    for type_name, field in fields_with("lookup"):
        assert type_name == "Query"
        returned = print_ast(field.type)
        entity = schema.get_type(returned)
        assert entity is not None, f"{returned} is a list or not nullable"
        [argument] = field.arguments or ()
        own = entity.fields[argument.name.value]  # type: ignore[attr-defined]  # a lookup gives objects
        assert str(own.type) == print_ast(argument.type)
        found[returned] = argument.name.value
    keys = {
        definition.name.value: directive.arguments[0].value
        for definition in parse(SDL).definitions
        if isinstance(definition, ObjectTypeDefinitionNode)
        for directive in definition.directives or ()
        if directive.name.value == "key" and directive.arguments
    }
    assert found == {name: value.value for name, value in keys.items() if isinstance(value, StringValueNode)}
    assert found.keys() == {"Customer", "Enterprise"}


@pytest.mark.node
@pytest.mark.timeout(300)
@pytest.mark.skipif(
    (platform.system(), platform.machine()) != ("Linux", "x86_64"), reason="npm has Grafbase's composer for this alone"
)
def test_grafbase_composes_it_with_neighbours(tools: Path, tmp_path: Path) -> None:
    own = [node for node in parse(without_descriptions(SDL)).definitions if not is_specified(node)]
    subgraphs = {"custgraph": "\n".join(map(print_ast, own)), "orders": ORDERS, "enterprises": ENTERPRISES}
    for name, sdl in subgraphs.items():
        (tmp_path / f"{name}.graphql").write_text(LINK + sdl)
    lines = [f'[subgraphs.{name}]\nschema_path = "{name}.graphql"\nurl = "http://{name}.test/"\n' for name in subgraphs]
    (tmp_path / "grafbase.toml").write_text("".join(lines))
    program = tools / "node_modules" / "@grafbase" / "cli-x86_64-unknown-linux-musl" / "grafbase"
    done = subprocess.run(  # noqa: S603 - the lock names the program
        [program, "--home", tmp_path, "compose", "--config", "grafbase.toml"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    for line in (
        "customer(id: ID!): Customer @composite__lookup(graph: CUSTGRAPH)",
        "enterprise(id: ID!): Enterprise @composite__lookup(graph: CUSTGRAPH) @composite__internal(graph: CUSTGRAPH)",
        "orders: [Order!]! @join__field(graph: ORDERS)",
        "town: String @join__field(graph: ENTERPRISES)",
    ):
        assert line in done.stdout


def request_batch(ids: list[str]) -> object:
    """Lookups as Fusion's request batching sends them."""
    return [{"query": "query ($id: ID!) { customer(id: $id) { id email } }", "variables": {"id": id_}} for id_ in ids]


def alias_batch(ids: list[str]) -> object:
    """Lookups as Fusion's alias batching sends them."""
    variables = {f"_{index}_id": id_ for index, id_ in enumerate(ids)}
    fields = [f"_{index}_customer: customer(id: $_{index}_id) {{ ...body }}" for index in range(len(ids))]
    declared = ", ".join(f"${name}: ID!" for name in variables)
    query = f"query ({declared}) {{ {' '.join(fields)} }} fragment body on Customer {{ id email }}"
    return {"query": query, "variables": variables}


@pytest.mark.parametrize("form", [request_batch, alias_batch])
def test_lookups_sent_together_cost_one_call(custgraph: Custgraph, form: Callable[[list[str]], object]) -> None:
    ids = [str(id_) for id_ in range(1, 11)]
    custgraph.calls.clear()
    answer = httpx.post(custgraph.url, json=form(ids), headers={"X-Api-Token": DEMO_TOKEN}).json()
    answers = answer if isinstance(answer, list) else [answer]
    found = [customer for part in answers for customer in part["data"].values()]
    assert [customer["id"] for customer in found] == ids
    [call] = custgraph.calls
    assert parse_qs(call.query)["q[id_in][]"] == ids
