"""Holds the gateway against an upstream that misbehaves, and prints what came of it; `make faults` runs it.

Ends with 1 if a write was doubled or lost, if anything of one caller or of the upstream got out, at an error of the
gateway's own, or where any other figure does not hold.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "src")]

from support.faults import runs  # noqa: E402 - found through the path above
from support.faults.cases import Wire, run  # noqa: E402
from support.faults.expectations import expected_of  # noqa: E402
from support.faults.judge import Evil, Result, leaks  # noqa: E402
from support.faults.logs import Captured, captured_logs  # noqa: E402
from support.faults.matrix import ALL, cases_of, misses  # noqa: E402
from support.faults.table import render  # noqa: E402
from support.upstream import MARKER  # noqa: E402

WIRES: tuple[Wire, ...] = ("native", "httpx")
PARTS = ("matrix", "writes", "tenants", "cancelled", "crowd", "outage")


def progress(text: str) -> None:
    """Tells how far it is, beside the figures."""
    print(f"  … {text}", file=sys.stderr, flush=True)


async def matrix(seed: int, logs: Captured) -> bool:
    """Every fault against every operation, over both wires."""
    found: list[Result] = []
    evils: Counter[Evil] = Counter()
    for wire in WIRES:
        for number, fault in enumerate(ALL, 1):
            with tempfile.TemporaryDirectory() as folder:
                found += await run(fault, wire, cases_of(fault, wire, seed), Path(folder))
            log = logs.take()
            evils["leaked"] += leaks(log) or MARKER.search(log) is not None
            if not number % 20 or number == len(ALL):
                progress(f"{number} of {len(ALL)} faults over {wire}")
    for result in found:
        evils += result.evils
        for note in misses(result):
            print(f"  {note}")
    exact = sum(result.outcome == expected_of(result.case) for result in found)
    print(f"Matrix: {len(ALL)} faults, {len(WIRES)} wires (seed {seed})")
    print(f"  cases: {len(found)}")
    print(f"  exact-code matches: {exact}")
    print(f"  sibling fields kept: {sum(r.kept for r in found)} of {sum(r.siblings for r in found)}")
    print(f"  duplicated writes: {evils['duplicated']}")
    print(f"  lost writes: {evils['lost']}")
    print(f"  foreign markers: {evils['foreign']}")
    print(f"  leaked canaries: {evils['leaked']}")
    print(f"  500s: {evils['http500']}")
    return exact == len(found) and not evils.total() and not any(map(misses, found))


def long_runs(seed: int, part: str, logs: Captured, *, long: bool) -> Iterator[Awaitable[runs.Report]]:
    """The runs of one part, in full."""
    match part:
        case "writes":
            yield runs.run_writes(seed, progress=progress)
        case "tenants":
            yield runs.run_tenants(seed, logs=logs, progress=progress)
            for wire in WIRES:
                yield runs.run_tenants(seed, 2000, wire=wire, host="localhost", logs=logs, progress=progress)
        case "cancelled":
            yield runs.run_cancelled(seed, logs=logs, progress=progress)
            yield runs.run_cancelled(seed, 2000, wire="httpx", logs=logs, progress=progress)
        case "crowd":
            yield runs.run_crowd(seed, progress=progress)
        case "outage":
            yield runs.run_outage("refused", progress=progress)
            if long:
                yield runs.run_outage("503-html", progress=progress)
                yield runs.run_outage("no-answer", progress=progress)


async def main(seed: int, parts: list[str], *, long: bool) -> bool:
    """Runs the parts; says whether all holds."""
    good = True
    with captured_logs() as logs:
        for part in parts:
            started = time.monotonic()
            if part == "matrix":
                good &= await matrix(seed, logs)
            for report in long_runs(seed, part, logs, long=long):
                done = await report
                print(done)
                good &= not done.failures
                logs.take()
            progress(f"{part} took {time.monotonic() - started:.0f} s")
    return good


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="draws ids, orders, faults and moments")
    parser.add_argument("--only", choices=PARTS, action="append", help="this part alone; may be given again")
    parser.add_argument("--long", action="store_true", help="adds the minutes in which the upstream hangs or fails")
    parser.add_argument("--table", action="store_true", help="writes docs/faults.md anew, and runs nothing")
    given = parser.parse_args()
    if given.table:
        (ROOT / "docs" / "faults.md").write_text(render(), encoding="utf-8")
        sys.exit(0)
    all_holds = asyncio.run(main(given.seed, given.only or list(PARTS), long=given.long))
    print("All of it holds." if all_holds else "Not all of it holds.")
    sys.exit(not all_holds)
