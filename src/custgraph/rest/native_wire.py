"""Our own wire: HTTP/1.1 on asyncio, with connections kept for each credential alone.

It exists for two reasons. Isolation: no connection ever carries two callers' requests, so that bytes out of step can
reach nobody else. Speed: a call on an idle connection costs some ten microseconds beside the kernel's share.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from ipaddress import ip_address
from urllib.parse import urlsplit

from aiohappyeyeballs import AddrInfoType, start_connection

from custgraph.cork import Cork
from custgraph.rest import headers
from custgraph.rest.connection import Connection
from custgraph.rest.wire import Answer, Method, WireFault

NEXT_ADDRESS_AFTER = 0.25
"""Seconds after which the next address of the host is tried beside the first (RFC 8305, section 5)."""


class NativeWire:
    """Connects to one origin.

    Args:
        base_url: the API's base URL, without a slash at its end.
        ssl_context: for https; None for http.
        connect_timeout: seconds to connect, DNS and TLS included.
        write_timeout: seconds that a write may stop for, while it is sent and once its answer has begun.
        keepalive: seconds an idle connection is kept.
        max_idle: idle connections kept, over all credentials.
        max_body: most bytes of an answer's body.
        max_headers: most bytes of an answer's headers.
        check_request_id: whether an echoed `X-Request-Id` must be the one sent.
    """

    def __init__(
        self,
        base_url: str,
        ssl_context: ssl.SSLContext | None,
        *,
        connect_timeout: float,
        write_timeout: float,
        keepalive: float,
        max_idle: int,
        max_body: int,
        max_headers: int,
        check_request_id: bool = True,
    ) -> None:
        parts = urlsplit(base_url)
        assert parts.hostname is not None  # noqa: S101 - the settings check the URL
        self.base_path = parts.path
        self.host_header = parts.netloc
        self.connect_timeout = connect_timeout
        self.write_timeout = write_timeout
        self.keepalive = keepalive
        self.max_body = max_body
        self.max_headers = max_headers
        self.check_request_id = check_request_id
        self.idle: dict[Connection, NativeChannel] = {}  # the one idle longest comes first
        self.connections: set[Connection] = set()
        self.cork = Cork()
        self._max_idle = max_idle
        self._host = parts.hostname
        self._port = parts.port or (443 if parts.scheme == "https" else 80)
        assert (ssl_context is None) == (parts.scheme == "http")  # noqa: S101 - else a key could travel in the clear
        self._ssl_context = ssl_context
        self._resolving: asyncio.Task[list[AddrInfoType]] | None = None
        self._emptied: asyncio.Future[None] | None = None

    def channel(self, credential_header: str) -> NativeChannel:
        """Opens a channel with connections of its own."""
        return NativeChannel(self, credential_header)

    async def connect(self, channel: NativeChannel, until: float) -> Connection:
        """Connects anew; the host's name is looked up each time.

        Raises:
            WireFault: no connection, and nothing of the request was sent.
        """
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout_at(min(until, loop.time() + self.connect_timeout)):
                addresses = await asyncio.shield(self._resolve(loop))
                raw = await start_connection(
                    addresses, happy_eyeballs_delay=NEXT_ADDRESS_AFTER, interleave=1, loop=loop
                )
                _, connection = await loop.create_connection(  # type: ignore[type-var]  # it has no base, see there
                    lambda: Connection(channel, loop),
                    sock=raw,
                    ssl=self._ssl_context,
                    server_hostname=self._host if self._ssl_context else None,
                )
                await self._let_in(connection)
        except TimeoutError:
            raise WireFault("unreachable", "no connection in time", sent=False) from None
        except ssl.SSLError:
            raise WireFault("tls", "the peer could not be trusted", sent=False) from None
        except OSError:
            raise WireFault("connect", "no connection", sent=False) from None
        if connection.spoke:
            raise WireFault("malformed", "bytes came before the request", sent=False)
        if not connection.open:
            raise WireFault("reset", "closed before the request", sent=False)
        return connection

    async def _let_in(self, connection: Connection) -> None:
        """Counts a new connection, and lets in what may have been sent unasked, which closes it."""
        if connection.open:
            self.connections.add(connection)
        try:
            await asyncio.sleep(0)
        except asyncio.CancelledError:
            connection.abort()
            raise

    def _resolve(self, loop: asyncio.AbstractEventLoop) -> asyncio.Task[list[AddrInfoType]]:
        """Looks the host up; those who ask meanwhile share the lookup, so that a slow one ties up one thread only."""
        if self._resolving is None:
            self._resolving = loop.create_task(self._look_up(loop))
            self._resolving.add_done_callback(self._resolved)
        return self._resolving

    async def _look_up(self, loop: asyncio.AbstractEventLoop) -> list[AddrInfoType]:
        try:
            family = socket.AF_INET6 if ip_address(self._host).version == 6 else socket.AF_INET
        except ValueError:
            return list(await loop.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM))
        return [(family, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (self._host, self._port))]

    def _resolved(self, task: asyncio.Task[list[AddrInfoType]]) -> None:
        self._resolving = None
        if not task.cancelled():
            task.exception()  # whoever waits sees it; nobody may wait any more

    def keep(self, connection: Connection, channel: NativeChannel) -> None:
        """Counts an idle connection; above the limit the one idle longest is closed."""
        self.idle[connection] = channel
        if len(self.idle) > self._max_idle:
            oldest, owner = next(iter(self.idle.items()))
            owner.drop(oldest)  # now: that it is closed is told a turn later, and more may come to rest meanwhile
            oldest.abort()

    def forget(self, connection: Connection) -> None:
        """Uncounts a connection that is gone."""
        self.connections.discard(connection)
        if self._emptied is not None and not self.connections and not self._emptied.done():
            self._emptied.set_result(None)

    async def aclose(self) -> None:
        """Closes every connection."""
        if self._resolving is not None:
            self._resolving.cancel()
        if not self.connections:
            return
        self._emptied = asyncio.get_running_loop().create_future()
        for connection in list(self.connections):
            connection.abort()
        await self._emptied


class NativeChannel:
    """One credential's connections, and the bytes that all its requests share."""

    __slots__ = ("_get", "_head", "_idle", "_loop", "_wire", "cork", "keepalive", "max_body", "max_headers")

    def __init__(self, wire: NativeWire, credential_header: str) -> None:
        self._wire = wire
        self._get = f"GET {wire.base_path}"
        self._head = f" HTTP/1.1\r\nHost: {wire.host_header}\r\n{headers.SAME}{credential_header}\r\nX-Request-Id: "
        self._idle: list[Connection] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self.cork = wire.cork
        self.keepalive = wire.keepalive
        self.max_body = wire.max_body
        self.max_headers = wire.max_headers

    async def send(
        self, method: Method, target: str, body: bytes | None, request_id: str, extra: str, until: float
    ) -> Answer:
        """Sends one request; see `Channel.send`.

        A write never uses a connection again: one that the upstream closes in that moment would leave it in doubt.
        """
        expected = request_id if self._wire.check_request_id else None
        if method == "GET":
            data = f"{self._get}{target}{self._head}{request_id}\r\n{extra}\r\n".encode("ascii")
            connection = self._take() or await self._wire.connect(self, until)
            waiter = connection.ask(data, expected, until, 0.0, hold=True)
        else:
            lines = "" if body is None else f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
            head = f"{method} {self._wire.base_path}{target}{self._head}{request_id}\r\n{lines}{extra}\r\n"
            connection = await self._wire.connect(self, until)
            waiter = connection.ask(head.encode("ascii") + (body or b""), expected, until, self._wire.write_timeout)
        try:
            return await waiter
        except asyncio.CancelledError:
            connection.give_up(waiter)
            raise
        finally:
            del waiter  # of a failure: it holds the error, whose traceback holds this frame

    def _take(self) -> Connection | None:
        """Takes the connection that was used last."""
        idle = self._idle
        while idle:
            connection = idle.pop()
            del self._wire.idle[connection]
            if connection.open:
                return connection
        return None

    @property
    def busy(self) -> bool:
        """Whether more than one exchange is under way, over all credentials."""
        return len(self._wire.connections) - len(self._wire.idle) > 1

    def keep(self, connection: Connection) -> None:
        """Takes a connection back."""
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
        self._idle.append(connection)
        self._wire.keep(connection, self)
        connection.rest(self._loop.time())

    def drop(self, connection: Connection) -> None:
        """Gives a connection no more to do, should it be idle."""
        if self._wire.idle.pop(connection, None) is not None:
            self._idle.remove(connection)

    def lost(self, connection: Connection) -> None:
        """Forgets a connection that is gone."""
        self._wire.forget(connection)
        self.drop(connection)

    def close_idle(self) -> None:
        """Closes the connections that carry nothing now."""
        for connection in list(self._idle):
            connection.abort()
