#!/usr/bin/env python3
"""Puts the stored results into docs/performance.md, between its `<!-- name -->` and `<!-- /name -->` marks."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from typing import Any

from harness import goals, report
from harness.paths import PROJECT, RESULTS

PAGE = PROJECT / "docs" / "performance.md"


def main() -> int:
    """Fills every block whose result is stored; the others keep what they have."""
    page = PAGE.read_text()
    for name, make in BLOCKS.items():
        lines = make()
        if lines is not None:
            page = _fill(page, name, "\n".join(lines))
    PAGE.write_text(page)
    return 0


def _fill(page: str, name: str, text: str) -> str:
    begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    filled, count = re.subn(
        f"{re.escape(begin)}.*?{re.escape(end)}", lambda _: f"{begin}\n{text}\n{end}", page, flags=re.DOTALL
    )
    if count != 1:
        raise SystemExit(f"{PAGE.name} has {count} blocks named {name}, not 1")
    return filled


def _stored(name: str) -> Any:
    file = RESULTS / f"{name}.json"
    return json.loads(file.read_text()) if file.exists() else None


def _of(name: str, make: Callable[[report.Run], Iterator[str]]) -> Callable[[], list[str] | None]:
    def lines() -> list[str] | None:
        run = _stored(name)
        return None if run is None else list(make(run))

    return lines


def _of_peers(make: Callable[[report.Run], Iterator[str]]) -> Callable[[], list[str] | None]:
    return _of("peers", make)


def _operations(run: report.Run) -> Iterator[str]:
    yield "| | |"
    yield "| --- | --- |"
    for name, title in run["operations"].items():
        yield f"| {name} | {title} |"


def _hotspots() -> list[str] | None:
    file = RESULTS / "hotspots.md"
    return file.read_text().splitlines() if file.exists() else None


def _soak() -> list[str] | None:
    soak = _stored("soak")
    if soak is None:
        return None
    first, last, start = soak["memory"][0], soak["memory"][-1], soak["start"]
    flat = next((s for s in soak["memory"] if s["requests"] >= last["requests"] / 10), last)
    return [
        "| | |",
        "| --- | --- |",
        f"| memory at start | {first['rss']} MiB |",
        f"| memory after {flat['requests']:,.0f} requests | {flat['rss']} MiB |",
        f"| memory after {last['requests']:,.0f} requests | {last['rss']} MiB |",
        f"| highest | {last['peak']} MiB |",
        f"| `custgraph --help` | {start['help']} s, of which Python itself {start['python']} s |",
        f"| `custgraph serve` to the first answer | {start['first_answer']} s |",
    ]


BLOCKS: dict[str, Callable[[], list[str] | None]] = {
    "operations": _of_peers(_operations),
    "goals": _of_peers(goals.table),
    "machine": _of_peers(report.head),
    "throughput": _of_peers(lambda run: report.ratios(run, "rate", connections=16)),
    "cpu": _of_peers(lambda run: report.ratios(run, "cpu_us", connections=16)),
    "versions": _of_peers(report.version_line),
    "hotspots": _hotspots,
    "wires": _of("wires", lambda run: report.ratios(run, "rate", connections=16)),
    "soak": _soak,
}

if __name__ == "__main__":
    sys.exit(main())
