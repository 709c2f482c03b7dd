"""Imports run one way, and every library has its place: the drawing of docs/architecture.md, enforced."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1] / "src" / "custgraph"

WORDS = {"alarm", "batches", "cork", "credentials", "errors", "operation", "steps", "strict_json"}
"""What parts share: plain values and functions that import nothing of ours."""

GROUND = WORDS | {"config", "telemetry"}

MAY_IMPORT = {
    "alarm": set(),
    "batches": set(),
    "cork": set(),
    "credentials": set(),
    "errors": set(),
    "operation": set(),
    "steps": set(),
    "strict_json": set(),
    "config": set(),
    "telemetry": {"operation"},
    "explorer": set(),
    "embedded": set(),
    "rest": GROUND - {"steps"},
    "loaders": GROUND | {"rest"},
    "schema": GROUND | {"rest", "loaders"},
    "execution": GROUND,
    "http": (GROUND - {"steps"}) | {"explorer"},
    "gateway": GROUND | {"execution", "http", "rest", "schema"},
    "app": GROUND | {"gateway"} | {"embedded", "execution", "explorer", "http", "rest", "schema"},
    "__init__": {"app", "config"},
    "__main__": {"cli"},
    "cli": GROUND | {"__init__", "app", "execution", "http", "schema"},
}
"""Which parts each part may import. `http` and `execution` are strangers to customers, and to each other."""

HAS_THE_LIBRARY = {
    "aiodataloader": {"loaders"},
    "aiohttp": {"rest"},
    "aiosqlite": {"embedded"},
    "httpx": {"rest"},
    "httpx_aiohttp": {"rest"},
    "limits": {"execution"},
    "opentelemetry": {"telemetry"},
    "prometheus_client": {"telemetry"},
    "pydantic": {"config"},
    "pydantic_settings": {"config"},
    "redis": {"execution"},
    "requests": set(),
    "sqlalchemy": {"embedded"},
    "starlette": {"embedded", "gateway", "http"},
    "strawberry": {"schema"},
    "structlog": {"telemetry"},
    "typer": {"cli"},
    "urllib3": set(),
    "uvicorn": {"cli", "http"},
}
"""Which parts may import a library; one that is not here is anybody's."""

READS_THE_ENVIRONMENT = {"config"}
MUTABLE = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
MAKES_MUTABLE = {"list", "dict", "set", "deque", "defaultdict", "OrderedDict", "Counter", "LRUCache"}
CHANGES = {
    *("append", "extend", "insert", "pop", "popleft", "remove", "clear", "update", "setdefault", "add", "discard"),
    *("popitem", "appendleft", "extendleft", "sort", "reverse"),
}


class Module(NamedTuple):
    """A module of the package: its dotted name below it, the part it belongs to, and its source."""

    name: str
    part: str
    tree: ast.Module


def modules() -> Iterator[Module]:
    """Every module of the package."""
    for path in sorted(ROOT.rglob("*.py")):
        inside = path.relative_to(ROOT).with_suffix("")
        part = inside.parts[0]
        yield Module(".".join(inside.parts), part, ast.parse(path.read_text(encoding="utf-8")))


def imports(module: Module) -> Iterator[str]:
    """The dotted names that a module imports, wherever in it, those for type checking included."""
    package = module.name.split(".")[:-1]
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level:
            base = package[: len(package) - node.level + 1]
            yield ".".join(["custgraph", *base, *([node.module] if node.module else [])])
        elif isinstance(node, ast.ImportFrom):
            assert node.module is not None
            if node.module == "custgraph":
                yield from (f"custgraph.{alias.name}" for alias in node.names)
            else:
                yield node.module


def parts_imported(module: Module) -> set[str]:
    """The other parts that a module imports."""
    parts = {name.split(".")[1] if "." in name else "__init__" for name in imports(module) if is_ours(name)}
    known = {part if part in MAY_IMPORT else "__init__" for part in parts}  # custgraph.Settings is the door's
    return known - {module.part}


def is_ours(name: str) -> bool:
    """Whether the name is of this package."""
    return name == "custgraph" or name.startswith("custgraph.")


ALL = list(modules())
every_module = pytest.mark.parametrize("module", ALL, ids=[module.name for module in ALL])


def test_the_drawing_has_no_circle() -> None:
    left = {part: set(others) for part, others in MAY_IMPORT.items()}
    while left:
        free = {part for part, others in left.items() if not others}
        assert free, f"these import each other: {sorted(left)}"
        left = {part: others - free for part, others in left.items() if part not in free}


def test_the_drawing_names_every_part() -> None:
    assert {module.part for module in ALL} == MAY_IMPORT.keys()


@every_module
def test_a_module_imports_only_what_its_part_may(module: Module) -> None:
    assert parts_imported(module) - MAY_IMPORT[module.part] == set()


@every_module
def test_a_library_is_imported_only_where_it_belongs(module: Module) -> None:
    libraries = {name.split(".")[0] for name in imports(module)} & HAS_THE_LIBRARY.keys()
    assert {library for library in libraries if module.part not in HAS_THE_LIBRARY[library]} == set()


@every_module
def test_only_config_reads_the_environment(module: Module) -> None:
    if module.part in READS_THE_ENVIRONMENT:
        return
    reads = [node.attr for node in ast.walk(module.tree) if isinstance(node, ast.Attribute)]
    names = [node.id for node in ast.walk(module.tree) if isinstance(node, ast.Name)]
    assert {"environ", "environb", "getenv", "getenvb", "dotenv_values"} & {*reads, *names} == set()


@every_module
def test_no_module_keeps_state(module: Module) -> None:
    """A table that never changes is no state; a name bound anew or a container that is changed is."""
    tables = set(module_tables(module))
    for node in ast.walk(module.tree):
        assert not isinstance(node, ast.Global), f"line {node.lineno}: a global is bound anew"
        changed = changed_name(node)
        assert changed not in tables, f"line {node.lineno}: {changed} is changed"  # type: ignore[attr-defined]
    assert [name for name in tables if name.upper() != name and not name.startswith("__")] == []


def module_tables(module: Module) -> Iterator[str]:
    """Names that the module binds, at its top, to a container that could be changed."""
    for node in module.tree.body:
        if isinstance(node, ast.Assign):
            targets, value = node.targets, node.value
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            targets, value = [node.target], node.value
        else:
            continue
        made = (
            isinstance(value, ast.Call) and getattr(value.func, "id", getattr(value.func, "attr", "")) in MAKES_MUTABLE
        )
        if isinstance(value, MUTABLE) or made:
            yield from (target.id for target in targets if isinstance(target, ast.Name))


def changed_name(node: ast.AST) -> str | None:
    """The name of the container that a statement or call changes."""
    target: ast.AST | None = None
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CHANGES:
        target = node.func.value
    elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
        target = node.value
    elif isinstance(node, ast.AugAssign):
        target = node.target
    return target.id if isinstance(target, ast.Name) else None


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("SEEN = {}\ndef f():\n    SEEN['a'] = 1", "SEEN is changed"),
        ("SEEN = set()\ndef f():\n    SEEN.add(1)", "SEEN is changed"),
        ("COUNT = 0\ndef f():\n    global COUNT\n    COUNT += 1", "a global is bound anew"),
        ("cache: dict[str, str] = {}", "cache"),
    ],
)
def test_state_would_be_seen(source: str, fault: str) -> None:
    with pytest.raises(AssertionError, match=fault):
        test_no_module_keeps_state(Module("execution.cache", "execution", ast.parse(source)))


@pytest.mark.parametrize(
    ("name", "source", "part"),
    [
        ("http.edge", "from custgraph.schema import Context", "schema"),
        ("http.edge", "def f():\n    import custgraph.rest.wire", "rest"),
        ("execution.plan.run", "from ...http import edge", "http"),
        ("rest.line", "from custgraph import create_app", "__init__"),
    ],
)
def test_an_import_against_the_stream_would_be_seen(name: str, source: str, part: str) -> None:
    module = Module(name, name.split(".")[0], ast.parse(source))
    assert parts_imported(module) == {part}
    with pytest.raises(AssertionError):
        test_a_module_imports_only_what_its_part_may(module)
