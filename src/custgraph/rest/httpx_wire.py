"""The wire over an httpx transport: the embedded service's, a test's, or httpx-aiohttp for real networks.

Only the transport is used, not httpx's client: no cookie jar, no redirects, no log lines with URLs in them.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from custgraph.rest.wire import KEPT_HEADERS, SAME_HEADERS, Answer, FaultKind, Method, WireFault, check_headers


class HttpxWire:
    """Sends through one httpx transport.

    Args:
        transport: carries the requests; it must keep callers apart by itself.
        base_url: without a slash at its end.
        connect_timeout: seconds to connect, DNS and TLS included, where the transport connects.
        max_body: most bytes of an answer's body.
        max_headers: most bytes of an answer's headers.
        check_request_id: whether an echoed `X-Request-Id` must be the one sent.
    """

    def __init__(
        self,
        transport: httpx.AsyncBaseTransport,
        base_url: str,
        *,
        connect_timeout: float,
        max_body: int,
        max_headers: int,
        check_request_id: bool = True,
    ) -> None:
        self.transport = transport
        self.base_url = base_url
        self.connect_timeout = connect_timeout
        self.max_body = max_body
        self.max_headers = max_headers
        self.check_request_id = check_request_id

    def channel(self, credential_header: str) -> HttpxChannel:
        """Opens a channel; the transport is shared."""
        return HttpxChannel(self, credential_header)

    async def aclose(self) -> None:
        """Closes the transport."""
        await self.transport.aclose()


class HttpxChannel:
    """One credential's way through a shared transport."""

    __slots__ = ("_headers", "_wire")

    def __init__(self, wire: HttpxWire, credential_header: str) -> None:
        self._wire = wire
        self._headers = _header_list(f"{SAME_HEADERS}{credential_header}\r\n")

    async def send(
        self, method: Method, target: str, body: bytes | None, request_id: str, extra: str, until: float
    ) -> Answer:
        """Sends one request; see `Channel.send`."""
        headers = [*self._headers, ("X-Request-Id", request_id), *_header_list(extra)]
        if body is not None:
            headers.append(("Content-Type", "application/json"))
        left = max(until - asyncio.get_running_loop().time(), 0.001)
        # A little less than all: so that it is known whether the time ran out before anything was sent.
        connect = min(0.95 * left, self._wire.connect_timeout)
        request = httpx.Request(
            method,
            self._wire.base_url + target,
            headers=headers,
            content=body,
            extensions={"timeout": {"connect": connect, "read": left, "write": left, "pool": connect}},
        )
        if not str(request.url).startswith(self._wire.base_url):
            raise WireFault("malformed", "the URL left the base URL", sent=False)
        with _faults():
            async with asyncio.timeout_at(until):
                return await self._exchange(request, request_id)

    async def _exchange(self, request: httpx.Request, request_id: str) -> Answer:
        response = await self._wire.transport.handle_async_request(request)
        try:
            headers = _kept(response.headers.raw, self._wire.max_headers)
            check_headers(headers, request_id if self._wire.check_request_id else None)
            return Answer(response.status_code, headers, await self._body(response))
        finally:
            await response.aclose()

    async def _body(self, response: httpx.Response) -> bytes:
        if not isinstance(response.stream, httpx.AsyncByteStream):
            raise TypeError("the transport is not asynchronous")
        chunks = bytearray()
        async for chunk in response.stream:  # as it came: never decompressed
            chunks += chunk
            if len(chunks) > self._wire.max_body:
                raise WireFault("malformed", "the answer is too large", sent=True)
        length = response.headers.get("content-length")
        if length is not None and length != str(len(chunks)):
            raise WireFault("truncated", "the body is not as long as said", sent=True)
        return bytes(chunks)

    def close_idle(self) -> None:
        """Does nothing: connections are the transport's."""


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


def _header_list(lines: str) -> list[tuple[str, str]]:
    return [(name, value) for name, _, value in (line.partition(": ") for line in lines.split("\r\n") if line)]


def _kept(raw: list[tuple[bytes, bytes]], max_bytes: int) -> dict[bytes, bytes]:
    kept: dict[bytes, bytes] = {}
    size = 0
    for name, value in raw:
        size += len(name) + len(value) + 4
        lower = name.lower()
        if lower in KEPT_HEADERS:
            if lower in kept:
                raise WireFault("malformed", "a header came twice", sent=True)
            kept[lower] = value
    if size > max_bytes:
        raise WireFault("malformed", "the headers are too large", sent=True)
    encoding = kept.get(b"transfer-encoding")
    if encoding is not None and b"content-length" in kept:
        raise WireFault("malformed", "the answer is framed in two ways", sent=True)
    if encoding is not None and encoding.lower() != b"chunked":
        raise WireFault("malformed", "an unknown transfer encoding", sent=True)
    return kept


@contextmanager
def _faults() -> Iterator[None]:
    """Turns what a transport raises into a `WireFault`.

    httpx-aiohttp reports a server that hung up as `ConnectTimeout`, though the request was sent: what aiohttp itself
    raised, the cause, decides.
    """
    try:
        yield
    except WireFault:
        raise
    except TimeoutError:
        raise WireFault("timeout", "no answer in time", sent=True) from None
    except (httpx.HTTPError, aiohttp.ClientError) as error:
        raise _fault_of(error) from None
    except Exception as error:  # noqa: BLE001 - an ASGI application may raise anything; it was reached: sent
        raise WireFault("reset", f"the transport failed: {type(error).__name__}", sent=True) from None


_MEANINGS: tuple[tuple[type[BaseException], FaultKind, str, bool], ...] = (
    (aiohttp.ClientSSLError, "tls", "the peer could not be trusted", False),
    (ssl.SSLError, "tls", "the peer could not be trusted", False),
    (aiohttp.ConnectionTimeoutError, "unreachable", "no connection in time", False),
    (aiohttp.ServerTimeoutError, "timeout", "no answer in time", True),
    (aiohttp.ClientConnectorError, "connect", "no connection", False),
    (aiohttp.ClientResponseError, "malformed", "not HTTP/1.1", True),
    (aiohttp.ClientPayloadError, "truncated", "the answer broke off", True),
    (aiohttp.ClientError, "reset", "the exchange broke off", True),
    (httpx.ConnectTimeout, "unreachable", "no connection in time", False),
    (httpx.ConnectError, "connect", "no connection", False),
    (httpx.PoolTimeout, "connect", "no connection", False),
    (httpx.UnsupportedProtocol, "connect", "no connection", False),
    (httpx.TimeoutException, "timeout", "no answer in time", True),
    (httpx.RemoteProtocolError, "malformed", "not HTTP", True),
    (httpx.DecodingError, "malformed", "not HTTP", True),
)
"""What exceptions mean, and whether a byte may have been sent; the first that fits decides."""


def _fault_of(error: Exception) -> WireFault:
    cause = error.__cause__ if isinstance(error.__cause__, aiohttp.ClientError | ssl.SSLError) else error
    if isinstance(cause, aiohttp.ServerDisconnectedError) and not isinstance(cause.message, str):
        return WireFault("truncated", "closed in the middle of the headers", sent=True)
    for meant, kind, note, sent in _MEANINGS:
        if isinstance(cause, meant):
            return WireFault(kind, note, sent=sent)
    return WireFault("reset", "the exchange broke off", sent=True)
