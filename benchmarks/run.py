#!/usr/bin/env python3
"""Measures GraphQL servers side by side on one upstream: `benchmarks/run.py --help`.

A quick comparison of two: `benchmarks/run.py --servers custgraph,mercurius-jit --ops Q1,Q3 --rounds 3 --duration 1`.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import random
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from harness import machine
from harness.check import check
from harness.load import NoAnswer, load, write_requests
from harness.operations import Operation, all_operations
from harness.paths import RESULTS
from harness.processes import Fleet, Running, delayed
from harness.report import Scenario, markdown, scenario_name
from harness.servers import all_servers, missing, versions

SLOW_OPERATIONS = ("Q1", "Q2", "Q3")
SLOW_CONNECTIONS = 32
WARM_CONNECTIONS = 16
QUICK = (
    *("--servers", "custgraph,mercurius-jit,strawberry"),
    *("--rounds", "1", "--warmup", "1", "--connections", "16", "--slow-us", "0"),
)


def main() -> int:
    """Runs what the command line asks for."""
    options = _options()
    known, operations = all_servers(), all_operations()
    servers = [known[name] for name in options.servers]
    for server in list(servers):
        if reason := missing(server):
            print(f"skipped {server.name}: {reason}", flush=True)
            servers.remove(server)
    if not servers:
        return 1
    if options.reference not in {server.name for server in servers}:
        options.reference = servers[0].name
    described = machine.describe()
    with Fleet(servers) as fleet:
        started = {name: running.process.memory()["rss"] for name, running in fleet.running.items()}
        run: dict[str, Any] = {
            "made": datetime.now(UTC).isoformat(timespec="seconds"),
            "machine": described,
            "options": {name: value for name, value in vars(options).items() if name not in ("output", "quick")},
            "versions": versions(servers),
            "operations": {name: operations[name].title for name in options.ops},
        }
        run["calls"] = check(fleet, [operations[name] for name in options.ops])
        run["cells"], run["unanswered"] = [], []
        for round_ in _measure(fleet, [operations[name] for name in options.ops], options, run):
            run["options"]["rounds"] = round_ + 1
            run["servers"] = {name: _resources(running, started[name]) for name, running in fleet.running.items()}
            if options.output:
                _store(run, options.output)
    print(markdown(run))
    return 1 if any(cell["server"] == options.reference for cell in run["unanswered"]) else 0


def _store(run: dict[str, Any], output: Path) -> None:
    """Stores what was measured so far: a later round that breaks off loses nothing of the earlier ones."""
    output.parent.mkdir(parents=True, exist_ok=True)
    output.with_suffix(".json").write_text(json.dumps(run, indent=1) + "\n")
    output.with_suffix(".md").write_text(markdown(run))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--servers", type=_names(all_servers()), default=_by_default())
    parser.add_argument("--ops", type=_names(all_operations()), default=list(all_operations()))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--duration", type=int, default=1, help="seconds for each cell")
    parser.add_argument("--warmup", type=int, default=2, help="seconds for each server and operation; 0 for none")
    parser.add_argument("--connections", type=_numbers, default=[1, 16, 64])
    parser.add_argument("--slow-us", type=int, default=5000, help="delay of the slow upstream; 0 leaves it out")
    parser.add_argument("--reference", default="custgraph", help="the server that the ratios are of")
    parser.add_argument("--quick", action="store_true", help="one round at c=16 with three servers, for a first look")
    parser.add_argument("--output", type=Path, help=f"file to store as .json and .md, such as {RESULTS.name}/NAME")
    given = sys.argv[1:]
    return parser.parse_args([*QUICK, *given] if "--quick" in given else given)


def _by_default() -> list[str]:
    """Names the gateways; HTTP clients on custgraph's wire are no rivals."""
    return [name for name in all_servers() if not name.startswith("wire-")]


def _names(known: dict[str, Any]) -> Any:
    def names(text: str) -> list[str]:
        given = text.split(",")
        if unknown := [name for name in given if name not in known]:
            raise argparse.ArgumentTypeError(f"no {', '.join(unknown)}; there are {', '.join(known)}")
        return given

    return names


def _numbers(text: str) -> list[int]:
    return [int(number) for number in text.split(",")]


def _measure(
    fleet: Fleet, operations: list[Operation], options: argparse.Namespace, run: dict[str, Any]
) -> Iterator[int]:
    """Adds cells to the run, round by round, and those without an answer beside them; yields after each round."""
    requests = {
        (name, operation.name): file
        for operation in operations
        for name, running in fleet.running.items()
        if (file := write_requests(operation, running.server.dialect))
    }
    if options.warmup:
        for (name, _), file in requests.items():
            with contextlib.suppress(NoAnswer), fleet.alone(name) as running:
                load(running, file, WARM_CONNECTIONS, options.warmup, check=True)
    for round_ in range(options.rounds):
        for scenario in _scenarios(operations, options):
            operation, connections, delay_us = scenario
            names = [name for name in fleet.running if (name, operation) in requests]
            random.shuffle(names)
            told = []
            with delayed(fleet.upstream, delay_us) if delay_us else contextlib.nullcontext():
                for name in names:
                    cell = {"server": name, "operation": operation, "connections": connections,
                            "delay_us": delay_us, "round": round_}  # fmt: skip
                    try:
                        with fleet.alone(name) as running:
                            measured = load(running, requests[name, operation], connections, options.duration)
                    except NoAnswer:
                        run["unanswered"].append(cell)
                        told.append(f"{name} -")
                    else:
                        run["cells"].append({**cell, **measured})
                        told.append(f"{name} {measured['rate']:.0f}")
            print(
                f"round {round_ + 1}: {scenario_name(scenario)}: {', '.join(sorted(told))}", file=sys.stderr, flush=True
            )
        yield round_


def _scenarios(operations: list[Operation], options: argparse.Namespace) -> list[Scenario]:
    names = [operation.name for operation in operations]
    slow = [name for name in names if name in SLOW_OPERATIONS] if options.slow_us else []
    return [
        *((name, connections, 0) for connections in options.connections for name in names),
        *((name, SLOW_CONNECTIONS, options.slow_us) for name in slow),
    ]


def _resources(running: Running, rss_start: float) -> dict[str, Any]:
    memory = running.process.memory()
    return {
        "title": running.server.title,
        "rss_start": rss_start,
        "rss_end": memory["rss"],
        "rss_peak": memory["peak"],
        "start_seconds": round(running.start_seconds, 2),
    }


if __name__ == "__main__":
    sys.exit(main())
