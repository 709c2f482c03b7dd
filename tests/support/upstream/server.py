"""The fake upstream: a raw-socket HTTP/1.1 server that is honest until its plan says otherwise."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence
from typing import Self

from support.upstream.customers import Customers
from support.upstream.exchange import Exchange, Plan, honest
from support.upstream.ledger import Ledger
from support.upstream.messages import PREFIX, READS, Call, Reply, read_call
from support.upstream.tenants import Tenant

_HEAD_LIMIT = 65_536


class FakeUpstream:
    """Listens on a free loopback port while used as an async context manager.

    Attributes:
        plan: chooses the fault of each call; may be changed at any time.
        ledger: what was seen and applied.
        echo: whether `X-Request-Id` comes back, as Rails does it.
        cookies: whether every reply sets a session cookie that names the tenant.
        delay: seconds that an honest answer takes.
    """

    def __init__(
        self,
        tenants: Sequence[Tenant] | None = None,
        *,
        plan: Plan = honest,
        tls: ssl.SSLContext | None = None,
        echo: bool = True,
        cookies: bool = False,
    ) -> None:
        self.tenants = list(tenants or [Tenant(1), Tenant(2)])
        self.plan = plan
        self.ledger = Ledger()
        self.echo = echo
        self.cookies = cookies
        self.delay = 0.0
        self._customers = Customers(self.tenants, self.ledger)
        self._tls = tls
        self._server: asyncio.Server | None = None
        self._port = 0
        self._connections: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self._late: list[Call] = []
        self._changed = asyncio.Condition()

    @property
    def port(self) -> int:
        return self._port

    def url(self, host: str = "127.0.0.1") -> str:
        """The base URL, as the gateway is given it."""
        return f"{'https' if self._tls else 'http'}://{host}:{self._port}{PREFIX}"

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listens; after a stop, on the same port again."""
        self._server = await asyncio.start_server(
            self._serve, "127.0.0.1", self._port, ssl=self._tls, limit=_HEAD_LIMIT, backlog=1024
        )
        self._port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Refuses connections and drops those that are open; writes still to come are applied."""
        if self._server is None:
            return
        self._server.close()
        for writer in list(self._connections.values()):
            writer.transport.abort()
        tasks = list(self._connections)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._server = None
        self.apply_late()

    def apply_late(self) -> None:
        """Lets the writes take effect that a fault held back."""
        held, self._late = self._late, []
        for call in held:
            self._customers.answer(call)

    async def wait_connections(self, most: int) -> None:
        """Waits until no more than `most` connections are open."""
        async with self._changed:
            await self._changed.wait_for(lambda: self.ledger.open_connections <= most)

    async def wait_calls(self, least: int) -> None:
        """Waits until that many calls have come in, in all."""
        async with self._changed:
            await self._changed.wait_for(lambda: len(self.ledger.calls) >= least)

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections[task] = writer
        self.ledger.opened += 1
        self.ledger.open_connections += 1
        try:
            await self._converse(reader, writer, self.ledger.opened)
        except asyncio.CancelledError:
            pass  # stop() ends it; asyncio's own callback would report a cancelled task as an error
        except (ValueError, ConnectionError) as error:
            self.ledger.violations.append(f"unreadable request: {error}")
        finally:
            writer.close()
            del self._connections[task]
            self.ledger.open_connections -= 1
            await self._tell()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, connection: int) -> None:
        served = 0
        while (call := await read_call(reader, connection)) is not None:
            if reader._buffer:  # type: ignore[attr-defined]  # what came unasked after the request
                self.ledger.violations.append("bytes after a request")
            self.ledger.saw(call)
            if not await self._reply(call, reader, writer, served):
                break
            served += 1
            if self._late and call.kind in READS:
                self.apply_late()

    async def _reply(self, call: Call, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, served: int) -> bool:
        strike = self.plan(call)
        reply = self._dressed(call, self._customers.answer(call, commit=strike is None or strike.commit))
        await self._tell()
        if strike is None:
            if self.delay:
                await asyncio.sleep(self.delay)
            writer.write(reply.wire())
            try:
                await writer.drain()
            except ConnectionError:
                return False
            return True
        if strike.fault.late:
            self._late.append(call)
        return await strike.fault.run(Exchange(call, reply, (reader, writer), served))

    def _dressed(self, call: Call, reply: Reply) -> Reply:
        headers = [("Cache-Control", "max-age=0, private, must-revalidate"), ("ETag", 'W/"5d8c72a5"')]
        if self.echo and call.request_id:
            headers.append(("X-Request-Id", call.request_id))
        if self.cookies:
            headers.append(("Set-Cookie", f"_ofn_session_id=session-of-{call.token}; path=/; HttpOnly"))
        return reply.having(*headers)
