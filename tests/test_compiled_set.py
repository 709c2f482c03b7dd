"""What is compiled can be: mypyc takes other modules, too, and what it makes of them is wrong."""

from __future__ import annotations

import ast
import asyncio
import builtins
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import custgraph.http.server
import custgraph.rest.connection
from support.compiled import LEFT_OUT, PACKAGE, ROOT, compiled_set

MODULES = compiled_set()
SAFE_BASES = {
    *(("typing", name) for name in ("Generic", "NamedTuple", "Protocol")),
    ("enum", "Enum"),
    ("enum", "IntEnum"),
}


def wrong_bases(source: str, compiled: set[str]) -> list[str]:
    """The classes with a base that the interpreter would run, each with that base."""
    tree = ast.parse(source)
    imports: dict[str, tuple[str, str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            imports.update({alias.asname or alias.name: (node.module or "", alias.name) for alias in node.names})
    classes = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    own = {node.name for node in classes}
    return [
        f"{node.name}({ast.unparse(base)})"
        for node in classes
        for base in node.bases
        if not any(imports.get(ast.unparse(other)) == ("typing", "Protocol") for other in node.bases)  # has no objects
        if not _is_safe(ast.unparse(base).partition("[")[0], own, imports, compiled)
    ]


def _is_safe(base: str, own: set[str], imports: dict[str, tuple[str, str]], compiled: set[str]) -> bool:
    if base in imports:
        return imports[base] in SAFE_BASES or imports[base][0] in compiled
    known = getattr(builtins, base, None)
    return base in own or known is object or (isinstance(known, type) and issubclass(known, BaseException))


def names(modules: list[str]) -> set[str]:
    return {"custgraph." + module.removesuffix(".py").replace("/", ".") for module in modules}


def test_the_set_is_sorted_and_there() -> None:
    assert sorted(set(MODULES)) == MODULES
    assert [module for module in MODULES if not (PACKAGE / module).is_file()] == []


@pytest.mark.parametrize("module", MODULES)
def test_no_class_has_a_base_that_is_not_compiled(module: str) -> None:
    """So there is no Struct, either: mypyc takes the annotations away that msgspec makes one of."""
    assert wrong_bases((PACKAGE / module).read_text(), names(MODULES)) == []


@pytest.mark.parametrize(
    "source",
    [
        "import msgspec\nclass A(msgspec.Struct): ...",
        "from msgspec import Struct\nclass A(Struct, frozen=True): ...",
        "from msgspec import Struct as Protocol\nclass A(Protocol): ...",
        "import asyncio\nclass A(asyncio.Protocol): ...",
        "from custgraph.errors import UpstreamError\nclass A(UpstreamError): ...",
        "def f():\n    class A(dict): ...",
    ],
)
def test_a_wrong_base_is_found(source: str) -> None:
    assert len(wrong_bases(source, names(MODULES))) >= 1


@pytest.mark.parametrize(
    "source",
    [
        "class A: ...\nclass B(A): ...\nclass C(Exception): ...\nclass D(object): ...",
        "from typing import Generic, NamedTuple, Protocol\nclass A(Protocol): ...\nclass B(Generic[T]): ...",
        "from custgraph.cork import Cork\nclass A(Cork): ...",
        "from typing import Protocol\nfrom custgraph.operation import Engine\nclass A(Engine, Protocol): ...",
    ],
)
def test_a_right_base_is_let_be(source: str) -> None:
    assert wrong_bases(source, names(["cork.py"])) == []


@pytest.mark.parametrize("connection", [custgraph.http.server.Connection, custgraph.rest.connection.Connection])
def test_connections_have_all_that_an_event_loop_calls(connection: type) -> None:
    """They lack the base that would bring it: it is not compiled."""
    called = {name for name in dir(asyncio.Protocol) if not name.startswith("_")}
    assert called - set(dir(connection)) == set()


def test_nothing_compiled_lies_beside_the_sources() -> None:
    """It would be imported in place of a module that has changed since. One module is written in C as well."""
    files = [path for path in (ROOT / "src").rglob("*") if path.suffix in (".so", ".pyd", ".c", ".h")]
    assert files == [PACKAGE / "rest" / "commas.c"]


def test_what_is_left_out_is_there_and_told_why() -> None:
    for test, reason in LEFT_OUT.items():
        path, _, name = test.partition("::")
        assert re.search(rf"^(async )?def {name}\(", (ROOT / path).read_text(), re.MULTILINE), test
        assert reason


def test_compiling_without_a_compiler_says_what_to_do(tmp_path: Path) -> None:
    environment = {**os.environ, "CC": "no-such-compiler"}
    command = [sys.executable, str(ROOT / "scripts" / "compile_modules.py"), str(tmp_path / "made")]
    compiled = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - our own
    assert compiled.returncode == 1
    assert "needs a C compiler; found none (tried no-such-compiler)" in compiled.stderr
    assert "make wheel PURE=1" in compiled.stderr
    assert not (tmp_path / "made").exists()
