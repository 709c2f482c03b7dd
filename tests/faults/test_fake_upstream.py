"""The fake itself: honest where it should be, and each of its faults real on the wire."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
import re
import socket
import ssl
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from support.faults.catalogue import FAULTS
from support.faults.catalogue.words import CANARY
from support.faults.endpoints import ENDPOINTS, Reach, tls_sound
from support.upstream import MARKER, Call, Dice, FakeUpstream, Kind, Script, Strike, Tenant

NO_LENGTH = ("204", "304")
_ENOUGH = 5 << 20
"""Bytes after which a client stops reading."""


@dataclass
class Seen:
    """What a client saw: the bytes, and how they ended (`open`, `closed` or `reset`)."""

    raw: bytes | bytearray
    end: str

    @property
    def status(self) -> int:
        return int(self.raw.split(b" ", 2)[1])

    @property
    def body(self) -> bytes | bytearray:
        return self.raw.partition(b"\r\n\r\n")[2]

    @property
    def head(self) -> bytes | bytearray:
        return self.raw.partition(b"\r\n\r\n")[0]


def _whole(raw: bytearray) -> bool:
    """Whether these bytes hold one answer with a Content-Length."""
    head, empty_line, body = raw.partition(b"\r\n\r\n")
    length = re.search(rb"\r\nContent-Length: ([0-9]+)", head)
    return bool(empty_line) and length is not None and len(body) >= int(length[1])


class Client:
    """One raw connection to the fake."""

    def __init__(self, upstream: FakeUpstream, tenant: int = 0) -> None:
        self._upstream = upstream
        self._token = upstream.tenants[tenant].token
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._sent = 0

    async def ask(self, method: str, path: str, body: object = None, *, more: float = 0.0) -> Seen:
        """Sends one request and reads one answer; with `more`, until the fake closes or is quiet that many seconds."""
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._upstream.port)
        reader, writer = self._streams
        self._sent += 1
        data = b"" if body is None else json.dumps(body).encode()
        head = (
            f"{method} /api/v1{path} HTTP/1.1\r\nHost: 127.0.0.1:{self._upstream.port}\r\n"
            f"X-Api-Token: {self._token}\r\nX-Request-Id: test-{self._sent}\r\nContent-Length: {len(data)}\r\n\r\n"
        )
        writer.write(head.encode() + data)
        raw = bytearray()
        try:
            while len(raw) < _ENOUGH:
                piece = await asyncio.wait_for(reader.read(1 << 20), more or 2)
                if not piece:
                    return Seen(raw, "closed")
                raw += piece
                if not more and _whole(raw):
                    break
            return Seen(raw, "open")
        except TimeoutError:
            return Seen(raw, "open")
        except ConnectionResetError:
            return Seen(raw, "reset")

    async def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            with contextlib.suppress(ConnectionError):
                await self._streams[1].wait_closed()


@contextlib.asynccontextmanager
async def connected(upstream: FakeUpstream, tenant: int = 0) -> Any:
    client = Client(upstream, tenant)
    try:
        yield client
    finally:
        await client.close()


async def ask(fault: str, method: str = "GET", path: str = "/customers/7", body: object = None, **more: float) -> Seen:
    """One call that this fault strikes."""
    async with FakeUpstream() as upstream, connected(upstream) as client:
        upstream.plan = Script(FAULTS[fault], Kind)
        seen: Seen = await client.ask(method, path, body, **more)
        return seen


async def test_the_honest_service_shows_lists_searches_and_sorts() -> None:
    async with FakeUpstream() as upstream, connected(upstream) as client:
        marker = upstream.tenants[0].marker
        show = json.loads((await client.ask("GET", "/customers/7?include=enterprise")).body)
        assert show["data"]["attributes"]["email"] == f"c7.{marker}@shop.test"
        assert show["data"]["attributes"]["balance"] == 12.5
        assert show["included"][0]["attributes"]["name"] == f"Farm {marker}"

        async def ids(query: str) -> list[str]:
            return [row["id"] for row in json.loads((await client.ask("GET", f"/customers?{query}")).body)["data"]]

        assert await ids("q[id_in][]=9&q[id_in][]=4&q[id_in][]=5000") == ["4", "9"]
        assert await ids("q[id_gt]=3&per_page=2") == ["4", "5"]
        assert await ids("q[id_lt]=9&q[s]=id%20desc&per_page=2") == ["8", "7"]
        assert await ids("page=2&per_page=3") == ["4", "5", "6"]
        assert await ids("enterprise_id=3&per_page=2") == ["1", "3"]
        assert await ids("q[id_in][]=0") == []
        assert (await client.ask("GET", "/customers/5000")).status == 404
        assert upstream.ledger.violations == []


async def test_a_wrong_key_is_echoed_and_no_key_sees_an_empty_list() -> None:
    async with FakeUpstream() as upstream, connected(upstream) as client:
        client._token = "wrong-key-1"
        seen = await client.ask("GET", "/customers/7")
        assert (seen.status, b"Invalid API key (wrong-key-1) specified." in seen.body) == (401, True)


async def test_each_applied_write_is_in_the_ledger_once() -> None:
    async with FakeUpstream() as upstream, connected(upstream) as client:
        created = await client.ask("POST", "/customers", {"enterprise_id": 2, "email": "New@Shop.test"})
        id_ = json.loads(created.body)["data"]["id"]
        await client.ask("PUT", f"/customers/{id_}", {"email": "changed@shop.test"})
        await client.ask("DELETE", f"/customers/{id_}")
        assert (await client.ask("DELETE", f"/customers/{id_}")).status == 404
        assert (await client.ask("POST", "/customers", {"enterprise_id": 2, "email": "none"})).status == 422
        assert upstream.ledger.counts() == {"new@shop.test": 1, "changed@shop.test": 2}
        assert [entry.kind for entry in upstream.ledger.applied] == [Kind.CREATE, Kind.UPDATE, Kind.DELETE]


async def test_creating_the_same_pair_again_updates_it() -> None:
    async with FakeUpstream() as upstream, connected(upstream) as client:
        body = {"enterprise_id": 2, "email": "twice@shop.test"}
        first = json.loads((await client.ask("POST", "/customers", body)).body)["data"]["id"]
        second = json.loads((await client.ask("POST", "/customers", {**body, "code": "X"})).body)["data"]["id"]
        assert (first == second, upstream.ledger.times_applied("twice@shop.test")) == (True, 2)


@pytest.mark.parametrize("fault", [name for name in FAULTS if FAULTS[name].applies == (True, False)])
async def test_a_fault_strikes_a_write_before_or_after_it_took_effect(fault: str) -> None:
    for commit in (True, False):
        async with FakeUpstream() as upstream, connected(upstream) as client:
            upstream.plan = Script(FAULTS[fault], [Kind.CREATE], commit=commit)
            asked = asyncio.create_task(client.ask("POST", "/customers", {"enterprise_id": 2, "email": "n1@shop.test"}))
            await upstream.wait_calls(1)
            asked.cancel()
            assert upstream.ledger.times_applied("n1@shop.test") == int(commit)


async def test_a_late_write_takes_effect_after_the_next_read_was_answered() -> None:
    async with FakeUpstream() as upstream:
        upstream.plan = Script(FAULTS["applied-late"], [Kind.CREATE], commit=False)
        async with connected(upstream) as client:
            assert (await client.ask("POST", "/customers", {"enterprise_id": 2, "email": "l@shop.test"})).end == "reset"
        async with connected(upstream) as client:
            read = await client.ask("GET", "/customers?q[email_eq]=l@shop.test")
            assert json.loads(read.body)["data"] == []
            assert upstream.ledger.times_applied("l@shop.test") == 1


async def test_each_tenant_sees_the_same_ids_and_only_its_own_marker() -> None:
    async with FakeUpstream([Tenant(number) for number in range(3)], cookies=True) as upstream:
        for number in range(3):
            async with connected(upstream, number) as client:
                seen = await client.ask("GET", "/customers?per_page=200")
                found = {int(group) for group in MARKER.findall(seen.raw.decode())}
                assert found == {number}


@pytest.mark.parametrize(
    ("fault", "end"),
    [
        ("no-answer", "open"),
        ("stalled-in-body", "open"),
        ("reset-before-headers", "reset"),
        ("closed-before-headers", "closed"),
        ("closed-in-headers", "closed"),
        ("reset-in-body", "reset"),
        ("closed-in-body", "closed"),
        ("closed-in-chunks", "closed"),
        ("closed-after-answer", "closed"),
        ("connection-close", "closed"),
        ("until-close", "closed"),
        ("stray-byte", "open"),
        ("cookie", "open"),
    ],
)
async def test_a_connection_ends_as_its_fault_says(fault: str, end: str) -> None:
    assert (await ask(fault, more=0.2)).end == end


@pytest.mark.parametrize("fault", ["headers-dripped", "body-dripped"])
async def test_a_drip_goes_on_byte_by_byte(fault: str) -> None:
    started = time.monotonic()
    async with FakeUpstream() as upstream, connected(upstream) as client:
        upstream.plan = Script(FAULTS[fault], Kind)
        dripped = asyncio.create_task(client.ask("GET", "/customers/7", more=1))
        done, _ = await asyncio.wait([dripped], timeout=0.5)
        assert (done, time.monotonic() - started >= 0.5) == (set(), True)
        dripped.cancel()


@pytest.mark.parametrize("fault", ["reused-then-reset", "reused-then-closed"])
async def test_only_a_reused_connection_is_cut(fault: str) -> None:
    async with FakeUpstream() as upstream, connected(upstream) as client:
        upstream.plan = Script(FAULTS[fault], Kind)
        assert (await client.ask("GET", "/customers/7")).status == 200
        assert (await client.ask("GET", "/customers/7")).raw == b""


@pytest.mark.parametrize("fault", [name for name in FAULTS if name[:3].isdigit() and name not in ("100", "103", "101")])
async def test_a_status_fault_answers_its_status(fault: str) -> None:
    assert (await ask(fault, more=0.3 if fault in NO_LENGTH else 0)).status == int(fault[:3])


async def test_a_key_is_echoed_plainly_and_escaped() -> None:
    token = Tenant(1).token
    assert token.encode() in (await ask("401-key-echoed")).body
    escaped = (await ask("401-key-escaped")).body
    assert (token.encode() in escaped, token in json.loads(escaped)["errors"][0]["detail"]) == (False, True)


@pytest.mark.parametrize("fault", ["301-another-host", "307-itself"])
async def test_a_followed_redirect_would_be_seen(fault: str) -> None:
    async with FakeUpstream() as upstream, connected(upstream) as client:
        upstream.plan = Script(FAULTS[fault], Kind, times=1)
        location = next(
            line for line in (await client.ask("GET", "/customers/7")).head.decode().split("\r\n") if "Location" in line
        )
        assert location.endswith("/redirected" if fault.startswith("301") else "/customers/7")
        assert f":{upstream.port}/" in location


@pytest.mark.parametrize("fault", [name for name in FAULTS if name.startswith(("json-", "truncated"))])
async def test_an_odd_document_is_no_good_json_document(fault: str) -> None:
    """Python's reader is lenient, so what it lets pass is named here."""
    body = (await ask(fault)).body
    lenient = {
        "json-array", "json-scalar", "json-null", "json-no-data", "json-data-null", "json-data-text", "json-nan",
        "json-list-for-one", "json-duplicate-keys", "json-infinity", "json-huge-float", "json-surrogate", "json-utf-16",
        "json-bom",
    }  # fmt: skip
    try:
        json.loads(body)
    except (ValueError, RecursionError):
        assert fault not in lenient
    else:
        assert fault in lenient


@pytest.mark.parametrize("fault", [name for name in FAULTS if name.startswith("row-")])
async def test_a_bad_row_is_one_row_of_its_list(fault: str) -> None:
    async with FakeUpstream() as upstream, connected(upstream) as client:
        honest = json.loads((await client.ask("GET", "/customers?per_page=50")).body)["data"]
        upstream.plan = Script(FAULTS[fault], Kind)
        rows = json.loads((await client.ask("GET", "/customers?per_page=50")).body)["data"]
    assert (len(rows), rows[0] == honest[0], rows[1:] == honest[1:]) == (50, False, True)


async def test_sizes_and_encodings_are_what_they_say() -> None:
    assert len((await ask("oversized")).body) > 3 << 20
    assert len((await ask("endless")).raw) >= _ENOUGH
    bomb = await ask("gzip-bomb")
    assert (len(bomb.body) < 1 << 17, len(gzip.decompress(bomb.body)) > 50 << 20) == (True, True)
    assert b"Content-Encoding: gzip" in (await ask("gzip")).head


@pytest.mark.parametrize(
    ("fault", "seen"),
    [
        ("length-and-chunked", b"Transfer-Encoding: chunked"),
        ("two-lengths", b"Content-Length: 3\r\n"),
        ("negative-length", b"Content-Length: -1"),
        ("bad-chunk-size", b"zz\r\n"),
        ("stray-answer", CANARY.encode()),
        ("stray-answer-later", CANARY.encode()),
        ("wrong-request-id", b"X-Request-Id: someone-elses-1"),
        ("another-tenants-reply", b"mk999zq"),
        ("cookie", b"Set-Cookie: _ofn_session_id=session-of-"),
        ("header-nul", b"\x00"),
        ("100", b"HTTP/1.1 100"),
        ("103", b"HTTP/1.1 103"),
        ("101", b"HTTP/1.1 101"),
        ("http-1.0", b"HTTP/1.0 200"),
        ("chunked", b"X-Trailer"),
    ],
)
async def test_a_framing_fault_is_on_the_wire(fault: str, seen: bytes) -> None:
    assert seen in (await ask(fault, more=0.1)).raw


async def test_one_seed_is_one_run_whatever_the_order() -> None:
    strikes = [Strike(FAULTS["503-json"]), Strike(FAULTS["no-answer"])]
    calls = [Call(1, "GET", f"/api/v1/customers/{id_}", (), b"") for id_ in range(1, 200)]
    drawn = [{call.target: dice(call) for call in order} for dice, order in (
        (Dice(7, strikes, 0.3, [Kind.SHOW]), calls), (Dice(7, strikes, 0.3, [Kind.SHOW]), calls[::-1]))]  # fmt: skip
    other = Dice(8, strikes, 0.3, [Kind.SHOW])
    assert drawn[0] == drawn[1] != {call.target: other(call) for call in calls}
    assert 30 < sum(strike is not None for strike in drawn[0].values()) < 90


async def test_what_no_gateway_should_send_is_noted() -> None:
    async with FakeUpstream() as upstream, connected(upstream) as client:
        await client.ask("GET", "/customers?token=x")
        client._token += "\r\nCookie: a=b\r\nAuthorization: Basic eA=="
        await client.ask("GET", "/linked/enterprises/2")
        assert upstream.ledger.violations == [
            "a token in the query",
            "authorization was sent",
            "cookie was sent",
            "an unknown call: GET /api/v1/linked/enterprises/2",
        ]


async def reach(point: Reach) -> str:
    """What a plain client of the standard library meets there."""
    scheme, rest = point.url.split("://")
    host, _, port = rest.partition("/")[0].partition(":")
    context = ssl.create_default_context(cafile=point.ca_file) if scheme == "https" else None
    try:
        async with asyncio.timeout(0.3):
            _, writer = await asyncio.open_connection(host, int(port or 80), ssl=context)
    except TimeoutError:
        return "silence"
    except OSError as error:
        return getattr(error, "verify_message", "") or type(error).__name__
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return "reached"


@pytest.mark.parametrize(
    ("name", "met"),
    [
        ("refused", "ConnectionRefusedError"),
        ("black-holed", "silence"),
        ("dns", "gaierror"),
        ("tls-expired", "certificate has expired"),
        ("tls-wrong-host", "Hostname mismatch, certificate is not valid for 'localhost'."),
        ("tls-untrusted", "unable to get local issuer certificate"),
        ("tls-absent", "SSLError"),
        ("tls-cut", "ConnectionResetError"),
        ("tls-silent", "silence"),
    ],
)
async def test_an_endpoint_cannot_be_reached_as_it_says(name: str, met: str, tmp_path: Path) -> None:
    async with ENDPOINTS[name][1](tmp_path) as point:
        assert await reach(point) == met


async def test_the_endpoint_with_sound_tls_is_reached(tmp_path: Path) -> None:
    async with tls_sound(tmp_path) as point:
        assert await reach(point) == "reached"


async def test_a_stopped_fake_refuses_and_listens_again_on_the_same_port() -> None:
    async with FakeUpstream() as upstream:
        port = upstream.port
        await upstream.stop()
        with pytest.raises(ConnectionRefusedError), socket.socket() as probe:
            probe.connect(("127.0.0.1", port))
        await upstream.start()
        async with connected(upstream) as client:
            assert (upstream.port, (await client.ask("GET", "/customers/7")).status) == (port, 200)
