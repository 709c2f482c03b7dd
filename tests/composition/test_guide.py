"""The guide for graph owners shows what is: files, outputs, versions and settings."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from custgraph import Settings
from support.gateways import ROOT
from support.guides import commands, excerpts

PATH = ROOT / "docs" / "federation.md"
GUIDE = PATH.read_text()
PROJECTS = ("tests/composition/npm", "examples/federation", "examples/stitching")


@pytest.mark.parametrize(("file", "text"), excerpts(GUIDE))
def test_an_excerpt_is_part_of_its_file(file: str, text: str) -> None:
    assert text in (ROOT / file).read_text()


@pytest.mark.parametrize(("command", "shown"), commands(GUIDE))
def test_a_command_prints_what_is_shown(command: str, shown: str) -> None:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(  # noqa: S603 - the guide's own commands
        ["bash", "-c", command],  # noqa: S607
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout == shown


def test_the_versions_are_those_installed() -> None:
    pinned: dict[str, str] = {}
    for project in PROJECTS:
        package = json.loads((ROOT / project / "package.json").read_text())
        pinned |= package["dependencies"] | package.get("optionalDependencies", {})
    shown = dict(re.findall(r"^\| `(@\S+)` \| (\S+) \|$", GUIDE, re.MULTILINE))
    assert shown == {name: pinned[name] for name in shown}
    assert len(shown) == 9


def test_the_settings_named_exist() -> None:
    names = {name.lower() for name in re.findall(r"CUSTGRAPH_(\w+)", GUIDE)}
    assert names
    assert names <= Settings.model_fields.keys()


def test_the_links_lead_somewhere() -> None:
    targets = re.findall(r"\]\(((?!http)[^)#]+)", GUIDE)
    assert targets
    assert [target for target in targets if not (PATH.parent / target).exists()] == []
