"""Installed npm projects, and gateways over one custgraph process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support import npm
from support.gateways import ROOT, Custgraph, Gateway, open_custgraph
from support.programs import running


@pytest.fixture(scope="session")
def tools() -> Path:
    """The npm project of the composers."""
    return npm.install(ROOT / "tests" / "composition" / "npm")


@pytest.fixture(scope="session")
def federation() -> Path:
    """The federation example."""
    return npm.install(ROOT / "examples" / "federation")


@pytest.fixture(scope="session")
def stitching() -> Path:
    """The stitching example."""
    return npm.install(ROOT / "examples" / "stitching")


@pytest.fixture(scope="session")
def custgraph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Custgraph]:
    """A custgraph process that is listened in on."""
    with open_custgraph(tmp_path_factory.mktemp("custgraph")) as custgraph:
        yield custgraph


@pytest.fixture(scope="session", params=["apollo", "hive", "stitching", "stitching-configuration"])
def gateway(
    request: pytest.FixtureRequest,
    custgraph: Custgraph,
    tools: Path,
    federation: Path,
    stitching: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Gateway]:
    """Each gateway in turn."""
    name: str = request.param
    folder, command = {
        "apollo": (federation, ["start.js"]),
        "hive": (tools, ["hive.js", str(tmp_path_factory.mktemp("hive") / "supergraph.graphql")]),
        "stitching": (stitching, ["start.js"]),
        "stitching-configuration": (stitching, ["start.js", "--configuration"]),
    }[name]
    environment = {"CUSTGRAPH_URL": custgraph.url, "PORT": "0", "NODE_OPTIONS": f"--import={tools / 'loopback.js'}"}
    with running(npm.program_path(folder, "node"), *command, folder=folder, environment=environment) as program:
        url = program.wait_for(r"^gateway +(\S+)$").group(1)
        if "start.js" in command:
            program.wait_for("^Serving")  # by then it has had its own answer
        yield Gateway(name, url, custgraph)
        assert "beyond loopback" not in program.output, program.output
