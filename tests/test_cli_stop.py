"""How a serving process stops: what is under way is finished, what cannot be is named."""

from __future__ import annotations

import asyncio
import json
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from support.served import Served, serving
from support.upstream import READS, WRITES, Exchange, FakeUpstream, Fault, Script

MUTATION = "mutation ($input: CreateCustomerInput!) { createCustomer(input: $input) { customer { email } } }"
STOPS = [signal.SIGTERM, signal.SIGINT]


class Held:
    """An upstream whose writes, or reads, take effect at once and are answered only when they are let go."""

    def __init__(self, upstream: FakeUpstream) -> None:
        self.upstream = upstream
        self.go = asyncio.Event()

    def hold(self, kinds: Any) -> None:
        """Holds the answers to these kinds of calls."""

        async def run(exchange: Exchange) -> bool:
            await self.go.wait()
            return await exchange.send(exchange.reply.wire())

        self.upstream.plan = Script(Fault("held", "answers later", run), kinds)


@pytest.fixture
async def held() -> AsyncIterator[Held]:
    async with FakeUpstream() as upstream:
        yield Held(upstream)


Serve = Callable[..., Served]


@pytest.fixture
async def serve(held: Held, tmp_path: Path) -> AsyncIterator[Callable[..., Any]]:
    """Starts gateways over the upstream."""
    async with AsyncExitStack() as stack:

        async def start(**settings: str) -> Served:
            context = serving(tmp_path, "--upstream", held.upstream.url(), settings=settings)
            served = await asyncio.to_thread(context.__enter__)
            stack.push_async_callback(asyncio.to_thread, context.__exit__, None, None, None)
            return served

        yield start


async def create(client: httpx.AsyncClient, url: str, number: int) -> httpx.Response:
    """Creates one customer."""
    variables = {"input": {"enterpriseId": "2", "email": f"new{number}@shop.test"}}
    headers = {"X-Request-Id": f"create-{number}"}
    return await client.post(url, json={"query": MUTATION, "variables": variables}, headers=headers)


async def refused(url: str) -> None:
    """Asks until connections are refused; whatever is answered before that says that the process is not ready."""
    async with asyncio.timeout(5):
        while True:
            async with httpx.AsyncClient() as other:
                try:
                    assert (await other.get(url)).status_code == 503
                except httpx.ConnectError:
                    return
                except httpx.TransportError:  # it was still in the port's queue
                    continue


def client(held: Held) -> httpx.AsyncClient:
    """A client with a tenant's key."""
    return httpx.AsyncClient(headers={"X-Api-Token": held.upstream.tenants[0].token}, timeout=60)


def events(served: Served) -> list[dict[str, Any]]:
    """The lines of the log."""
    return [json.loads(line) for line in served.program.output.splitlines() if line.startswith("{")]


@pytest.mark.parametrize("stop", STOPS)
async def test_mutations_under_way_are_finished_and_answered(
    stop: signal.Signals, held: Held, serve: Callable[..., Any]
) -> None:
    served = await serve()
    held.hold(WRITES)
    async with client(held) as caller:
        answers = [asyncio.create_task(create(caller, served.url, number)) for number in range(10)]
        await held.upstream.wait_calls(10)
        served.program.send(stop)
        await asyncio.to_thread(served.program.wait_for, '"event":"stopping"')
        held.go.set()
        emails = [
            answer.json()["data"]["createCustomer"]["customer"]["email"] for answer in await asyncio.gather(*answers)
        ]
    assert emails == [f"new{number}@shop.test" for number in range(10)]
    assert set(held.upstream.ledger.counts().values()) == {1}
    assert await asyncio.to_thread(served.program.wait) == 0
    assert events(served)[-1]["event"] == "stopped"


async def test_a_write_whose_client_has_gone_is_finished_before_the_end(held: Held, serve: Callable[..., Any]) -> None:
    served = await serve()
    held.hold(WRITES)
    async with client(held) as caller:
        answer = asyncio.create_task(create(caller, served.url, 1))
        await held.upstream.wait_calls(1)
        answer.cancel()
    served.program.send(signal.SIGTERM)
    await asyncio.to_thread(served.program.wait_for, '"event":"stopping"')
    held.go.set()
    assert await asyncio.to_thread(served.program.wait) == 0
    assert held.upstream.ledger.times_applied("new1@shop.test") == 1
    assert [event for event in events(served) if event["event"] == "write cut off"] == []


async def test_new_connections_are_refused_while_it_stops(held: Held, serve: Callable[..., Any]) -> None:
    served = await serve()
    held.hold(READS)
    async with client(held) as caller:
        answer = asyncio.create_task(caller.post(served.url, json={"query": '{ customer(id: "1") { id } }'}))
        await held.upstream.wait_calls(1)
        served.program.send(signal.SIGTERM)
        await asyncio.to_thread(served.program.wait_for, '"event":"stopping"')
        await refused(f"{served.origin}/readyz")
        held.go.set()
        assert (await answer).json() == {"data": {"customer": {"id": "1"}}}


@pytest.mark.parametrize("stop", STOPS)
async def test_a_second_signal_ends_it_at_once_and_names_the_writes_it_cuts_off(
    stop: signal.Signals, held: Held, serve: Callable[..., Any]
) -> None:
    served = await serve()
    held.hold(WRITES)
    async with client(held) as caller:
        answers = [asyncio.create_task(create(caller, served.url, number)) for number in range(3)]
        await held.upstream.wait_calls(3)
        served.program.send(stop)
        await asyncio.to_thread(served.program.wait_for, '"event":"stopping"')
        served.program.send(stop)
        assert await asyncio.to_thread(served.program.wait) == 1
        outcomes = await asyncio.gather(*answers, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [httpx.RemoteProtocolError] * 3
    cut_off = {event["request_id"] for event in events(served) if event["event"] == "write cut off"}
    assert cut_off == {"create-0", "create-1", "create-2"}


async def test_at_the_limit_it_ends_and_names_the_writes_it_cuts_off(held: Held, serve: Callable[..., Any]) -> None:
    served = await serve(drain_timeout="1")
    held.hold(WRITES)
    async with client(held) as caller:
        answer = asyncio.create_task(create(caller, served.url, 1))
        await held.upstream.wait_calls(1)
        served.program.send(signal.SIGTERM)
        assert await asyncio.to_thread(served.program.wait, 10) == 1
        await asyncio.gather(answer, return_exceptions=True)
    cut_off = [event["request_id"] for event in events(served) if event["event"] == "write cut off"]
    assert cut_off == ["create-1"]


async def test_with_nothing_under_way_it_ends_in_less_than_a_second(serve: Callable[..., Any]) -> None:
    served = await serve()
    async with httpx.AsyncClient() as caller:
        assert (await caller.get(f"{served.origin}/livez")).status_code == 200  # and keeps its connection open
        started = time.monotonic()
        served.program.send(signal.SIGTERM)
        assert await asyncio.to_thread(served.program.wait) == 0
    assert time.monotonic() - started < 1


async def test_signals_that_come_after_the_end_of_all_work_change_nothing(serve: Callable[..., Any]) -> None:
    served = await serve()
    served.program.send(signal.SIGINT)
    await asyncio.to_thread(served.program.wait_for, '"event":"stopped"')
    while not served.program.has_ended:
        for stop in STOPS:
            served.program.send(stop)
    assert await asyncio.to_thread(served.program.wait) == 0
    assert "Traceback" not in served.program.output
    assert events(served)[-1]["event"] == "stopped"
