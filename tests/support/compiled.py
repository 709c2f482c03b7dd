"""The compiled modules under test: what `pytest --compiled` runs on them, and what it cannot."""

from __future__ import annotations

import importlib
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "custgraph"

LEFT_OUT = {
    "tests/http/test_connection.py::test_a_stop_in_the_same_turn_does_not_lose_an_answer_held_back": (
        "its cork is no Cork"
    ),
    "tests/rest/test_native_wire_ends.py::test_one_cancelled_as_its_answer_comes_does_not_cut_the_next_exchange": (
        "its channel is an interpreted subclass"
    ),
    "tests/rest/test_reprs.py::test_a_connection_shows_nothing": "it makes one without its arguments",
}
"""Tests that run on the sources alone, by the beginning of their ids, and why."""


def compiled_set() -> list[str]:
    """The modules that a wheel has compiled, as `pyproject.toml` names them: files within the package."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    named: list[str] = project["tool"]["hatch"]["build"]["hooks"]["custom"]["compiled"]
    return named


def interpreted() -> list[str]:
    """Those of them that this process imports as sources; none, where `PYTHONPATH` is `build/compiled`."""
    names = {file: "custgraph." + file.removesuffix(".py").replace("/", ".") for file in compiled_set()}
    files = {file: importlib.import_module(name).__file__ or "" for file, name in names.items()}
    return [file for file, found in files.items() if not found.endswith((".so", ".pyd"))]
