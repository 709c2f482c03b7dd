"""custgraph with another HTTP client in place of its own wire: `wires.py PORT UPSTREAM aiohttp|httpx|pyreqwest`.

What a client costs inside the gateway, and nothing else: one client with one pool for all callers, without what the
wire has to see to (stale connections, stray bytes, a pool for each credential). So it says what is to be gained, not
what could be shipped.
"""

from __future__ import annotations

import asyncio
import gc
import sys
from functools import partial
from typing import Any

import uvicorn

from custgraph.cli.life import GC_THRESHOLDS
from custgraph.config import Settings
from custgraph.execution import Executor
from custgraph.explorer import load_explorer
from custgraph.gateway import Gateway
from custgraph.http import GraphQLEdge
from custgraph.http.server import Connection
from custgraph.rest import Upstream
from custgraph.rest.wire import Answer
from custgraph.schema import Context, build_blueprint
from custgraph.telemetry import configure_logs


class Aiohttp:
    """aiohttp."""

    def __init__(self) -> None:
        import aiohttp
        import yarl

        self._url = partial(yarl.URL, encoded=True)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0), auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar()
        )

    async def get(self, url: str, headers: dict[str, str]) -> Answer:
        """Sends a GET."""
        async with self._session.get(self._url(url), headers=headers) as response:
            content_type = response.headers.get("content-type", "").encode()
            return Answer(response.status, {b"content-type": content_type}, await response.read())


class Httpx:
    """httpx over httpx-aiohttp."""

    def __init__(self) -> None:
        import httpx
        from httpx_aiohttp import AiohttpTransport

        self._client = httpx.AsyncClient(transport=AiohttpTransport(limits=httpx.Limits(max_connections=None)))

    async def get(self, url: str, headers: dict[str, str]) -> Answer:
        """Sends a GET."""
        response = await self._client.get(url, headers=headers)
        content_type = response.headers.get("content-type", "").encode()
        return Answer(response.status_code, {b"content-type": content_type}, response.content)


class Pyreqwest:
    """pyreqwest: reqwest, in Rust, with a thread of its own."""

    def __init__(self) -> None:
        from pyreqwest.client import ClientBuilder

        self._client = ClientBuilder().build()

    async def get(self, url: str, headers: dict[str, str]) -> Answer:
        """Sends a GET."""
        response = await self._client.get(url).headers(headers).build().send()
        content_type = (response.get_header("content-type") or "").encode()
        return Answer(response.status, {b"content-type": content_type}, bytes(await response.bytes()))


class ClientWire:
    """A wire over one client."""

    def __init__(self, base_url: str, make: type) -> None:
        self.base_url = base_url
        self.make = make
        self.client: Any = None

    def channel(self, credential_header: str) -> ClientChannel:
        """Opens a channel; the client is the same for all."""
        if self.client is None:
            self.client = self.make()
        return ClientChannel(self, credential_header)

    async def aclose(self) -> None:
        """Leaves the client to the end of the process."""


class ClientChannel:
    """The requests of one credential."""

    def __init__(self, wire: ClientWire, credential_header: str) -> None:
        name, _, value = credential_header.partition(": ")
        self._wire = wire
        self._headers = {name: value, "Accept": "application/json", "Accept-Encoding": "identity"}

    async def send(
        self, method: str, target: str, body: bytes | None, request_id: str, extra: str, until: float
    ) -> Answer:
        """Sends one read."""
        if method != "GET" or body is not None or extra:
            raise NotImplementedError("reads alone are measured")
        async with asyncio.timeout_at(until):
            answer: Answer = await self._wire.client.get(
                self._wire.base_url + target, {**self._headers, "X-Request-Id": request_id}
            )
            return answer

    def close_idle(self) -> None:
        """Leaves that to the client."""


def gateway(upstream_url: str, make: type) -> Gateway:
    """Makes the application, as `create_app` does."""
    settings = Settings(upstream_url=upstream_url, log_format="json")
    configure_logs(settings.log_level, settings.log_format, libraries=False)
    upstream = Upstream(settings, wire=ClientWire(upstream_url, make))
    blueprint = build_blueprint(settings)
    executor = Executor(blueprint, settings)
    make_context = partial(Context, upstream)
    edge = GraphQLEdge(executor, make_context, settings, load_explorer(), None, None)
    return Gateway(
        settings=settings,
        blueprint=blueprint,
        executor=executor,
        engine=executor,
        make_context=make_context,
        edge=edge,
        upstream=upstream,
        service=None,
        metrics=None,
    )


def main() -> None:
    """Serves."""
    port, origin, name = sys.argv[1:]
    app = gateway(f"{origin}/api/v1", {"aiohttp": Aiohttp, "httpx": Httpx, "pyreqwest": Pyreqwest}[name])
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)
    quiet = {"log_config": None, "access_log": False, "proxy_headers": False, "server_header": False}
    uvicorn.run(app, port=int(port), http=Connection, loop="uvloop", ws="none", **quiet)


if __name__ == "__main__":
    main()
