"""A wheel holds the built explorer: building one may need Node, installing it does not."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# What a fresh clone has of Node: nothing.
NO_NODE = {"PATH": "/nonexistent"}

SERVES = """
import custgraph.explorer
explorer = custgraph.explorer.load_explorer()
script = explorer.page().decode().split('src="graphql/assets/')[1].split('"')[0]
assert explorer.asset(script).plain()
print(custgraph.explorer.__file__)
"""


def run(*command: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs the command at the top of the source tree, without Node."""
    return subprocess.run(  # noqa: S603 - our own commands
        [str(part) for part in command],
        cwd=ROOT,
        env={**os.environ, **NO_NODE, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from this tree, whose explorer `make test` has built."""
    folder = tmp_path_factory.mktemp("wheel")
    built = run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder)
    assert built.returncode == 0, built.stderr
    (wheel,) = folder.iterdir()
    return wheel


def test_a_wheel_holds_the_page_its_assets_and_their_licences(wheel: Path) -> None:
    folder = "custgraph/explorer/assets/"
    with zipfile.ZipFile(wheel) as archive:
        names = [name.removeprefix(folder) for name in archive.namelist() if name.startswith(folder)]
    assert {"page.html", "licenses.txt"} <= set(names)
    assert {name.split("-")[0] for name in names if name.endswith(".js.gz")} == {
        "editor",
        "explorer",
        "graphql",
        "json",
    }


def test_a_wheel_has_the_name_that_the_documents_give_it(wheel: Path) -> None:
    assert wheel.name in (ROOT / "docs" / "operations.md").read_text()


def test_a_wheel_is_no_larger_than_3_megabytes(wheel: Path) -> None:
    assert wheel.stat().st_size < 3_000_000


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with the wheel in it."""
    folder = tmp_path_factory.mktemp("venv")
    venv.create(folder, symlinks=True)
    done = run(
        *(sys.executable, "-m", "pip", "--python", folder / "bin" / "python"),
        *("install", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-index", wheel),
    )
    assert done.returncode == 0, done.stderr
    return folder


# The dependencies are those of this environment; a PYTHONPATH reads no .pth file, so the package is the wheel's.
DEPENDENCIES = {"PYTHONPATH": sysconfig.get_path("purelib")}


def test_an_installed_wheel_serves_the_explorer_without_node(installed: Path) -> None:
    served = run(installed / "bin" / "python", "-c", SERVES, **DEPENDENCIES)
    assert served.returncode == 0, served.stderr
    assert served.stdout.startswith(str(installed))


def test_an_installed_wheel_has_the_command(installed: Path) -> None:
    in_memory = {**DEPENDENCIES, "CUSTGRAPH_EMBEDDED_MEMORY": "true"}
    answered = run(installed / "bin" / "custgraph", "query", '{ customer(id: "1") { firstName } }', **in_memory)
    assert answered.returncode == 0, answered.stderr
    assert json.loads(answered.stdout) == {"data": {"customer": {"firstName": "Alice"}}}


def test_an_installed_wheel_is_typed(installed: Path) -> None:
    assert len(list(installed.rglob("custgraph/py.typed"))) == 1


@pytest.fixture
def bare_tree(tmp_path: Path) -> Path:
    """The sources of the explorer and what builds it, with nothing built."""
    shutil.copytree(ROOT / "explorer", tmp_path / "explorer", ignore=shutil.ignore_patterns("node_modules"))
    shutil.copytree(ROOT / "scripts", tmp_path / "scripts")
    return tmp_path


def test_building_without_node_says_what_to_do(bare_tree: Path) -> None:
    built = run(sys.executable, bare_tree / "scripts" / "build_explorer.py")
    assert built.returncode == 1
    assert "needs Node.js 20 or later" in built.stderr
    assert "found none" in built.stderr
    assert "install a built wheel" in built.stderr


def test_building_with_an_old_node_says_which_one_it_found(bare_tree: Path) -> None:
    tools = bare_tree / "bin"
    tools.mkdir()
    for name in ("node", "npm"):
        (tools / name).write_text("#!/bin/sh\necho v18.20.4\n")
        (tools / name).chmod(0o755)
    built = run(sys.executable, bare_tree / "scripts" / "build_explorer.py", PATH=str(tools))
    assert built.returncode == 1
    assert f"found v18.20.4 at {tools / 'node'}" in built.stderr


def test_an_explorer_that_matches_its_sources_is_not_built_again() -> None:
    built = run(sys.executable, ROOT / "scripts" / "build_explorer.py")
    assert (built.returncode, built.stdout, built.stderr) == (0, "", "")
