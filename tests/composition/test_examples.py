"""The examples' READMEs: every command is run, every output shown is what it prints."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from support.gateways import ROOT
from support.guides import commands
from support.programs import Program, running

pytestmark = [pytest.mark.node, pytest.mark.timeout(600)]

_SERVING = "^Serving. Ctrl-C stops it.$"


@pytest.fixture
def examples(tmp_path: Path) -> Path:
    """The examples in a folder of their own, as they are before `npm ci`."""
    return shutil.copytree(ROOT / "examples", tmp_path / "examples", ignore=shutil.ignore_patterns("node_modules"))


def environment(*folders: Path) -> Mapping[str, str]:
    """Variables that find programs in these folders first, and serve on any free port."""
    return {"PATH": os.pathsep.join([*map(str, folders), os.environ["PATH"]]), "PORT": "0"}


def without_ports(text: str) -> str:
    """A text without the ports in it, which are other ones each time."""
    return re.sub(r"(127\.0\.0\.1):\d+", r"\1", text)


@pytest.mark.parametrize("example", ["federation", "stitching"])
def test_the_readme_tells_what_happens(examples: Path, example: str) -> None:
    folder = examples / example
    steps = commands((folder / "README.md").read_text())
    assert [command for command, _ in steps][:2] == ["npm ci\n", "npm start\n"]
    for command, shown in steps:
        path = environment(Path(sys.executable).parent)
        with running("bash", "-c", command, folder=folder, environment=path) as program:
            if shown:
                program.wait_for(_SERVING)
                assert without_ports(shown) in without_ports(program.output)
                stop(program)
            else:
                assert program.wait(300) == 0, program.output


def stop(program: Program) -> None:
    """Presses Ctrl-C, and sees that everything has ended well."""
    code = program.interrupt()
    assert program.wait_until_all_ended()
    assert code in (0, 130, -signal.SIGINT), program.output


def test_an_example_says_what_it_lacks(examples: Path, federation: Path) -> None:
    (examples / "federation" / "node_modules").symlink_to(federation / "node_modules")
    node = shutil.which("node")
    assert node
    only_node = {"PATH": str(Path(node).parent)}
    with running(node, "start.js", "--once", folder=examples / "federation", environment=only_node) as program:
        assert program.wait(60) == 1
        assert program.output.startswith("custgraph is not installed: run `make run` once")


@pytest.mark.parametrize("example", ["federation", "stitching"])
def test_an_example_says_that_its_port_is_taken(request: pytest.FixtureRequest, example: str) -> None:
    folder: Path = request.getfixturevalue(example)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        path = {**environment(Path(sys.executable).parent), "PORT": port}
        with running("node", "start.js", "--once", folder=folder, environment=path) as program:
            assert program.wait(60) == 1
            assert program.output.endswith(f"Port {port} is taken: set PORT to another one.\n")
            assert program.wait_until_all_ended()


def test_an_example_can_end_after_its_answer(examples: Path, stitching: Path) -> None:
    (examples / "stitching" / "node_modules").symlink_to(stitching / "node_modules")
    path = environment(Path(sys.executable).parent)
    with running("npm", "start", "--", "--once", folder=examples / "stitching", environment=path) as program:
        assert program.wait(60) == 0, program.output
        assert '"firstName": "Alice"' in program.output
        assert program.wait_until_all_ended()
