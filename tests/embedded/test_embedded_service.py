"""The service as an ASGI application: mounts, life cycle, files, concurrency, what all answers have in common."""

from __future__ import annotations

import asyncio
import logging
import re
import sqlite3
import subprocess
import sys
import time
import uuid
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp, Message

from custgraph.embedded import create_service
from custgraph.embedded.calls import Call, CallLog
from custgraph.embedded.database import UnusableDatabase
from custgraph.embedded.sample import sample_data
from custgraph.embedded.service import EmbeddedService
from support.embedded import CRASH, client_of, ids, refusal


async def test_it_serves_under_its_prefix_and_under_any_mount(service: EmbeddedService) -> None:
    mounted = Starlette(routes=[Mount("/api/v1", app=service), Mount("/rest", app=service)])
    outer = Starlette(routes=[Mount("/behind/proxy", app=mounted)])
    places: list[tuple[ASGIApp, str]] = [
        (service, "/api/v1"),
        (mounted, "/api/v1"),
        (mounted, "/rest"),
        (outer, "/behind/proxy/api/v1"),
    ]
    for app, prefix in places:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="https://shop.example") as client:
            token = {"X-Api-Token": service.demo_token}
            with service.calls.record() as calls:
                response = await client.get(f"{prefix}/customers?per_page=1", headers=token)
            assert ids(response) == [1]
            assert response.json()["links"]["self"] == f"https://shop.example{prefix}/customers?per_page=1&page=1"
            related = response.json()["data"][0]["relationships"]["enterprise"]["links"]["related"]
            assert related == f"https://shop.example{prefix}/enterprises/2"
            assert calls[0].path == "/customers"


async def test_calls_are_recorded_while_recording_only(service: EmbeddedService, client: httpx.AsyncClient) -> None:
    await client.get("/customers/1")
    with service.calls.record() as calls:
        await client.get("/customers?q[id_in][]=1")
        await client.delete("/customers/0", headers={"X-Api-Token": "", "Cookie": "_ofn_session_id=farm-session"})
    await client.get("/customers/2")
    assert list(calls) == [
        ("GET", "/customers", "q[id_in][]=1", service.demo_token),
        ("DELETE", "/customers/0", "", "farm-session"),
    ]
    assert calls[-1:] == [calls[1]]
    calls.clear()
    assert len(calls) == 0


def test_the_log_of_calls_is_bounded() -> None:
    log = CallLog()
    with log.record():
        for number in range(10_001):
            log.add(Call("GET", f"/{number}", "", None))
    log.add(Call("GET", "/after", "", None))
    assert (len(log), log[0].path) == (10_000, "/1")


async def test_an_unchanged_answer_is_not_sent_again(client: httpx.AsyncClient) -> None:
    first = await client.get("/customers/1")
    assert first.headers["ETag"].startswith('W/"')
    assert first.headers["Cache-Control"] == "max-age=0, private, must-revalidate"
    again = await client.get("/customers/1", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    await client.put("/customers/1", json={"first_name": "Alicia"})
    changed = await client.get("/customers/1", headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200


async def test_a_refusal_is_not_cacheable(client: httpx.AsyncClient) -> None:
    refused = await client.get("/customers/0")
    assert refused.headers["Cache-Control"] == "no-cache"
    assert "ETag" not in refused.headers
    assert refused.headers["Content-Type"] == "application/json; charset=utf-8"


@pytest.mark.parametrize(("sent", "echo"), [("abc-1_2@x", "abc-1_2@x"), ("a b\tc;d", "abcd"), ("x" * 300, "x" * 255)])
async def test_the_request_id_comes_back(client: httpx.AsyncClient, sent: str, echo: str) -> None:
    assert (await client.get("/customers/0", headers={"X-Request-Id": sent})).headers["X-Request-Id"] == echo


async def test_a_call_without_request_id_gets_one(client: httpx.AsyncClient) -> None:
    assert uuid.UUID((await client.get("/customers")).headers["X-Request-Id"]).version == 4


async def test_a_body_that_is_too_large_is_refused(client: httpx.AsyncClient) -> None:
    headers = {"Content-Type": "application/json"}
    assert (await client.put("/customers/1", content=b" " * 1_048_577, headers=headers)).status_code == 413


async def test_a_fault_of_the_service_is_a_crash_and_is_logged(
    service: EmbeddedService, client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    await service.startup()
    async with service._engine.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE customers RENAME TO lost")
    assert refusal(await client.get("/customers/1?token=secret-key")) == CRASH
    [record] = [record for record in caplog.records if record.name.startswith("custgraph")]
    assert record.levelno == logging.ERROR
    assert "secret-key" not in caplog.text


async def test_it_opens_at_the_first_request_whoever_comes_first(service: EmbeddedService) -> None:
    async with client_of(service, service.demo_token) as client:
        answers = await asyncio.gather(*(client.get(f"/customers/{number}") for number in range(1, 40)))
    assert {answer.status_code for answer in answers} == {200}


async def test_many_readers_and_writers_at_once_each_get_their_own_answer(client: httpx.AsyncClient) -> None:
    async def rename(number: int) -> bool:
        put = await client.put(f"/customers/{number}", json={"first_name": f"N{number}"})
        got = await client.get(f"/customers/{number}")
        names = [answer.json()["data"]["attributes"]["first_name"] for answer in (put, got)]
        return names == [f"N{number}"] * 2

    assert all(await asyncio.gather(*(rename(number) for number in range(1, 101))))


async def test_a_call_that_was_begun_is_carried_through(service: EmbeddedService, client: httpx.AsyncClient) -> None:
    await service.startup()
    with service.calls.record() as calls:
        for number in range(30):
            write = asyncio.create_task(client.put("/customers/1", json={"last_name": f"Write {number}"}))
            while not calls:  # noqa: ASYNC110 - the log of calls tells nobody
                await asyncio.sleep(0)
            # Each is given up one step of the loop later than the one before.
            for _ in range(number):
                await asyncio.sleep(0)
            write.cancel()
            await asyncio.gather(write, return_exceptions=True)
            shown = (await client.get("/customers/1")).json()["data"]["attributes"]
            assert shown["last_name"] == f"Write {number}"
            calls.clear()
    assert (await client.get("/customers")).json()["meta"]["pagination"]["results"] == 1170


async def test_data_survives_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folders" / "data.db"
    for name in ("First", "Second"):
        service = create_service(path)
        await service.startup()
        async with client_of(service, service.demo_token) as client:
            found = (await client.get("/customers?q[last_name_eq]=First")).json()["data"]
            assert len(found) == (0 if name == "First" else 1)
            await client.put("/customers/1", json={"last_name": name})
        await service.aclose()
    assert [file.name for file in path.parent.iterdir()] == ["data.db"]


async def test_memory_is_forgotten(service: EmbeddedService, client: httpx.AsyncClient) -> None:
    await client.put("/customers/1", json={"last_name": "Gone"})
    await service.aclose()
    assert (await client.get("/customers/1")).json()["data"]["attributes"]["last_name"] == "Springs"


async def test_workers_share_one_file(tmp_path: Path) -> None:
    services = [create_service(tmp_path / "data.db") for _ in range(4)]
    await asyncio.gather(*(service.startup() for service in services))
    clients = [client_of(service, service.demo_token) for service in services]
    body = {"enterprise_id": 1, "email": "same@example.com"}
    answers = await asyncio.gather(*(client.post("/customers", json=body) for client in clients * 5))
    assert {answer.json()["data"]["id"] for answer in answers} == {"1201"}
    for client, service in zip(clients, services, strict=True):
        assert (await client.get("/customers/1201")).status_code == 200
        await client.aclose()
        await service.aclose()


async def test_a_start_waits_for_a_lock_on_the_file(tmp_path: Path) -> None:
    locker = sqlite3.connect(tmp_path / "data.db", isolation_level=None)
    locker.execute("BEGIN IMMEDIATE")
    service = create_service(tmp_path / "data.db")
    start = asyncio.create_task(service.startup())
    assert await asyncio.wait([start], timeout=0.1) == (set(), {start})
    locker.execute("ROLLBACK")
    locker.close()
    await start
    async with client_of(service, service.demo_token) as client:
        assert (await client.get("/customers/1")).status_code == 200
    await service.aclose()


def test_processes_that_start_together_fill_the_file_once(tmp_path: Path) -> None:
    program = """
import asyncio, sys
from pathlib import Path
from custgraph.embedded import create_service
async def main():
    service = create_service(Path(sys.argv[1]))
    await service.startup()
    await service.aclose()
asyncio.run(main())
"""
    path = tmp_path / "data.db"
    command = [sys.executable, "-W", "error", "-c", program, str(path)]
    workers = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(4)]  # noqa: S603 - our own program
    assert [(worker.communicate(timeout=60)[1], worker.returncode) for worker in workers] == [("", 0)] * 4
    with sqlite3.connect(path) as connection:
        counted = connection.execute("SELECT count(*), max(id) FROM customers").fetchone()
    connection.close()
    assert counted == (1200, 1200)


async def test_a_file_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("These are notes, and no database. " * 100)
    other = tmp_path / "other.db"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE mine (id)")
    connection.close()
    for path in (text, other, tmp_path, text / "below"):
        service = create_service(path)
        with pytest.raises(UnusableDatabase, match=str(path)):
            await service.startup()
        async with client_of(service, service.demo_token) as client:
            assert refusal(await client.get("/customers")) == CRASH
        await service.aclose()
    assert text.read_text().startswith("These are notes")


async def test_a_start_that_failed_can_be_tried_again(tmp_path: Path) -> None:
    blocker = tmp_path / "data.db"
    blocker.mkdir()
    service = create_service(blocker)
    with pytest.raises(UnusableDatabase):
        await service.startup()
    blocker.rmdir()
    await service.startup()
    await service.aclose()


async def test_it_speaks_lifespan_and_closes_web_sockets(service: EmbeddedService) -> None:
    sent: list[str] = []
    messages = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])

    async def receive() -> Message:
        return next(messages, {"type": "websocket.connect"})

    async def send(message: Message) -> None:
        sent.append(message["type"])

    await service({"type": "lifespan", "app": service, "state": {}}, receive, send)
    await service({"type": "websocket", "path": "/api/v1/customers", "headers": []}, receive, send)
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete", "websocket.close"]


async def test_a_body_that_breaks_off_writes_nothing(service: EmbeddedService, client: httpx.AsyncClient) -> None:
    messages = iter([{"type": "http.request", "body": b'{"last_name": "Half', "more_body": True}])

    async def receive() -> Message:
        return next(messages, {"type": "http.disconnect"})

    async def send(_message: Message) -> None:
        pass

    scope = {
        "type": "http",
        "method": "PUT",
        "path": "/api/v1/customers/1",
        "query_string": b"",
        "headers": [(b"x-api-token", b"demo-token"), (b"content-type", b"application/json")],
    }
    await service(scope, receive, send)
    assert (await client.get("/customers/1")).json()["data"]["attributes"]["last_name"] == "Springs"


def test_importing_the_door_imports_no_database() -> None:
    program = "import sys, custgraph.embedded; print([m for m in ('sqlalchemy', 'starlette') if m in sys.modules])"
    output = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)  # noqa: S603 - our own program
    assert output.stdout == "[]\n"


def test_the_sample_data_is_varied_and_the_same_every_time() -> None:
    begun = time.process_time()
    data = sample_data()
    assert time.process_time() - begun < 0.5
    assert sample_data() == data
    rows = data.customers
    assert (len(data.enterprises), len(rows), sum(not row["visible"] for row in rows)) == (5, 1200, 30)
    assert {row["enterprise_id"] for row in rows} == {1, 2, 3, 4, 5}
    assert len({(row["enterprise_id"], row["email"]) for row in rows}) == 1200
    for varied in ("first_name", "last_name", "code", "terms_and_conditions_accepted_at"):
        assert 0 < sum(row[varied] is None for row in rows) < 700
    addresses = " ".join(row["billing_address"] + row["shipping_address"] for row in rows)
    for form in ("null ", '"latitude":-', '"latitude":"', '"latitude":null', '"region":null', '"country":null'):
        assert form in addresses
    assert min(row["balance_cents"] for row in rows) < 0 < max(row["balance_cents"] for row in rows)
    assert not all(row["first_name"] is None or row["first_name"].isascii() for row in rows)


def test_every_key_could_be_a_real_one(service: EmbeddedService) -> None:
    assert service.tokens[service.demo_token] == (1, 2, 3, 4, 5)
    for key in [*service.tokens, *service.sessions]:
        assert re.fullmatch("[!-~]{8,256}", key)
