"""The schema keeps the rules of @graphql-eslint's recommended set and of Relay; every element is described."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support import npm
from support.gateways import ROOT

pytestmark = [pytest.mark.node, pytest.mark.timeout(300)]

SCHEMA = (ROOT / "schema.graphql").read_text()
Finding = tuple[str | None, str]

# `nodeId` is named after what it is for, not after the interface that holds it.
ACCEPTED: set[Finding] = {("no-typename-prefix", 'Field "nodeId" starts with the name of the parent type "Node"')}

BREAKS = {
    "require-description": ('  """Given name."""\n', ""),
    "naming-convention": ("enum CustomerErrorCode {\n", "enum CustomerErrorCode {\n  gone\n"),
    "relay-connection-types": ("  edges: [CustomerEdge!]!\n", "  edges: CustomerEdge\n"),
    "relay-page-info": ("  hasNextPage: Boolean!\n", "  hasNextPage: Boolean\n"),
    "strict-id-in-types": ("\n  nodeId: ID!\n", "\n  nodeId: ID\n"),
}


def lint(tools: Path, folder: Path, sdl: str) -> set[Finding]:
    """Lints a schema: the rules broken, with what is said of each."""
    (folder / "schema.graphql").write_text(sdl)
    options = ["--config", str(tools / "eslint.config.js"), "--format", "json", "--max-warnings", "0"]
    environment = {"SCHEMA": str(folder / "schema.graphql")}
    done = npm.run(tools, "eslint", *options, "schema.graphql", folder=folder, environment=environment)
    assert done.returncode in (0, 1), done.stderr
    [report] = json.loads(done.stdout)
    return {
        ((found["ruleId"] or "").removeprefix("@graphql-eslint/"), found["message"]) for found in report["messages"]
    }


def test_the_schema_keeps_the_rules(tools: Path, tmp_path: Path) -> None:
    assert lint(tools, tmp_path, SCHEMA) == ACCEPTED


def test_broken_rules_are_found(tools: Path, tmp_path: Path) -> None:
    broken = SCHEMA
    for old, new in BREAKS.values():
        assert old in broken
        broken = broken.replace(old, new, 1)
    assert {rule for rule, _ in lint(tools, tmp_path, broken)} >= BREAKS.keys()
