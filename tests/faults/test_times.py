"""How long things take with the default settings, and how many calls a rush of equal queries makes."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from support.faults.catalogue import FAULTS
from support.faults.endpoints import black_holed, unknown_host
from support.faults.gateway import Gateway
from support.upstream import Dice, FakeUpstream, Kind, Script, Strike, Tenant

READ = "{ customer(id: 7) { email } }"
LATE = 0.5
"""Seconds that a busy machine may be late."""


@pytest.mark.parametrize("wire", ["native", "httpx"])
async def test_a_connection_that_does_not_come_is_given_up_after_two_seconds(wire: str, tmp_path: Path) -> None:
    async with black_holed(tmp_path) as reach, Gateway(reach.url, upstream_wire=wire) as gateway:
        started = time.monotonic()
        answer = await gateway.ask(READ, {}, Tenant(1).token)
        assert answer.codes("customer") == ["UPSTREAM_UNAVAILABLE"]
        assert 2.0 <= time.monotonic() - started < 2.5 + LATE


async def test_a_name_that_is_not_known_is_told_soon(tmp_path: Path) -> None:
    async with unknown_host(tmp_path) as reach, Gateway(reach.url, upstream_allow_http=True) as gateway:
        started = time.monotonic()
        answer = await gateway.ask(READ, {}, Tenant(1).token)
        assert answer.codes("customer") == ["UPSTREAM_UNAVAILABLE"]
        assert time.monotonic() - started < 2.5 + LATE


@pytest.mark.parametrize("fault", ["no-answer", "headers-dripped", "body-dripped"])
async def test_a_stalled_field_ends_at_its_time_and_the_others_are_kept(fault: str) -> None:
    async with FakeUpstream() as upstream, Gateway(upstream.url(), attempt_timeout=1, query_deadline=2) as gateway:
        upstream.plan = Script(FAULTS[fault], [Kind.SHOW])
        token = upstream.tenants[0].token
        document = "{ stalled: customer(id: 7) { email } healthy: customers(first: 1) { nodes { email } } }"
        started = time.monotonic()
        answers = await asyncio.gather(*(gateway.ask(document, {}, token) for _ in range(15)))
        assert 1.0 <= time.monotonic() - started < 1.5 + LATE
        for answer in answers:
            assert answer.codes("stalled") == ["UPSTREAM_TIMEOUT"]
            assert len(answer.data["healthy"]["nodes"]) == 1


async def test_a_rush_of_equal_queries_keeps_to_the_slots() -> None:
    tenants = [Tenant(1), Tenant(2)]
    async with FakeUpstream(tenants) as upstream, Gateway(upstream.url(), max_in_flight=1000) as gateway:
        upstream.delay = 0.05
        asked = [gateway.ask(READ, {}, tenants[number % 2].token) for number in range(500)]
        answers = await asyncio.gather(*asked)
        assert upstream.ledger.opened <= 32
        codes = {code for answer in answers for code in answer.codes("customer")}
        assert codes <= {"OVERLOADED"}
        assert sum(not answer.errors for answer in answers) >= 32


async def test_one_reset_in_twenty_is_hardly_noticed() -> None:
    async with FakeUpstream() as upstream, Gateway(upstream.url()) as gateway:
        upstream.plan = Dice(5, [Strike(FAULTS["reset-before-headers"])], 0.05, Kind)
        document = "query ($id: ID!) { customer(id: $id) { email } }"
        good = 0
        for number in range(400):
            answer = await gateway.ask(document, {"id": str(1 + number % 60)}, upstream.tenants[0].token)
            good += not answer.errors
        assert good >= 0.995 * 400
        assert 400 < len(upstream.ledger.calls) <= 1.2 * 400 + 3
