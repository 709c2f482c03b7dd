"""One client's connection, as uvicorn makes them: `uvicorn.Config(app, http=Connection, proxy_headers=False)`.

Nothing may wrap the application: it is asked for more than ASGI has, see `DirectApp`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any, Protocol, cast

from custgraph.alarm import Alarm
from custgraph.cork import Cork
from custgraph.http.known_heads import KnownHeads
from custgraph.http.messages import Headers, written
from custgraph.http.server.asgi import Cycle, scope_of
from custgraph.http.server.heads import NO_BODY, STATUS_LINES, chunk_of, head_of
from custgraph.http.server.reader import Limits, Reader, Refusal, WireRequest
from custgraph.telemetry import logger

if TYPE_CHECKING:
    from uvicorn.config import Config
    from uvicorn.server import ServerState

_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"

LINGER = 1.0
"""Seconds for which a client that was answered for the last time may still send."""

_log = logger("custgraph.http")


class Answer(Protocol):
    """What the edge answers."""

    status: int
    headers: Headers
    body: bytes
    head: bytes | None


class DirectApp(Protocol):
    """An application that takes requests for one path whole, beside being an ASGI application."""

    direct_path: bytes
    wire_limits: Limits
    known_heads: KnownHeads
    request_timeout: float
    cork: Cork

    def answer(self, request: WireRequest) -> Awaitable[Answer]:
        """Answers one request for `direct_path`; being cancelled means that the client has gone."""
        ...

    def refuse(self, refusal: Refusal) -> Answer:
        """Writes the answer to a request that could not be taken."""
        ...


class Connection:  # an asyncio.Protocol in all but name: a compiled class must not have an interpreted base
    """Reads requests one after the other, and writes each one's answer in a single piece.

    A request has to be whole within `request_timeout` seconds of its first byte; an idle connection is closed after
    uvicorn's `timeout_keep_alive`; a client that stops reading is cut off after `request_timeout`, too.
    """

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self._app: Any = config.loaded_app
        self._direct = cast("DirectApp", config.loaded_app)
        self._path = self._direct.direct_path
        self._root_path = config.root_path
        self._keepalive = float(config.timeout_keep_alive)
        self._patience = self._direct.request_timeout
        self._state = server_state
        self._app_state = app_state
        self._loop = _loop or asyncio.get_running_loop()
        self._reader = Reader(self._direct.wire_limits, self._direct.known_heads)
        self._transport: asyncio.Transport | None = None
        self._request: WireRequest | None = None
        self._task: asyncio.Task[None] | None = None
        self._answering: asyncio.Task[None] | None = None
        self._handed = self._loop.create_future()
        self._cycle: Cycle | None = None
        self._resumed: asyncio.Event | None = None
        self._alarm = Alarm(self._loop, self._expire)
        self._due = 0.0
        self._closing = False
        self._lingering = False
        self._chunked = False
        self._stuck_since = 0.0
        self._default_of: Headers | None = None
        self._default = b""
        self._unsent = b""

    # What the event loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Is connected; a request is expected at once."""
        self._transport = cast("asyncio.Transport", transport)
        self._state.connections.add(self)  # type: ignore[arg-type]  # uvicorn names its own two protocols
        self._wait(self._patience)

    def data_received(self, data: bytes) -> None:
        """Takes bytes; while a request is answered, those of the next ones only wait."""
        if self._lingering:
            return
        reader = self._reader
        if not reader.begun:
            self._wait(self._patience)
        reader.feed(data)
        if self._request is None and not self._stuck_since:
            self._next()
        elif reader.ready or reader.refusal:
            self._pause()
        if reader.wants_continue and reader.begun and self._request is None and reader.refusal is None:
            reader.wants_continue = False
            self._write(_CONTINUE)

    def eof_received(self) -> None:
        """The client will send nothing more; the event loop closes the connection."""

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the reason tells nothing more
        """The client has gone, or will send nothing more, which looks the same: its request is cancelled."""
        self._state.connections.discard(self)
        self._transport = None
        self._alarm.stop()
        self._reader.end()
        if self._task is not None:
            self._task.add_done_callback(self._state.tasks.discard)  # however it ends
            if self._cycle is None:
                self._task.cancel()
        if self._answering is not None:
            if self._answering is not self._task:
                self._answering.cancel()
            self._answering = None  # it refers back here
        if self._cycle is not None:
            self._cycle.gone.set()
        if self._resumed is not None:
            self._resumed.set()

    def pause_writing(self) -> None:
        """The client reads slower than it is written to: its next requests wait until it has caught up."""
        self._stuck_since = self._loop.time()
        if self._resumed is not None:
            self._resumed.clear()

    def resume_writing(self) -> None:
        """The client has caught up."""
        self._stuck_since = 0.0
        if self._resumed is not None:
            self._resumed.set()
        if self._request is None and not self._closing:
            self._go_on()

    def uncork(self) -> None:
        """Writes the answer that was held back."""
        self._write(b"")

    # What uvicorn calls.

    def shutdown(self) -> None:
        """Closes once the request under way is answered."""
        self._closing = True
        if self._request is None and self._transport is not None:
            self.uncork()
            self._transport.close()

    # What happens in between.

    def _next(self) -> None:
        """Begins to answer the next request, if there is one."""
        reader = self._reader
        if reader.ready:
            request = self._request = reader.ready.pop(0)
            if request.upgrade and (b"upgrade", b"websocket") in request.headers:
                self._refuse(Refusal(404, "There is no WebSocket here."))
                return
            target = request.target
            if target == self._path or target.partition(b"?")[0] == self._path:
                self._handed.set_result(request)
                if self._answering is None or self._answering.done():
                    self._answering = self._loop.create_task(self._answer_all())
                self._task = self._answering
            else:
                self._task = self._loop.create_task(self._run_asgi(request))
            self._state.tasks.add(self._task)
        elif reader.refusal is not None:
            self._refuse(reader.refusal)

    async def _answer_all(self) -> None:
        """Answers requests as they are handed over, in one task: one for each would cost a short request some 5 %."""
        while self._transport is not None:
            request = await self._handed
            self._handed = self._loop.create_future()
            await self._answer(request)
            if self._handed.done():  # the next one came with this one: everybody else has a turn before it
                await asyncio.sleep(0)

    async def _answer(self, request: WireRequest) -> None:
        try:
            answer = await self._direct.answer(request)
        except Exception as error:  # noqa: BLE001 - the application answers for its errors; this is one of answering
            _log.error("application failed", error=type(error).__name__)
            self._abort()
            return
        plain = request.keep_alive and request.method == "POST" and request.version == "1.1"
        if answer.head is None or self._closing or not plain:
            self._write_head(request, answer.status, answer.headers, answer.body, more=False)
        else:  # as nearly always; what is written is the same
            status = STATUS_LINES[answer.status]
            data = b"%b%b%b\r\n%b" % (status, answer.head, self._default_head(), answer.body)
            cork = self._direct.cork
            if (len(self._state.tasks) > 1 or cork.holds) and not self._unsent and cork.pays(self._loop.time()):
                self._unsent = data
                cork.hold(self, self._loop)
            else:
                self._write(data)
        self._done()

    def _default_head(self) -> bytes:
        """Writes uvicorn's own headers, such as the date; it makes a new list of them every second."""
        headers = self._state.default_headers
        if headers is not self._default_of:
            self._default_of = headers
            self._default = written(headers)
        return self._default

    async def _run_asgi(self, request: WireRequest) -> None:
        transport = self._transport
        if transport is None:
            return
        if self._resumed is None:
            self._resumed = asyncio.Event()
            self._resumed.set()
        client, server = transport.get_extra_info("peername"), transport.get_extra_info("sockname")
        scope = scope_of(
            request,
            client=client[:2] if isinstance(client, tuple) else None,
            server=server[:2] if isinstance(server, tuple) else None,
            scheme="http" if transport.get_extra_info("sslcontext") is None else "https",
            root_path=self._root_path,
            state=self._app_state,
        )
        cycle = self._cycle = Cycle(request.body, self._write_asgi, self._resumed)
        try:
            await self._app(scope, cycle.receive, cycle.send)
        except Exception as error:  # noqa: BLE001 - whatever an application raises, its client gets an answer
            _log.error("application failed", error=type(error).__name__)
        self._cycle = None
        if not cycle.complete:
            if cycle.started or self._transport is None:
                self._abort()
                return
            self._closing = True
            answer = self._direct.refuse(Refusal(500, "Something went wrong in the gateway."))
            self._write_head(request, answer.status, answer.headers, answer.body, more=False)
        self._done()

    def _write_asgi(self, status: int, headers: Headers, body: bytes, more: bool) -> None:
        request = self._request
        if request is None:
            return
        if status:
            self._write_head(request, status, headers, body, more=more)
        elif request.method != "HEAD":
            if self._chunked:
                body = chunk_of(body) + (b"" if more else b"0\r\n\r\n")
            self._write(body)

    def _write_head(self, request: WireRequest, status: int, headers: Headers, body: bytes, *, more: bool) -> None:
        """Writes status and headers with the first piece of the body, or all of it."""
        head = head_of(request, status, headers, self._default_head(), None if more else len(body), close=self._closing)
        self._chunked, self._closing = head.chunked, head.close
        if request.method == "HEAD" or status in NO_BODY:
            body = b""
        self._write(head.data + (chunk_of(body) if head.chunked else body))

    def _write(self, data: bytes) -> None:
        if self._unsent:
            data, self._unsent = self._unsent + data, b""
        if self._transport is not None and data:
            self._transport.write(data)

    def _done(self) -> None:
        """Has answered; goes on with the next request, or waits for one."""
        self._state.total_requests += 1
        if self._task is not None:
            self._state.tasks.discard(self._task)
        self._request = self._task = None
        if self._transport is None:
            return
        if self._closing:
            self._close()
            return
        self._due = self._loop.time() + (self._patience if self._reader.begun else self._keepalive)
        if not self._stuck_since:
            self._go_on()

    def _go_on(self) -> None:
        if self._reader.ready or self._reader.refusal:
            self._next()
        elif self._transport is not None and not self._transport.is_reading():
            self._transport.resume_reading()

    def _refuse(self, refusal: Refusal) -> None:
        answer = self._direct.refuse(refusal)
        self._closing = True
        self._write_head(self._request or WireRequest(), answer.status, answer.headers, answer.body, more=False)
        self._request = None
        self._close()

    def _close(self) -> None:
        """Says that no more will come, and drops what the client still sends until it has gone, for a moment at most.

        Closing on unread bytes would reset the connection, and the client might never see its answer (RFC 9112,
        section 9.6).
        """
        transport = self._transport
        if transport is None or self._lingering:
            return
        self._lingering = True
        self.uncork()
        if not transport.is_reading():
            transport.resume_reading()
        if transport.can_write_eof():
            transport.write_eof()
            self._wait(LINGER)
        else:
            transport.close()
            self._wait(self._patience)

    def _pause(self) -> None:
        if self._transport is not None and self._transport.is_reading() and not self._transport.is_closing():
            self._transport.pause_reading()

    def _abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def _wait(self, seconds: float) -> None:
        """Sets the time at which patience ends; a timer that fires before it sets itself anew."""
        self._due = self._loop.time() + seconds
        self._alarm.set(self._due)

    def _expire(self) -> None:
        """The alarm rings, too early mostly."""
        transport, now = self._transport, self._loop.time()
        if transport is None:
            return
        if self._stuck_since and now >= self._stuck_since + self._patience:
            transport.abort()
            return
        if self._request is None and now >= self._due:
            if self._lingering:
                transport.abort()
            elif self._reader.begun:
                self._refuse(Refusal(408, "The request did not come in time."))
            else:
                self._closing = True
                self.uncork()
                transport.close()
            return
        self._alarm.set(max(self._due, now + 0.05) if self._request is None else now + self._keepalive)
