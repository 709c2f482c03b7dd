"""Metrics: what is counted, on a port of its own, by bounded labels."""

from __future__ import annotations

import asyncio
import re
import signal
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from custgraph import Settings, create_app
from custgraph.app import Gateway
from custgraph.telemetry.metrics import Metrics
from support.eventually import eventually
from support.served import Served, serving


def samples(text: str) -> dict[str, float]:
    """Every sample by its name and labels."""
    lines = [line.rpartition(" ") for line in text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in lines}


def counted(gateway: Gateway) -> dict[str, float]:
    """What a gateway in this process has counted."""
    from prometheus_client import generate_latest

    assert gateway.metrics is not None
    return samples(generate_latest(gateway.metrics.registry).decode())


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    """A gateway that counts; it was not told to start, which would open the port."""
    gateway = create_app(Settings(embedded_memory=True, metrics_port=0))
    yield gateway
    await gateway.aclose()


async def test_requests_are_counted_by_status(gateway: Gateway) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(gateway), base_url="http://gateway.test") as client:
        await client.post("/graphql", json={"query": "{ __typename }"})
        await client.post("/graphql", content="{}", headers={"Content-Type": "text/plain"})
        await client.post("/graphql", json={"query": "x" * 300_000})
        await client.delete("/graphql")
    counts = {name: value for name, value in counted(gateway).items() if name.startswith("custgraph_requests_total")}
    assert counts == {f'custgraph_requests_total{{status="{status}"}}': 1 for status in (200, 415, 413, 405)}


async def test_operations_are_counted_by_kind_and_first_code(gateway: Gateway) -> None:
    await gateway.execute('{ customer(id: "1") { id } }')
    await gateway.execute('{ customer(id: "x") { id } }')
    await gateway.execute("{ nothing }")
    await gateway.execute('mutation { deleteCustomer(id: "999999") { userErrors { code } } }')
    counts = {name: value for name, value in counted(gateway).items() if name.startswith("custgraph_operations_total")}
    assert counts == {
        'custgraph_operations_total{code="OK",kind="query"}': 1,
        'custgraph_operations_total{code="BAD_USER_INPUT",kind="query"}': 1,
        'custgraph_operations_total{code="GRAPHQL_VALIDATION_FAILED",kind="none"}': 1,
        'custgraph_operations_total{code="OK",kind="mutation"}': 1,
    }


async def test_an_operation_whose_client_goes_counts_as_cancelled(gateway: Gateway) -> None:
    task = asyncio.create_task(gateway.execute("{ customers(first: 200) { totalCount nodes { balance } } }"))
    await eventually(lambda: counted(gateway)["custgraph_operations_in_flight"] == 1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    counts = counted(gateway)
    assert counts['custgraph_operations_total{code="CANCELLED",kind="query"}'] == 1
    assert counts["custgraph_operations_in_flight"] == 0


async def test_upstream_calls_are_counted_by_method_and_outcome(gateway: Gateway) -> None:
    await gateway.execute('{ customer(id: "1") { id } gone: customer(id: "999999") { id } }')
    await gateway.execute("{ customers(first: 1) { nodes { id } } }", token="nobody-knows-it")
    counts = {name: value for name, value in counted(gateway).items() if name.startswith("custgraph_upstream_calls_t")}
    assert counts == {
        'custgraph_upstream_calls_total{method="GET",outcome="2xx"}': 1,
        'custgraph_upstream_calls_total{method="GET",outcome="4xx"}': 2,
    }


async def test_calls_that_fail_are_counted_by_how() -> None:
    gateway = create_app(
        Settings(upstream_url="http://127.0.0.1:9/api/v1", upstream_token="a-token-of-ours", metrics_port=0)
    )
    result = await gateway.execute('{ customer(id: "1") { id } }')
    await gateway.aclose()
    assert result.errors is not None
    assert counted(gateway)['custgraph_upstream_calls_total{method="GET",outcome="connect"}'] == 2


async def test_a_clients_names_make_no_series(gateway: Gateway) -> None:
    await gateway.execute("{ __typename }")
    series = counted(gateway).keys()
    for number in range(300):
        await gateway.execute(f"query Name{number} {{ alias{number}: __typename }}")
    assert counted(gateway).keys() == series
    assert len(series) < 200


def test_without_a_port_nothing_is_counted_or_put_in_between() -> None:
    gateway = create_app(Settings(embedded_memory=True))
    assert gateway.engine is gateway.executor
    assert type(gateway.upstream._wire).__name__ == "HttpxWire"


def test_every_metric_is_described() -> None:
    for family in Metrics().registry.collect():
        assert family.documentation.endswith(".")
        assert family.name.startswith("custgraph_")


@pytest.fixture(params=["1", "2"])
def served(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Served]:
    """Gateways that serve metrics, with one worker and with two."""
    with serving(tmp_path, "--workers", request.param, "-s", f"metrics_port={free_port()}") as served:
        yield served


def free_port() -> int:
    """A port that nobody has taken."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def scraped(served: Served) -> dict[str, float]:
    """What the process serves."""
    url = re.search(r"^Metrics +(\S+)$", served.program.output, re.MULTILINE)
    assert url is not None
    return samples(httpx.get(url[1]).text)


def test_metrics_of_all_workers_are_served_on_a_port_of_their_own(served: Served) -> None:
    for _ in range(20):
        assert httpx.post(served.url, json={"query": "{ __typename }"}).status_code == 200
    assert scraped(served)['custgraph_operations_total{code="OK",kind="query"}'] == 20
    assert httpx.get(f"{served.origin}/metrics").status_code == 404
    served.program.send(signal.SIGTERM)
    assert served.program.wait() == 0
