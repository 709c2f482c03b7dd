"""What is installed is pinned, by hash, from nowhere in particular; and no older than its last advisory."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

import custgraph

ROOT = Path(__file__).parents[1]
LOCKS = ("requirements.lock", "requirements-dev.lock", "benchmarks/requirements.lock")
LEAST = {
    "aiohttp": "3.14.5",
    "certifi": "2026.1",
    "graphql-core": "3.3.2",
    "h11": "0.16.0",
    "httptools": "0.9.0",
    "httpx": "0.28.1",
    "idna": "3.20",
    "starlette": "1.10.0",
    "strawberry-graphql": "0.341.2",
    "uvicorn": "0.54.0",
}
"""The first versions without a known hole in what we use of them."""

ADDRESSES = re.compile(rb"(?<![\w.$}/-])/(?:work|root|home/[a-z]+)/|files\.pythonhosted|pypi\.org|registry\.npmjs")


def pins(lock: str) -> dict[str, str]:
    """The versions that a lock pins, by name."""
    found = re.findall(r"^([a-z0-9-]+)(?:\[[a-z,]+\])?==(\S+)", (ROOT / lock).read_text(), re.MULTILINE)
    return dict(found)


def npm_projects() -> list[Path]:
    """The folders of all npm projects in the repository."""
    tops = (ROOT / name for name in ("benchmarks/peers", "examples", "explorer", "tests"))
    manifests = (path for top in tops for path in top.rglob("package.json"))
    return sorted(path.parent for path in manifests if "node_modules" not in path.parts)


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_hashes_and_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text()
    entries = re.split(r"\n(?=[a-z])", text.strip())
    assert {entry.partition("==")[0].partition("[")[0] for entry in entries} == pins(lock).keys()
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []
    assert not re.search(r"https?://|file:|--index|--find-links|--extra", text)


def test_nothing_is_older_than_its_last_advisory() -> None:
    pinned = pins("requirements.lock")
    assert LEAST.keys() - pinned.keys() == set()
    assert {name: pinned[name] for name, least in LEAST.items() if Version(pinned[name]) < Version(least)} == {}


def test_the_locks_are_of_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = {
        "requirements.lock": project["project"]["dependencies"],
        "requirements-dev.lock": project["project"]["dependencies"] + project["dependency-groups"]["dev"],
    }
    for lock, requirements in wanted.items():
        pinned = pins(lock)
        for requirement in map(Requirement, requirements):
            assert requirement.specifier.contains(pinned[requirement.name]), f"{lock}: {requirement}"


def test_both_locks_agree() -> None:
    dev = pins("requirements-dev.lock")
    assert {name: version for name, version in pins("requirements.lock").items() if dev[name] != version} == {}


@pytest.mark.parametrize("project", npm_projects(), ids=lambda project: str(project.relative_to(ROOT)))
def test_every_npm_package_is_pinned_with_a_hash_and_no_address(project: Path) -> None:
    manifest = json.loads((project / "package.json").read_text())
    wanted = {**manifest.get("dependencies", {}), **manifest.get("devDependencies", {})}
    inexact = {name: version for name, version in wanted.items() if not re.fullmatch(r"\d[\w.+-]*", version)}
    assert {name: version for name, version in inexact.items() if not version.startswith("file:")} == {}
    if not wanted:
        return
    lock = json.loads((project / "package-lock.json").read_text())
    packages = {path: package for path, package in lock["packages"].items() if "node_modules" in path}
    fetched = {path: package for path, package in packages.items() if not package.get("link")}
    assert [
        path for path, package in fetched.items() if not package.get("inBundle") and "integrity" not in package
    ] == []
    assert [path for path, package in fetched.items() if "resolved" in package] == []


def test_the_version_is_the_same_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["version"] == custgraph.__version__


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="only a checkout knows which files are its own")
def test_no_file_names_a_machine_or_a_registry() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S607
    found = [
        name
        for name in listed.stdout.split("\0")
        if name and name != "tests/test_packaging.py" and ADDRESSES.search((ROOT / name).read_bytes())
    ]
    assert found == []
