"""httpx over aiohttp, for real networks, and what its exceptions mean."""

from __future__ import annotations

import ssl
from collections.abc import Sequence

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from custgraph.rest.httpx_wire import MEANINGS, Meaning, httpx_fault_of
from custgraph.rest.wire import WireFault


def aiohttp_transport(ssl_context: ssl.SSLContext | None, max_headers: int) -> httpx.AsyncBaseTransport:
    """Makes the httpx-aiohttp transport for real networks; without an `ssl_context` it is for http alone.

    Each call has a connection of its own, since this pool would hand one caller's connection to the next.
    """

    def session() -> aiohttp.ClientSession:
        made = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=ssl_context or True, force_close=True, limit=0, use_dns_cache=False),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            max_line_size=max_headers,
            max_field_size=max_headers,
        )
        made._retry_connection = False  # noqa: SLF001 - else aiohttp sends a PUT or DELETE again after a reset
        return made

    return AiohttpTransport(verify=ssl_context or False, client=session)


def aiohttp_fault_of(error: Exception) -> WireFault:
    """Tells what an exception of this transport means.

    httpx-aiohttp reports a server that hung up as `ConnectTimeout`, though the request was sent: what aiohttp itself
    raised, the cause, decides.
    """
    if isinstance(error.__cause__, ssl.SSLError):
        return WireFault("tls", "the peer could not be trusted", sent=False)
    cause = error.__cause__ if isinstance(error.__cause__, aiohttp.ClientError) else error
    if isinstance(cause, aiohttp.ServerDisconnectedError) and not isinstance(cause.message, str):
        return WireFault("truncated", "closed in the middle of the headers", sent=True)
    return httpx_fault_of(cause, (*_AIOHTTP_MEANINGS, *MEANINGS))


_AIOHTTP_MEANINGS: Sequence[Meaning] = (
    (aiohttp.ClientSSLError, "tls", "the peer could not be trusted", False),
    (aiohttp.ConnectionTimeoutError, "unreachable", "no connection in time", False),
    (aiohttp.ServerTimeoutError, "timeout", "no answer in time", True),
    (aiohttp.ClientConnectorError, "connect", "no connection", False),
    (aiohttp.ClientResponseError, "malformed", "not HTTP/1.1", True),
    (aiohttp.ClientPayloadError, "truncated", "the answer broke off", True),
    (aiohttp.ClientError, "reset", "the exchange broke off", True),
)
