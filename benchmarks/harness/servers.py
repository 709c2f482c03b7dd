"""The servers measured: how each is started, and the versions of what it is made of."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from harness.paths import BENCHMARKS, PROJECT, WORK

Dialect = Literal["graphql", "tailcall", "rest"]
PYTHON_PEERS = BENCHMARKS / "peers" / "python"
NODE_PEERS = BENCHMARKS / "peers" / "node"
CUSTGRAPH_PYTHON = f"{PROJECT}/.venv/bin/python"
COMPILED = {"PYTHONPATH": f"{PROJECT}/build/compiled"}
"""Has that Python import custgraph from an unpacked wheel; without, it imports the sources."""


@dataclass(frozen=True)
class Server:
    """One server. `{port}` and `{upstream}` in the command stand for its port and the upstream's origin."""

    name: str
    title: str
    command: tuple[str, ...]
    env: dict[str, str] = field(default_factory=dict)
    dialect: Dialect = "graphql"
    packages: tuple[str, ...] = ()


def _python(
    name: str,
    title: str,
    module: str,
    *packages: str,
    python: str = f"{WORK}/venv/bin/python",
    dialect: Dialect = "graphql",
    **env: str,
) -> Server:
    uvicorn = (python, "-m", "uvicorn", f"{module}:app", "--app-dir", str(PYTHON_PEERS), "--port", "{port}")
    quiet = ("--log-level", "warning", "--no-access-log", "--loop", "uvloop", "--http", "httptools")
    return Server(name, title, (*uvicorn, *quiet), env, dialect, ("uvicorn", "starlette", *packages))


def _node(name: str, title: str, script: str, *packages: str, **env: str) -> Server:
    env = {"NODE_ENV": "production", "NODE_PATH": f"{WORK}/node/node_modules", **env}
    return Server(name, title, ("node", f"{NODE_PEERS}/{script}"), env, packages=packages)


def _custgraph(name: str, title: str, *, compiled: bool = True, **env: str) -> Server:
    command = (CUSTGRAPH_PYTHON, "-m", "custgraph", "serve", "--port", "{port}", "--upstream", "{upstream}/api/v1")
    env = {"CUSTGRAPH_LOG_FORMAT": "json", **(COMPILED if compiled else {}), **env}
    return Server(name, title, command, env)


def _wire(name: str, title: str, *packages: str) -> Server:
    path = f"{COMPILED['PYTHONPATH']}:{WORK}/wires"
    command = (CUSTGRAPH_PYTHON, f"{PYTHON_PEERS}/wires.py", "{port}", "{upstream}", name)
    return Server(f"wire-{name}", f"custgraph over {title}", command, {"PYTHONPATH": path}, packages=packages)


def all_servers() -> dict[str, Server]:
    """Every server by name."""
    graphql_python = ("graphql-core", "httpx", "uvloop", "httptools")
    return {
        server.name: server
        for server in (
            _custgraph("custgraph", "custgraph, the wheel as built"),
            _custgraph("custgraph-source", "custgraph, interpreted", compiled=False),
            _custgraph("custgraph-httpx", "custgraph over httpx", CUSTGRAPH_UPSTREAM_WIRE="httpx"),
            _wire("aiohttp", "aiohttp", "aiohttp"),
            _wire("httpx", "httpx-aiohttp", "httpx", "httpx-aiohttp"),
            _wire("pyreqwest", "pyreqwest (Rust)", "pyreqwest"),
            _node("mercurius-jit", "Mercurius, jit", "mercurius.js", "mercurius", "graphql-jit", "undici", JIT="1"),
            _node("mercurius", "Mercurius", "mercurius.js", "mercurius", "fastify", "graphql", "undici"),
            _node("yoga", "Yoga, undici and jit", "yoga.js", "graphql-yoga", "@envelop/graphql-jit", "undici"),
            _node("apollo", "Apollo Server", "apollo.js", "@apollo/server", "@apollo/datasource-rest", "dataloader"),
            Server(
                "tailcall",
                "Tailcall (Rust)",
                (f"{WORK}/tailcall/run", "{port}", "{upstream}"),
                dialect="tailcall",
                packages=("@tailcallhq/core-linux-x64-gnu",),
            ),
            _python("strawberry", "plain Strawberry + httpx", "naive", "strawberry-graphql", *graphql_python),
            _python("ariadne", "Ariadne + httpx", "ariadne_peer", "ariadne", *graphql_python),
            _python(
                "proxy-native",
                "pass-through, custgraph's own wire",
                "proxy_native",
                dialect="rest",
                python=CUSTGRAPH_PYTHON,
                **COMPILED,
            ),
            _python("proxy-httpx", "pass-through, httpx", "proxy", "httpx", dialect="rest", CLIENT="httpx"),
            _python("proxy-aiohttp", "pass-through, aiohttp", "proxy", "aiohttp", dialect="rest", CLIENT="aiohttp"),
        )
    }


def missing(server: Server) -> str | None:
    """Why the server cannot be started here; None when it can."""
    note = WORK / "missing" / server.name
    if note.exists():
        return note.read_text().strip()
    for needed in server.command[0], *server.env.get("PYTHONPATH", "").split(":"):
        if needed.startswith("/") and not Path(needed).exists():
            return f"{needed.removeprefix(f'{PROJECT}/')} is not there: run `make bench-setup`"
    return None


def versions(servers: list[Server]) -> dict[str, str]:
    """The version of every package that the servers name, and of the runtimes."""
    found = {"node": _said("node", "--version").removeprefix("v"), "wrk": _said("wrk", "--version")}
    found["wrk"] = found["wrk"].removeprefix("wrk ").split(" [")[0] or "?"
    found["python"] = _said(f"{WORK}/venv/bin/python", "--version").removeprefix("Python ")
    found["custgraph"] = _said("git", "-C", str(PROJECT), "describe", "--always", "--dirty", "--tags")
    pinned = _pinned_python()
    for package in sorted({package for server in servers for package in server.packages}):
        manifest = WORK / "node" / "node_modules" / package / "package.json"
        if package in pinned:
            found[package] = pinned[package]
        elif manifest.exists():
            found[package] = json.loads(manifest.read_text())["version"]
    return found


def _pinned_python() -> dict[str, str]:
    # The later ones count: custgraph has what its own lock says, the clients on its wire included.
    locks = (BENCHMARKS / "requirements.lock", PROJECT / "requirements.lock", BENCHMARKS / "wires.lock")
    lines = [line for lock in locks for line in lock.read_text().splitlines()]
    pins = (line.split(";")[0].rstrip(" \\").split("==") for line in lines if line[:1].isalpha())
    return {name: version.strip() for name, version in pins}


def _said(*command: str) -> str:
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    return (run.stdout or run.stderr).partition("\n")[0].strip()
