"""The wire over an httpx transport: the embedded service's, a test's, or that of `aiohttp_transport`.

Only the transport is used, not httpx's client: no cookie jar, no redirects, no log lines with URLs in them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import httpx

from custgraph.rest import headers
from custgraph.rest.wire import Answer, FaultKind, Method, WireFault

Meaning = tuple[type[BaseException], FaultKind, str, bool]
"""An exception, what it means, and whether a byte of the request may have been sent."""

MEANINGS: Sequence[Meaning] = (
    (httpx.ConnectTimeout, "unreachable", "no connection in time", False),
    (httpx.ConnectError, "connect", "no connection", False),
    (httpx.PoolTimeout, "connect", "no connection", False),
    (httpx.UnsupportedProtocol, "connect", "no connection", False),
    (httpx.TimeoutException, "timeout", "no answer in time", True),
    (httpx.RemoteProtocolError, "malformed", "not HTTP", True),
    (httpx.DecodingError, "malformed", "not HTTP", True),
    (httpx.HTTPError, "reset", "the exchange broke off", True),
)


FaultOf = Callable[[Exception], WireFault]
"""Tells what a transport's exception means."""


def httpx_fault_of(error: Exception, meanings: Sequence[Meaning] = MEANINGS) -> WireFault:
    """Tells what an exception of a transport means; the first meaning that fits decides."""
    for meant, kind, note, sent in meanings:
        if isinstance(error, meant):
            return WireFault(kind, note, sent=sent)
    # An ASGI application may raise anything; it was reached.
    return WireFault("reset", f"the transport failed: {type(error).__name__}", sent=True)


class HttpxWire:
    """Sends through one httpx transport.

    Args:
        transport: carries the requests; it must keep callers apart by itself.
        base_url: without a slash at its end.
        connect_timeout: seconds to connect, DNS and TLS included, where the transport connects.
        max_body: most bytes of an answer's body.
        max_headers: most bytes of an answer's headers.
        check_request_id: whether an echoed `X-Request-Id` must be the one sent.
        fault_of: what the transport's exceptions mean, where it is not what httpx says of them.
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
        fault_of: FaultOf = httpx_fault_of,
    ) -> None:
        self.transport = transport
        self.base_url = base_url
        self.connect_timeout = connect_timeout
        self.max_body = max_body
        self.max_headers = max_headers
        self.check_request_id = check_request_id
        self.fault_of = fault_of

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
        self._headers = _header_list(f"{headers.SAME}{credential_header}\r\n")

    async def send(
        self, method: Method, target: str, body: bytes | None, request_id: str, extra: str, until: float
    ) -> Answer:
        """Sends one request; see `Channel.send`."""
        fields = [*self._headers, ("X-Request-Id", request_id), *_header_list(extra)]
        if body is not None:
            fields.append(("Content-Type", "application/json"))
        left = max(until - asyncio.get_running_loop().time(), 0.001)
        # A little less than all: so that it is known whether the time ran out before anything was sent.
        connect = min(0.95 * left, self._wire.connect_timeout)
        request = httpx.Request(
            method,
            self._wire.base_url + target,
            headers=fields,
            content=body,
            extensions={"timeout": {"connect": connect, "read": left, "write": left, "pool": connect}},
        )
        if not str(request.url).startswith(self._wire.base_url):
            raise WireFault("malformed", "the URL left the base URL", sent=False)
        with _faults(self._wire.fault_of):
            async with asyncio.timeout_at(until):
                return await self._exchange(request, request_id)

    async def _exchange(self, request: httpx.Request, request_id: str) -> Answer:
        response = await self._wire.transport.handle_async_request(request)
        try:
            kept = _kept(response.headers.raw, self._wire.max_headers)
            headers.check(kept, request_id if self._wire.check_request_id else None)
            return Answer(response.status_code, kept, await self._body(response))
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


def _header_list(lines: str) -> list[tuple[str, str]]:
    return [(name, value) for name, _, value in (line.partition(": ") for line in lines.split("\r\n") if line)]


def _kept(raw: list[tuple[bytes, bytes]], max_bytes: int) -> dict[bytes, bytes]:
    kept: dict[bytes, bytes] = {}
    size = 0
    for name, value in raw:
        size += len(name) + len(value) + 4
        lower = name.lower()
        if lower in headers.KEPT:
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
def _faults(fault_of: FaultOf) -> Iterator[None]:
    """Turns what a transport raises into a `WireFault`."""
    try:
        yield
    except WireFault:
        raise
    except TimeoutError:
        raise WireFault("timeout", "no answer in time", sent=True) from None
    except Exception as error:  # noqa: BLE001 - an ASGI application may raise anything
        raise fault_of(error) from None
