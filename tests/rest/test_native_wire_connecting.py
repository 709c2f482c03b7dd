"""How the native wire connects: names, refusals, TLS."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest
import trustme
import uvloop

from custgraph.rest.native_wire import NativeWire
from support.asking import ANSWER, ask, fault_of
from support.rawserver import RawServer

MakeWire = Callable[..., NativeWire]


async def test_a_refused_connection_sent_nothing(make_wire: MakeWire) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        channel = make_wire(f"http://127.0.0.1:{taken.getsockname()[1]}/api/v1").channel("X-Api-Token: k")
        assert await fault_of(channel, method="PUT") == ("connect", False)


async def test_the_hosts_name_is_looked_up_for_every_connection(server: RawServer, make_wire: MakeWire) -> None:
    server.says(ANSWER)
    channel = make_wire(f"http://localhost:{server.port}/api/v1", keepalive=0.02).channel("X-Api-Token: secret-key")
    loop = asyncio.get_running_loop()
    looked_up, look_up = [], loop.getaddrinfo

    async def counted(host: str, *args: object, **how: object) -> object:
        looked_up.append(host)
        return await look_up(host, *args, **how)  # type: ignore[arg-type]

    loop.getaddrinfo = counted  # type: ignore[method-assign, assignment]
    for _ in range(3):
        await ask(channel, method="DELETE")
    assert looked_up == ["localhost"] * 3


async def test_an_unknown_host_sent_nothing(make_wire: MakeWire) -> None:
    channel = make_wire("http://custgraph-test.invalid/api/v1").channel("X-Api-Token: k")
    assert await fault_of(channel) == ("connect", False)


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.mark.parametrize(
    ("host", "trusted", "kind"),
    [("localhost", True, None), ("elsewhere.test", True, "tls"), ("localhost", False, "tls")],
    ids=["sound", "another host's", "untrusted"],
)
async def test_tls_carries_answers_only_from_whom_it_was_meant_for(
    make_wire: MakeWire, authority: trustme.CA, tmp_path: Path, host: str, trusted: bool, kind: str | None
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(host).configure_cert(context)
    ca_file = tmp_path / "ca.pem"
    (authority if trusted else trustme.CA()).cert_pem.write_to_path(str(ca_file))
    server = RawServer()
    server.says(ANSWER, ANSWER)
    running = await server.run(context)
    try:
        wire = make_wire(
            f"https://localhost:{server.port}/api/v1", ssl.create_default_context(cafile=str(ca_file)), keepalive=0.5
        )
        channel = wire.channel("X-Api-Token: secret-key")
        if kind is None:
            assert [(await ask(channel)).status for _ in range(2)] == [200, 200]
            assert server.connections == 1
            await wire.aclose()
        else:
            assert await fault_of(channel, method="PUT") == (kind, False)
            assert server.heads == []
    finally:
        await server.close(running)


def test_all_of_it_holds_on_uvloop() -> None:
    async def main() -> tuple[int, int, tuple[str, bool]]:
        server = RawServer()
        server.says(ANSWER, ANSWER, ANSWER[:-1])
        running = await server.run()
        wire = NativeWire(
            server.url,
            None,
            connect_timeout=2,
            write_timeout=5,
            keepalive=5,
            max_idle=8,
            max_body=1000,
            max_headers=1000,
        )
        channel = wire.channel("X-Api-Token: secret-key")
        statuses = [(await ask(channel)).status for _ in range(2)]
        fault = await fault_of(channel, seconds=0.1)
        connections = server.connections
        await wire.aclose()
        await server.close(running)
        return sum(statuses), connections, fault

    assert uvloop.run(main()) == (400, 1, ("timeout", True))
