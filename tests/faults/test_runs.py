"""The long runs of `make faults`, in short."""

from __future__ import annotations

import re

import pytest

from support.faults.logs import Captured
from support.faults.runs import Figure, Report, run_cancelled, run_crowd, run_outage, run_tenants, run_writes
from support.faults.runs.writes import ambiguous

SEED = 3
TIME = re.compile("p99|seconds")


async def test_writes_in_doubt_are_reported_as_they_are(logs: Captured) -> None:
    assert (await run_writes(SEED, 300, stalls=False)).failures == []
    assert "MUTATION" not in logs.take().replace("MUTATION_OUTCOME_UNKNOWN", "")


@pytest.mark.parametrize(("wire", "host", "count"), [("native", "127.0.0.1", 600), ("httpx", "localhost", 200)])
async def test_no_byte_of_one_tenant_reaches_another(wire: str, host: str, count: int, logs: Captured) -> None:
    assert (await run_tenants(SEED, count, 50, wire=wire, host=host, logs=logs)).failures == []


@pytest.mark.parametrize(("wire", "count"), [("native", 500), ("httpx", 200)])
async def test_clients_that_go_leave_nothing_behind(wire: str, count: int, logs: Captured) -> None:
    assert (await run_cancelled(SEED, count, wire=wire, logs=logs)).failures == []


async def test_a_crowd_of_one_tenant_fails_nobody_else() -> None:
    report = await run_crowd(SEED, 0.3, rounds=2)
    assert besides_times(report) == []


async def test_an_outage_is_noticed_and_its_end_too() -> None:
    report = await run_outage("refused", 3, rest=0.5)
    assert besides_times(report) == []


def besides_times(report: Report) -> list[str]:
    """What does not hold, times aside: those hang on what else the machine does, so `make faults` measures them."""
    assert any("p99" in figure.name for figure in report.figures)
    return [figure.name for figure in report.figures if not figure.holds and not TIME.search(figure.name)]


def test_many_faults_leave_a_write_in_doubt() -> None:
    strikes = ambiguous(stalls=True)
    assert len({strike.fault.name for strike in strikes}) > 60
    assert {strike.commit for strike in strikes} == {True, False}


def test_a_report_names_what_does_not_hold() -> None:
    report = Report("title")
    report.add("good", 1, most=1, least=1)
    report.add("bad", 2, most=1)
    report.none("evil", ["this", "that"])
    assert report.failures == [
        "bad: 2 (at most 1)  <-- does not hold",
        "evil: 2 (at most 0)  <-- does not hold",
        "evil: this",
        "evil: that",
    ]
    assert [Figure("x", 1, least=2).holds, Figure("x", 1).holds] == [False, True]
