#!/usr/bin/env python3
"""Measures what custgraph keeps and how fast it starts: memory over a million requests, import and start times.

Stores benchmarks/results/soak.json.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from datetime import UTC, datetime
from typing import Any

from harness import machine
from harness.load import load, write_requests
from harness.operations import all_operations
from harness.paths import PROJECT, RESULTS
from harness.processes import Fleet
from harness.servers import Server, all_servers, versions

CONNECTIONS = 16
SLICE_SECONDS = 5
OPERATIONS = ("Q1", "Q2", "Q1", "Q3", "Q1", "nested", "Q1", "mutation", "Q1", "entities", "Q1", "fanout")
"""The mix, one slice after the other: half of the time goes to one customer."""


def main() -> int:
    """Measures what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", default="custgraph", choices=list(all_servers()))
    parser.add_argument("--requests", type=int, default=1_000_000)
    options = parser.parse_args()
    server = all_servers()[options.server]
    told: dict[str, Any] = {
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine.describe(),
        "versions": versions([server]),
        "start": _start(server),
        "memory": _memory(server, options.requests),
    }
    (RESULTS / "soak.json").write_text(json.dumps(told, indent=1) + "\n")
    return 0


def _memory(server: Server, enough: int) -> list[dict[str, float]]:
    """RSS in MiB after so many requests, slice by slice."""
    known, done = all_operations(), 0
    with Fleet([server]) as fleet:
        running = fleet.running[server.name]
        samples: list[dict[str, float]] = [{"requests": 0, **running.process.memory()}]
        while done < enough:
            for name in OPERATIONS:
                requests = write_requests(known[name], server.dialect)
                if requests:
                    done += load(running, requests, CONNECTIONS, SLICE_SECONDS)["requests"]
            samples.append({"requests": done, **running.process.memory()})
            print("{requests:9,.0f} requests: RSS {rss:.1f} MiB, peak {peak:.1f} MiB".format(**samples[-1]), flush=True)
    return samples


def _start(server: Server) -> dict[str, float]:
    """Seconds, medians: `custgraph --help`, the import of the package, and from the command to the first answer."""
    custgraph = f"{PROJECT}/.venv/bin/custgraph"
    python = f"{PROJECT}/.venv/bin/python"
    firsts = []
    for _ in range(5):
        with Fleet([server]) as fleet:
            firsts.append(fleet.running[server.name].start_seconds)
    told = {
        "help": _timed(custgraph, "--help"),
        "python": _timed(python, "-c", "pass"),
        "import": _timed(python, "-c", "import custgraph"),
        "first_answer": round(statistics.median(firsts), 3),
    }
    print(", ".join(f"{name} {seconds:.3f} s" for name, seconds in told.items()), flush=True)
    return told


def _timed(*command: str) -> float:
    """Seconds of a command, the median of ten runs after one that warms the disk's cache."""
    seconds = []
    for _ in range(11):
        started = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        seconds.append(time.perf_counter() - started)
    return round(statistics.median(seconds[1:]), 3)


if __name__ == "__main__":
    sys.exit(main())
