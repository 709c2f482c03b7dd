"""The application as a whole: mounted anywhere, with and without its life cycle, and as it drains."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog
from starlette.applications import Starlette
from starlette.routing import Mount

import custgraph
from custgraph import Settings, create_app
from custgraph.app import CannotStart, Gateway
from custgraph.config import SettingsError
from custgraph.embedded import create_service

ONE = {"query": '{ customer(id: "1") { email } }'}
ALICE = {"data": {"customer": {"email": "alice@example.com"}}}


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    """A gateway over data of its own."""
    gateway = create_app(Settings(embedded_memory=True))
    yield gateway
    await gateway.aclose()


@asynccontextmanager
async def client(app: Any) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an application in this process."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway.test") as client:
        yield client


def test_the_door_has_three_names() -> None:
    assert sorted(custgraph.__all__) == ["Settings", "__version__", "create_app"]
    with pytest.raises(AttributeError, match="module 'custgraph' has no attribute 'nothing'"):
        _ = custgraph.nothing  # type: ignore[attr-defined]  # that is what is tested


async def test_graphql_and_rest_are_served_side_by_side(gateway: Gateway) -> None:
    async with client(gateway) as caller:
        assert (await caller.post("/graphql", json=ONE)).json() == ALICE
        answer = await caller.get("/api/v1/customers/1", headers={"X-Api-Token": str(gateway.demo_token)})
        assert answer.json()["data"]["attributes"]["email"] == "alice@example.com"


@pytest.mark.parametrize("prefix", ["/shop", "/shop/api"])
async def test_it_is_mounted_under_any_prefix(gateway: Gateway, prefix: str) -> None:
    outer = Starlette(routes=[Mount(prefix, gateway)], lifespan=gateway.router.lifespan_context)
    async with outer.router.lifespan_context(outer), client(outer) as caller:
        assert (await caller.post(f"{prefix}/graphql", json=ONE)).json() == ALICE
        assert (await caller.get(f"{prefix}/readyz")).status_code == 200
        page = await caller.get(f"{prefix}/graphql", headers={"Accept": "text/html"})
        asset = page.text.partition('src="')[2].partition('"')[0]
        assert (await caller.get(f"{prefix}/{asset}")).status_code == 200
        assert (await caller.get(f"{prefix}/", follow_redirects=True)).url.path == f"{prefix}/graphql"
        answer = await caller.get(f"{prefix}/api/v1/customers/1", headers={"X-Api-Token": "demo-token"})
        link = answer.json()["data"]["relationships"]["enterprise"]["links"]["related"]
        assert link.startswith(f"http://gateway.test{prefix}/api/v1/enterprises/")


async def test_a_host_that_takes_the_prefix_off_the_path_is_as_good(gateway: Gateway) -> None:
    async def host(scope: Any, receive: Any, send: Any) -> None:
        scope = {**scope, "root_path": "/shop", "path": scope["path"].removeprefix("/shop")}
        await gateway(scope, receive, send)

    async with client(host) as caller:
        assert (await caller.post("/shop/graphql", json=ONE)).json() == ALICE


async def test_a_host_that_runs_no_life_cycle_is_served_all_the_same(gateway: Gateway) -> None:
    outer = Starlette(routes=[Mount("/shop", gateway)])
    async with client(outer) as caller:
        assert (await caller.post("/shop/graphql", json=ONE)).json() == ALICE


async def test_two_gateways_in_one_process_share_nothing(gateway: Gateway) -> None:
    other = create_app(Settings(embedded_memory=True))
    rename = 'mutation { updateCustomer(id: "1", input: { firstName: "Ada" }) { customer { firstName } } }'
    assert (await other.execute(rename)).data == {"updateCustomer": {"customer": {"firstName": "Ada"}}}
    assert (await gateway.execute('{ customer(id: "1") { firstName } }')).data == {"customer": {"firstName": "Alice"}}
    await other.aclose()


@pytest.mark.parametrize("path", ["/nothing", "/graphql/", "/graphql/nothing", "/metrics", "/api/v2/customers"])
async def test_what_is_not_there_is_a_json_404(gateway: Gateway, path: str) -> None:
    async with client(gateway) as caller:
        answer = await caller.get(path)
    assert answer.status_code == 404
    assert answer.json()["errors"][0]["extensions"]["code"] == "NOT_FOUND"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "path", ["/graphql", "/graphql/assets/x", "/livez", "/readyz", "/nothing", "/api/v1/customers"]
)
async def test_there_is_no_websocket_anywhere(gateway: Gateway, path: str) -> None:
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "websocket", "path": path, "root_path": "", "headers": [], "query_string": b"", "subprotocols": []}
    await gateway(scope, receive, send)
    assert [message["type"] for message in sent] == ["websocket.close"]


async def test_while_it_drains_it_is_alive_not_ready_and_takes_nothing_new(gateway: Gateway) -> None:
    async with client(gateway) as caller:
        gateway.drain()
        assert (await caller.get("/livez")).status_code == 200
        ready = await caller.get("/readyz")
        assert (ready.status_code, ready.json()) == (503, {"status": "draining"})
        refused = await caller.post("/graphql", json=ONE)
        assert refused.status_code == 503
        assert refused.headers["retry-after"] == "1"
        assert refused.json()["errors"][0]["extensions"]["code"] == "SHUTTING_DOWN"


async def test_the_end_waits_for_what_is_under_way(gateway: Gateway) -> None:
    async with client(gateway) as caller:
        asked = asyncio.create_task(caller.post("/graphql", json=ONE))
        async with asyncio.timeout(5):
            while not gateway.edge.gate.in_flight:  # noqa: ASYNC110 - it has no event of its own
                await asyncio.sleep(0)
        await gateway.aclose()
        assert (await asked).json() == ALICE
    assert (gateway.unsettled, gateway.out_of_time) == ((), False)


async def test_settings_are_read_by_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CUSTGRAPH_EMBEDDED_MEMORY", "true")
    monkeypatch.setenv("CUSTGRAPH_MAX_DEPTH", "7")
    gateway = create_app()
    assert gateway.settings.max_depth == 7
    for _ in range(4):  # from the second time on it is compiled
        assert (await gateway.execute('{ customer(id: "1") { email } }')).data == ALICE["data"]
    await gateway.aclose()


async def test_a_service_of_the_hosts_own_can_be_asked() -> None:
    service = create_service(None, documented_only=True)
    gateway = create_app(Settings(), service=service)
    assert gateway.service is service
    result = await gateway.execute('{ customers(search: "alice") { nodes { id } } }')
    assert result.errors is not None
    assert result.errors[0]["extensions"]["code"] == "UPSTREAM_ERROR"
    await gateway.aclose()


async def test_a_configured_token_goes_before_the_demo_token() -> None:
    gateway = create_app(Settings(embedded_memory=True, upstream_token="farm-manager"))
    result = await gateway.execute("{ customers(first: 200) { nodes { enterprise { name } } } }")
    assert result.data is not None
    assert {node["enterprise"]["name"] for node in result.data["customers"]["nodes"]} == {"The Farm"}
    await gateway.aclose()


async def test_over_a_real_upstream_nobody_is_let_in_without_a_key() -> None:
    gateway = create_app(Settings(upstream_url="https://shop.example/api/v1"))
    assert (gateway.service, gateway.demo_token) == (None, None)
    result = await gateway.execute('{ customer(id: "1") { email } }')
    assert result.errors is not None
    assert result.errors[0]["extensions"]["code"] == "UNAUTHENTICATED"
    await gateway.aclose()


async def test_a_database_that_cannot_be_used_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no database")
    gateway = create_app(Settings(embedded_data=str(tmp_path / "notes.txt")))
    with pytest.raises(CannotStart, match=r"notes\.txt cannot be used as the embedded database"):
        await gateway.startup()
    await gateway.aclose()


def test_nothing_is_imported_for_a_wire_that_is_not_used() -> None:
    program = """if True:
        import sys
        from custgraph import Settings, create_app
        create_app(Settings(embedded_memory=True))
        create_app(Settings(upstream_url="https://shop.example/api/v1"))
        print("aiohttp" in sys.modules)
        create_app(Settings(upstream_url="https://shop.example/api/v1", upstream_wire="httpx"))
        print("aiohttp" in sys.modules)
    """
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)  # noqa: S603
    assert ran.stdout.split() == ["False", "True"]


def test_a_broken_trusted_document_stops_the_start_by_name(tmp_path: Path) -> None:
    (tmp_path / "broken.graphql").write_text("{ nothing }")
    with pytest.raises(SettingsError, match=r"^CUSTGRAPH_DOCUMENTS: /.*/broken\.graphql"):
        create_app(Settings(embedded_memory=True, documents=(str(tmp_path),)))


def test_a_host_that_has_configured_structlog_keeps_it() -> None:
    before = structlog.get_config()
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    mine = structlog.get_config()["logger_factory"]
    try:
        create_app(Settings(embedded_memory=True))
        assert structlog.get_config()["logger_factory"] is mine
    finally:
        structlog.configure(**before)
