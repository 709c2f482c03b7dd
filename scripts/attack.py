#!/usr/bin/env python3
"""Attacks a gateway of its own, and prints what was refused, how fast, and what another client noticed.

Exit code 1 when something was not refused, another client had to wait, or memory stayed taken.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from time import perf_counter
from typing import NamedTuple
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from support.attacks import floods
from support.attacks.attack import make
from support.attacks.documents import all_documents
from support.attacks.requests import all_requests
from support.attacks.upstream import ATTACKER, BYSTANDER, Upstream, upstream
from support.bystander import Bystander, bystanding
from support.served import serving

REFUSAL_SECONDS = 0.1
BYSTANDER_SECONDS = 0.15  # more than when it is quiet
CLOSE_SECONDS = 11.0  # body_timeout, and one for the clock
RSS_MIB = 32.0


class Target(NamedTuple):
    """The gateway under attack, and the upstream behind it."""

    host: str
    port: int
    pid: int
    upstream: Upstream


class Report:
    """Prints rows, and remembers whether all was well."""

    def __init__(self) -> None:
        self.well = True

    def row(self, what: str, told: str, *, well: bool) -> None:
        """Prints one."""
        self.well &= well
        print(f"{'ok  ' if well else 'FAIL'} {what:<28} {told}", flush=True)


async def attack_all(target: Target, bystander: Bystander, report: Report, *, quick: bool) -> None:
    """Attacks one thing after the other."""
    bystander.phase("quiet")
    await asyncio.sleep(3)
    await refusals(target, bystander, report)
    before = rss(target.pid)  # warm: what is kept once is kept
    if not quick:
        await half_open(target, bystander, report)
    await documents(target, bystander, report, seconds=3 if quick else 15)
    await many(target, bystander, report, count=200 if quick else 1000)
    await asyncio.sleep(1)
    grown = rss(target.pid) - before
    told = f"RSS {before:.1f} MiB after the first attacks, {grown:+.1f} MiB after all"
    report.row("memory", told, well=grown <= RSS_MIB)


async def refusals(target: Target, bystander: Bystander, report: Report) -> None:
    """Makes each abusive request on a connection of its own."""
    bystander.phase("abusive requests")
    attacks = [*all_requests(), *all_documents()]
    passed, slowest, slowest_name = 0, 0.0, ""
    calls = target.upstream.calls()
    for attack in attacks:
        began = perf_counter()
        reply = await make(attack, target.host, target.port)
        seconds = perf_counter() - began
        if not attack.is_refused(reply):
            passed += 1
            print(f"     not refused: {attack.name}: {reply.status} {reply.body[:200]!r}")
        if seconds > slowest:
            slowest, slowest_name = seconds, attack.name
    total = len(attacks)
    report.row("abusive requests", f"refused {total - passed}/{total}", well=not passed)
    calls = target.upstream.calls() - calls
    report.row("upstream calls for them", str(calls), well=not calls)
    report.row("slowest refusal", f"{slowest * 1000:.1f} ms ({slowest_name})", well=slowest <= REFUSAL_SECONDS)


async def half_open(target: Target, bystander: Bystander, report: Report) -> None:
    """Holds 500 sockets."""
    bystander.phase("half-open sockets")
    held = await floods.half_open(target.host, target.port, 500, CLOSE_SECONDS + 5)
    closed = sum(0 <= seconds <= CLOSE_SECONDS for seconds in held)
    told = f"closed {closed}/{len(held)} within {CLOSE_SECONDS:.0f} s, the last after {max(held):.1f} s"
    report.row("half-open sockets", told, well=closed == len(held))


async def documents(target: Target, bystander: Bystander, report: Report, *, seconds: float) -> None:
    """Sends dear documents: the same twelve, and such as were never seen before."""
    for phase, rate, fresh in (("dear documents", 50.0, False), ("dear documents, new ones", 10.0, True)):
        bystander.phase(phase)
        statuses, taken = await floods.flood(target.host, target.port, seconds, rate, fresh=fresh)
        told = f"{rate:.0f} a second: {_statuses(statuses)}, slowest {max(taken) * 1000:.0f} ms"
        report.row(phase, told, well=set(statuses) <= {200, 503})


async def many(target: Target, bystander: Bystander, report: Report, *, count: int) -> None:
    """A crowd, and clients that go."""
    bystander.phase("a crowd")
    statuses = await floods.crowd(target.host, target.port, count)
    report.row("a crowd", f"of {count} at once: {_statuses(statuses)}", well=set(statuses) <= {200, 503})
    await asyncio.sleep(1)
    bystander.phase("clients that go")
    await floods.goers(target.host, target.port, 2 * count)
    got = await floods.normal(target.host, target.port, 100)
    report.row("clients that go", f"{2 * count}, then {got}/100 answered", well=got == 100)


def _statuses(statuses: Mapping[int, int]) -> str:
    return ", ".join(f"{count} x {status}" for status, count in sorted(statuses.items()))


def tell_bystander(latencies: dict[str, list[float]], report: Report) -> None:
    """Prints another client's p99 in each phase, against the quiet one. Among very many it has to wait its turn."""
    quiet = p99(latencies["quiet"])
    for phase, seconds in latencies.items():
        told = f"p99 {p99(seconds) * 1000:.1f} ms during {phase} ({len(seconds)} requests)"
        among_many = phase in ("a crowd", "clients that go")
        report.row("another client", told, well=among_many or p99(seconds) - quiet <= BYSTANDER_SECONDS)


def p99(seconds: list[float]) -> float:
    """The 99th percentile; infinite when a request was not answered."""
    ordered = sorted(seconds)
    return ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))] if ordered else float("inf")


def rss(pid: int) -> float:
    """Resident memory of a process, in MiB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise ValueError(f"process {pid} tells no VmRSS")


def main() -> int:
    """Serves, attacks, and tells."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="leaves out what takes long")
    options = parser.parse_args()
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 8192), most))
    report = Report()
    with upstream() as behind, tempfile.TemporaryDirectory() as folder:
        settings = {"upstream_url": behind.url, "upstream_token": ATTACKER.token, "log_level": "warning"}
        settings["max_loop_lag"] = "0.25"  # as it comes
        with serving(Path(folder), settings=settings) as served:
            where = urlsplit(served.origin)
            target = Target(str(where.hostname), where.port or 0, served.program.pid, behind)
            with bystanding(target.host, target.port, BYSTANDER.token, may_shed=True) as bystander:
                asyncio.run(attack_all(target, bystander, report, quick=options.quick))
            tell_bystander(bystander.latencies, report)
    return 0 if report.well else 1


if __name__ == "__main__":
    sys.exit(main())
