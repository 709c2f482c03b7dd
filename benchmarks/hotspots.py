#!/usr/bin/env python3
"""Profiles a Python server under load with py-spy: where the CPU time of one request goes, operation by operation.

The share of samples times the measured CPU time per request gives microseconds. Time in C is charged to the Python
function that called it, and so is that of compiled modules; hence it is the sources that are profiled. py-spy needs
the right to look into other processes: run it as root or with sudo.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import threading
from collections import Counter, defaultdict
from pathlib import Path

from harness.load import load, write_requests
from harness.operations import Operation, all_operations
from harness.paths import PROJECT, WORK
from harness.processes import LOAD_CPU, Fleet, Running
from harness.servers import all_servers

Grouped = dict[str, float]

CONNECTIONS = 16
IDLE = ("LineWriter._run", "Condition.wait")
"""Where the log's thread sleeps; py-spy cannot always tell sleeping from working."""

SETTLE_SECONDS = 1
CATEGORIES = (
    ("validation", ("/graphql/validation/", "/graphql/utilities/type_info", "/graphql/language/visitor")),
    ("parsing", ("/graphql/language/",)),
    ("graphql-core", ("/graphql/",)),
    ("Strawberry", ("/strawberry/",)),
    ("HTTP server", ("/uvicorn/", "/custgraph/http/server/")),
    ("HTTP edge", ("/custgraph/http/", "/custgraph/app.py", "/starlette/")),
    ("compiled plan", ("/custgraph/execution/plan/", "<plan")),
    ("execution", ("/custgraph/execution/", "/custgraph/operation.py")),
    ("schema and loaders", ("/custgraph/schema/", "/custgraph/loaders.py", "/custgraph/steps.py", "/aiodataloader")),
    ("upstream leg", ("/custgraph/rest/", "/httpx/", "/httpcore/", "/httpx_aiohttp/", "/aiohttp/", "/h11/", "/anyio/")),
    (
        "logs and metrics",
        ("/custgraph/telemetry", "/structlog/", "/logging/", "/prometheus_client/", "/opentelemetry/"),
    ),
    ("credentials", ("/custgraph/credentials.py",)),
    ("JSON", ("/json/",)),
    ("event loop", ("/asyncio/", "uvloop")),
)
"""The category of a sample is that of its innermost frame that any of these name."""


def main() -> int:
    """Profiles what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", default="custgraph-source", choices=list(all_servers()))
    parser.add_argument("--ops", default="Q1,Q2,Q3,Q4,Q5")
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--functions", type=int, default=12, help="how many functions to list for each operation")
    parser.add_argument("--output", type=Path, help="file to store the table in, as Markdown")
    options = parser.parse_args()
    operations = all_operations()
    shares: dict[str, Grouped] = {}
    with Fleet([all_servers()[options.server]]) as fleet:
        running = fleet.running[options.server]
        for name in options.ops.split(","):
            samples, cpu_us = _profile(running, operations[name], options.seconds)
            total = sum(samples.values())
            each = cpu_us / total
            shares[f"{name} ({cpu_us:.0f} us)"] = _grouped(samples, each)
            print(f"\n{name}: {cpu_us:.0f} us of CPU for one request; us by function:")
            leaves = Counter[str]()
            for stack, count in samples.items():
                leaves[_short(stack[-1])] += count
            for function, count in leaves.most_common(options.functions):
                print(f"  {count * each:7.1f}  {count / total:4.0%}  {function}")
    table = "\n".join(_table(shares))
    print(f"\n{table}")
    if options.output:
        options.output.write_text(f"{table}\n")
    return 0


def _profile(running: Running, operation: Operation, seconds: int) -> tuple[Counter[tuple[str, ...]], float]:
    """Samples by stack, outermost frame first, and the CPU time of one request while nobody looked."""
    requests = write_requests(operation, running.server.dialect)
    if requests is None:
        raise SystemExit(f"{running.server.name} does not serve {operation.name}")
    cpu_us = load(running, requests, CONNECTIONS, SETTLE_SECONDS + 1)["cpu_us"]
    background = threading.Thread(target=load, args=(running, requests, CONNECTIONS, seconds + 2 * SETTLE_SECONDS))
    background.start()
    output = WORK / "profiles" / f"{running.server.name}-{operation.name}.txt"
    output.parent.mkdir(exist_ok=True)
    spy = (str(WORK / "venv" / "bin" / "py-spy"), "record", "--pid", str(_worker(running)), "--duration", str(seconds))
    how = ("--rate", "200", "--format", "raw", "--full-filenames", "--function", "--output", str(output))
    subprocess.run(["taskset", "-c", str(LOAD_CPU), *spy, *how], check=True, capture_output=True)
    background.join()
    samples = Counter[tuple[str, ...]]()
    for line in output.read_text().splitlines():
        stack, _, count = line.rpartition(" ")
        frames = tuple(stack.split(";"))
        if not any(idle in frames[-1] for idle in IDLE):
            samples[frames] += int(count)
    return samples, cpu_us


def _worker(running: Running) -> int:
    """The process that serves: the last child where there is one."""
    pid = running.process.pid
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(children[-1]) if children else pid


def _grouped(samples: Counter[tuple[str, ...]], each: float) -> Grouped:
    grouped: Grouped = defaultdict(float)
    for stack, count in samples.items():
        grouped[_category(stack)] += count * each
    return grouped


def _category(stack: tuple[str, ...]) -> str:
    for frame in reversed(stack):
        for name, marks in CATEGORIES:
            if any(mark in frame for mark in marks):
                return name
    return "other"


def _short(frame: str) -> str:
    """`function (file)` with the file below its site-packages or the project."""
    function, _, file = frame.partition(" (")
    file = file.rstrip(")").rpartition("site-packages/")[2].removeprefix(f"{PROJECT}/src/")
    return f"{function} ({file})"


def _table(shares: dict[str, Grouped]) -> list[str]:
    used = [name for name in (*(name for name, _ in CATEGORIES), "other") if any(name in g for g in shares.values())]
    header = [f"| us for one request | {' | '.join(shares)} |", "| --- |" + " ---: |" * len(shares)]
    return header + [
        f"| {name} | {' | '.join(_microseconds(group.get(name, 0)) for group in shares.values())} |" for name in used
    ]


def _microseconds(value: float) -> str:
    return f"{value:.0f}" if value >= 10 else f"{value:.1f}"


if __name__ == "__main__":
    sys.exit(main())
