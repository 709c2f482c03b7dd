"""One HTTP/1.1 connection to the upstream, as an asyncio protocol over httptools' response parser.

A connection carries one exchange at a time. It is used again only if every byte that came is accounted for: the answer
ended exactly where its framing says, nothing came before, between or after. Anything else closes it.
"""

from __future__ import annotations

import asyncio
from typing import Final, Protocol, cast

import httptools

from custgraph.alarm import Alarm
from custgraph.cork import Cork
from custgraph.rest import headers
from custgraph.rest.wire import Answer, FaultKind, WireFault

_NOBODY: Final = httptools.HttpResponseParser(object())
"""Takes the place of the parser of a connection that is closed."""


class Owner(Protocol):
    """Who gets a connection back: a pool of one credential's connections.

    Attributes:
        cork: holds back the requests of all connections.
    """

    cork: Cork
    max_body: int
    max_headers: int
    keepalive: float

    @property
    def busy(self) -> bool:
        """Whether another exchange is under way, whose bytes may go out together with a new one's."""
        ...

    def keep(self, connection: Connection) -> None:
        """Takes a connection that may be used again."""
        ...

    def lost(self, connection: Connection) -> None:
        """Forgets a connection that is gone."""
        ...


class Connection:  # an asyncio.Protocol in all but name: a compiled class must not have an interpreted base
    """One connection.

    Attributes:
        open: whether it can carry a request.
        used: whether it has carried one before.
        spoke: whether bytes came that nothing had been asked for.
    """

    __slots__ = (
        "_alarm",
        "_body",
        "_chunks",
        "_complete",
        "_due",
        "_fault",
        "_gap",
        "_head_size",
        "_header_bytes",
        "_headers",
        "_interim",
        "_keep_alive",
        "_length",
        "_loop",
        "_owner",
        "_parser",
        "_received",
        "_request_id",
        "_size",
        "_status",
        "_transport",
        "_unsent",
        "_until",
        "_until_close",
        "_waiter",
        "open",
        "spoke",
        "used",
    )

    def __init__(self, owner: Owner, loop: asyncio.AbstractEventLoop) -> None:
        self._owner = owner
        self._loop = loop
        self._parser = httptools.HttpResponseParser(self)
        self._transport: asyncio.Transport | None = None
        self._waiter: asyncio.Future[Answer] | None = None
        self._unsent: bytes | None = None
        self._alarm = Alarm(loop, self._expire)
        self._due = self._until = self._gap = 0.0
        self._request_id: str | None = None
        self._reset()
        self.open = False
        self.used = False
        self.spoke = False

    def _reset(self) -> None:
        self._received = 0
        self._head_size = -1
        self._header_bytes = 0
        self._headers: dict[bytes, bytes] = {}
        self._status = 0
        self._length = -1
        self._interim = self._complete = self._keep_alive = self._until_close = False
        self._body = b""
        self._chunks: list[bytes] | None = None
        self._size = 0
        self._fault: str | None = None

    # What the pool does.

    def ask(
        self, data: bytes, request_id: str | None, until: float, gap: float, *, hold: bool = False
    ) -> asyncio.Future[Answer]:
        """Sends a whole request.

        Args:
            data: its bytes.
            request_id: what an echoed `X-Request-Id` must be; None: anything.
            until: loop time at which the exchange is given up.
            gap: seconds that bytes may stop for, while sending and once the answer has begun; 0: no such limit.
            hold: may go out a turn later, together with others.

        Returns:
            A future of the answer, or of a `WireFault`. Whoever stops waiting for it has to `give_up` on it.
        """
        assert self._transport is not None  # noqa: S101 - a connection is asked only when it is open
        waiter = self._waiter = self._loop.create_future()
        self._request_id = request_id
        self._until = self._due = until
        self._gap = gap
        if hold and self._owner.busy and self._owner.cork.pays(self._loop.time()):
            self._unsent = data
            self._owner.cork.hold(self, self._loop)
        else:
            self._transport.write(data)
            if gap and self._transport.get_write_buffer_size():
                self._due = min(until, self._loop.time() + gap)
        self._alarm.set(self._due)
        return waiter

    def uncork(self) -> None:
        """Sends the request that was held back."""
        data, self._unsent = self._unsent, None
        if data is not None and self._transport is not None:
            self._transport.write(data)

    def rest(self, now: float) -> None:
        """Lies idle from now on, until it is asked again or has been kept long enough."""
        self._due = now + self._owner.keepalive
        self._alarm.set(self._due)

    def give_up(self, waiter: asyncio.Future[Answer]) -> None:
        """Closes it if it still carries this exchange; by now it may carry the next one, or lie idle."""
        if self._waiter is waiter:
            self.abort()

    def abort(self) -> None:
        """Closes it at once; an exchange under way fails."""
        self._fail("reset", "closed on this side")

    # What the event loop does.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Is connected, TLS included."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one, and no subclass of it
        self.open = True

    def data_received(self, data: bytes) -> None:
        """Takes bytes; they are an answer only if one is waited for."""
        if self._waiter is None or self._unsent is not None:
            self.spoke = True
            self._fail("stale", "bytes came before the request", sent=False)
            return
        if not self._received:
            self._head_size = data.find(b"\r\n\r\n") + 4  # a head in several pieces is not counted; see `_is_exact`
        self._received += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            if not self._complete:  # what is wrong behind a whole answer is not of it
                self._fail("malformed", "not HTTP/1.1")
                return
            self._keep_alive = False
        if self._fault is not None:
            self._fail("malformed", self._fault)
        elif self._complete:
            self._finish(data)
        elif not self._status and self._received > self._owner.max_headers:
            self._fail("malformed", "the headers are too large")
        elif self._gap:
            self._due = min(self._until, self._loop.time() + self._gap)
            self._alarm.set(self._due)

    def eof_received(self) -> None:
        """The upstream is done sending; an answer framed by that alone is whole now."""
        self.open = False
        if self._waiter is not None and self._until_close and self._fault is None:
            self._finish(b"")

    def pause_writing(self) -> None:
        """The upstream reads slowly; what is sent is never much, and its time is limited."""

    def resume_writing(self) -> None:
        """The upstream has caught up."""

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the reason tells nothing more
        """Is closed, by whomever."""
        self.open = False
        self._alarm.stop()
        self._parser = _NOBODY  # its own refers back here
        self._owner.lost(self)
        if self._waiter is not None:
            if self._received:
                self._fail("truncated", "closed in the middle of the answer")
            else:
                self._fail("stale" if self.used else "reset", "closed before the answer", sent=self._unsent is None)

    # What the parser does.

    def on_header(self, name: bytes, value: bytes) -> None:
        """Takes one header or trailer field."""
        self._header_bytes += len(name) + len(value) + 4
        if self._header_bytes > self._owner.max_headers:
            self._fault = "the headers are too large"
        name = name.lower()
        if name in headers.KEPT and not self._status:
            if name in self._headers:
                self._fault = "a header came twice"
            self._headers[name] = value

    def on_headers_complete(self) -> None:
        """Knows status and framing."""
        if self._complete:
            self._keep_alive = False  # another answer came right behind
            return
        status = self._parser.get_status_code()
        if status < 200:
            self._interim = True
            return
        self._status = status
        length = self._headers.get(b"content-length")
        encoding = self._headers.get(b"transfer-encoding")
        if encoding is not None:
            if length is not None:
                self._fault = "the answer is framed in two ways"
            elif encoding.lower() != b"chunked":
                self._fault = "an unknown transfer encoding"
        elif length is not None:
            self._length = int(length) if len(length) < 20 and length.isdigit() else 1 << 62
            if self._length > self._owner.max_body:
                self._fault = "the answer is too large"
        elif status in (204, 304):
            self._length = 0
        else:
            self._until_close = True

    def on_body(self, chunk: bytes) -> None:
        """Takes a piece of the body."""
        if self._complete or self._fault is not None:
            return
        self._size += len(chunk)
        if self._size > self._owner.max_body:
            self._fault = "the answer is too large"
        elif self._chunks is not None:
            self._chunks.append(chunk)
        elif self._body:
            self._chunks = [self._body, chunk]
        else:
            self._body = chunk

    def on_message_complete(self) -> None:
        """Knows that an answer is whole; an interim one (1xx) is not what was waited for."""
        if self._interim:
            self._interim = False
            self._headers.clear()
            self._head_size = -1  # not counted across several: such a connection is not used again
        elif not self._complete:
            self._complete = True
            self._keep_alive = self._parser.should_keep_alive()

    # What follows.

    def _finish(self, data: bytes) -> None:
        waiter = self._waiter
        assert waiter is not None  # noqa: S101 - an exchange is under way
        try:
            headers.check(self._headers, self._request_id)
        except WireFault as fault:
            self._fail(fault.kind, fault.note)
            return
        body = self._body if self._chunks is None else b"".join(self._chunks)
        answer = Answer(self._status, self._headers, body)
        self._waiter = None
        if self._keep_alive and self.open and self._is_exact(data) and not (self._gap and self._is_stuck()):
            self._reset()
            self.used = True
            self._owner.keep(self)
        else:
            self.abort()
        if not waiter.done():  # nobody may wait any more
            waiter.set_result(answer)

    def _is_exact(self, data: bytes) -> bool:
        """Says whether the last byte that came is the answer's last byte; where that is not plain, it is not said."""
        if self._length >= 0:
            return self._received == self._head_size + self._length
        return data.endswith(b"0\r\n\r\n")

    def _fail(self, kind: FaultKind, note: str, *, sent: bool = True) -> None:
        waiter, self._waiter = self._waiter, None
        self._unsent = None
        self.open = False
        if self._transport is not None:
            self._transport.abort()
        if waiter is not None and not waiter.done():
            waiter.set_exception(WireFault(kind, note, sent=sent))

    def _expire(self) -> None:
        """The alarm rings, too early mostly."""
        now = self._loop.time()
        if self._waiter is None:
            if now < self._due:
                self._alarm.set(self._due)
            else:
                self.abort()  # idle long enough
        elif now < self._due:
            self._alarm.set(self._due)
        elif self._due < self._until and not self._received and not self._is_stuck():
            self._due = self._until  # the request is out; the answer may take its time
            self._alarm.set(self._due)
        else:
            self._fail("timeout", "no answer in time")

    def _is_stuck(self) -> bool:
        """Says whether bytes of the request are still here."""
        return self._transport is not None and self._transport.get_write_buffer_size() > 0
