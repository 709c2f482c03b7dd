"""Every fault of the upstream against every kind of operation, through the whole gateway; `make faults` prints more."""

from __future__ import annotations

import asyncio
from itertools import chain
from pathlib import Path

import pytest

from support.faults.cases import STALLS, Wire, run
from support.faults.catalogue import FAULTS
from support.faults.endpoints import ENDPOINTS
from support.faults.expectations import EXPECTED
from support.faults.judge import Result, leaks
from support.faults.logs import Captured
from support.faults.matrix import ALL, cases_of, misses
from support.upstream import MARKER

WIRES: tuple[Wire, ...] = ("native", "httpx")
QUICK_ACTS = ("customer", "create")
"""What is tried over httpx here; `make faults` tries all."""


async def results(fault: str, wire: Wire, folder: Path) -> list[Result]:
    cases = [case for case in cases_of(fault, wire) if wire == "native" or case.act.name in QUICK_ACTS]
    return await run(fault, wire, cases, folder)


def check(found: list[Result], logs: Captured) -> None:
    assert found
    assert [note for result in found for note in misses(result)] == []
    text = logs.take()
    assert not leaks(text)
    assert not MARKER.search(text)
    assert "never retrieved" not in text


def test_every_fault_has_its_expectation() -> None:
    assert sorted(EXPECTED) == sorted(ALL)


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize("fault", [name for name in FAULTS if name not in STALLS])
async def test_a_fault_comes_to_what_the_table_says(fault: str, wire: Wire, tmp_path: Path, logs: Captured) -> None:
    check(await results(fault, wire, tmp_path), logs)


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize("faults", [sorted(STALLS), list(ENDPOINTS)], ids=["stalls", "unreachable"])
async def test_a_fault_that_takes_time_comes_to_what_the_table_says(
    faults: list[str], wire: Wire, tmp_path: Path, logs: Captured
) -> None:
    found = await asyncio.gather(*(results(fault, wire, tmp_path) for fault in faults))
    check(list(chain.from_iterable(found)), logs)
