"""The audits of GraphQL over HTTP that npm's `graphql-http` publishes, pinned by id, against the real gateway."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from custgraph import Settings, create_app
from custgraph.http.server import Connection
from support import npm
from support.serving import serve

PROJECT = Path(__file__).parent / "audits"
SERVERS = {"connections of our own": Connection, "uvicorn's own": "httptools"}

AUDITS: dict[str, str] = json.loads((PROJECT / "pinned.json").read_text())

pytestmark = pytest.mark.node


@pytest.fixture(scope="module", params=list(SERVERS.values()), ids=list(SERVERS))
def results(request: pytest.FixtureRequest) -> dict[str, dict[str, Any]]:
    """What each audit came to, by id."""
    npm.install(PROJECT)
    with serve(
        create_app(Settings(embedded_memory=True)), http=request.param, ws="none", proxy_headers=False
    ) as origin:
        done = npm.run(PROJECT, "node", "audit.js", f"{origin}/graphql")
    assert done.returncode == 0, done.stderr
    return {audit["id"]: audit for audit in map(json.loads, done.stdout.splitlines())}


def test_the_audits_are_these(results: dict[str, dict[str, Any]]) -> None:
    """A later version that adds, drops or renames an audit is noticed."""
    assert {name: audit["name"] for name, audit in results.items()} == AUDITS


@pytest.mark.parametrize("audit", AUDITS)
def test_audit(audit: str, results: dict[str, dict[str, Any]]) -> None:
    assert results[audit]["status"] == "ok", results[audit]
