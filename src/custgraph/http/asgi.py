"""The edge under any ASGI server: reads a request whole, within limits, and sends its answer."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any, Final, cast

from custgraph.http.fields import read_fields
from custgraph.http.messages import Answer, Headers, Request
from custgraph.http.refusals import Refused, body_too_large, headers_too_large, too_many_headers, url_too_long
from custgraph.http.server.reader import HOST, Limits

_VERSIONS: Final = ("1.1", "1.0", "2", "3")
_LINGER: Final = 2.0  # seconds for what a refused client still sends


class Watch:
    """Cancels the current task when its request does not come in time, or when its client goes.

    It looks only once the task has taken a moment, so that for most it costs no more than a timer.

    Args:
        receive: ASGI's.
        patience: seconds that a request may take to come.

    Attributes:
        task: what is cancelled.
        read: whether the request is whole: from then on, `receive` has only the client's going to tell.
        late: whether it was, because the request did not come.
        gone: whether it was, because the client has gone.
    """

    MOMENT: Final = 0.05  # seconds

    __slots__ = ("_loop", "_patience", "_receive", "_timer", "_watcher", "gone", "late", "read", "task")

    def __init__(self, receive: Any, patience: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._receive = receive
        self._patience = patience
        self.read = False
        self._watcher: asyncio.Task[None] | None = None
        self._timer = self._loop.call_later(self.MOMENT, self._look)
        self.task = cast("asyncio.Task[Any]", asyncio.current_task())
        self.late = False
        self.gone = False

    def stop(self) -> None:
        """Has no more to look after."""
        self._timer.cancel()
        if self._watcher is not None:
            self._watcher.cancel()
            self._watcher = None  # its end refers back here

    def _look(self) -> None:
        if self.read:
            self._watcher = self._loop.create_task(self._wait())
            return
        self._patience -= self.MOMENT
        if self._patience > 0:
            self._timer = self._loop.call_later(self.MOMENT, self._look)
        else:
            self.late = True
            self.task.cancel()

    async def _wait(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.gone = True
        self.task.cancel()


class ClientGone(Exception):
    """The client closed its connection before its request was whole."""


async def read_request(scope: Any, receive: Any, limits: Limits, watch: Watch) -> Request:
    """Reads a request whole.

    Raises:
        Refused: it is over a limit, too slow, or such as only a lenient HTTP parser lets through.
        ClientGone: it broke off.
    """
    target, headers = _target(scope), list(scope["headers"])
    _check_size(target, headers, limits)
    _check_framing(read_fields(headers), limits, scope["http_version"])
    try:
        body = await _read_body(receive, limits.body, watch)
    except asyncio.CancelledError:
        if not watch.late:
            raise
        watch.task.uncancel()
        raise Refused(408, "The request did not come in time.") from None
    return Request(scope["method"], target, headers, body)


def _target(scope: Any) -> bytes:
    path: bytes = scope.get("raw_path") or scope["path"].encode()
    query: bytes = scope["query_string"]
    return path + b"?" + query if query else path


def _check_size(target: bytes, headers: Headers, limits: Limits) -> None:
    if len(target) > limits.url:
        raise url_too_long(limits.url)
    if len(headers) > limits.headers:
        raise too_many_headers(limits.headers)
    if sum(len(name) + len(value) + 4 for name, value in headers) > limits.head:
        raise headers_too_large(limits.head)


def _check_framing(fields: dict[bytes, bytes], limits: Limits, version: str) -> None:
    """Refuses what tells two parsers two things (RFC 9112, sections 3.2 and 6), and what is no request for us."""
    if version not in _VERSIONS:
        raise Refused(505, "The HTTP version is not 1.1.")
    host, length, coding = (fields.get(name) for name in (b"host", b"content-length", b"transfer-encoding"))
    if host is None:
        if version == "1.1":
            raise Refused(400, "The Host header is missing.")
    elif not HOST.fullmatch(host):
        raise Refused(400, "The Host header is malformed.")
    if coding is not None and (length is not None or coding.lower() != b"chunked"):
        raise Refused(400, "The only transfer coding taken is chunked, and that without a Content-Length.")
    if length is not None:
        if not length.isdigit():
            raise Refused(400, "The Content-Length is no number.")
        if len(length) > 18 or int(length) > limits.body:
            raise body_too_large(limits.body)
    if fields.get(b"upgrade", b"").lower() == b"websocket":
        raise Refused(404, "There is no WebSocket here.")


async def _read_body(receive: Any, limit: int, watch: Watch) -> bytes:
    pieces, size, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        pieces.append(message.get("body", b""))
        size += len(pieces[-1])
        more = message.get("more_body", False)
        if not more:
            watch.read = True
        if size > limit:
            raise body_too_large(limit)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


async def send_answer(send: Any, answer: Answer, method: str) -> None:
    """Sends an answer whole."""
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
    await send({"type": "http.response.body", "body": b"" if method == "HEAD" else answer.body})


async def send_refusal(send: Any, receive: Any, answer: Answer, method: str, *, whole: bool) -> None:
    """Sends an answer to a request that was not taken, and ends the connection.

    Unless the request is whole, what the client still sends is thrown away for a moment before that: closing on unread
    bytes would reset the connection, and the client might never see why (RFC 9112, section 9.6).
    """
    headers = [*answer.headers, (b"connection", b"close")]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if method == "HEAD" else answer.body, "more_body": True})
    if not whole:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LINGER):
                while (await receive()).get("more_body", False):
                    pass
    await send({"type": "http.response.body", "body": b""})
