"""Reads HTTP/1.1 requests whole, strictly, and within limits.

The parser, llhttp in its strict mode, refuses bare line feeds, folded headers, a Content-Length that is doubled, signed
or beside a Transfer-Encoding (RFC 9112, sections 2.2, 5.2 and 6). What it lets through and no client of an API has a
reason to send is refused here: a missing, doubled or malformed Host, other versions and other codings.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import httptools

_HOST = re.compile(rb"(?:[A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")


class Limits(NamedTuple):
    """The most bytes of a URL, of all headers and of a body, and the most headers."""

    url: int
    head: int
    headers: int
    body: int


class WireRequest:
    """One request, whole.

    Attributes:
        method: upper-case.
        target: as sent: path and query.
        headers: names in lower case, in their order.
        body: without its framing.
        keep_alive: whether the connection may carry another one.
        upgrade: the request asked for another protocol.
        version: `1.0` or `1.1`.
    """

    __slots__ = ("body", "headers", "keep_alive", "method", "target", "upgrade", "version")

    def __init__(self) -> None:
        self.method = ""
        self.target = b""
        self.headers: list[tuple[bytes, bytes]] = []
        self.body = b""
        self.keep_alive = True
        self.upgrade = False
        self.version = "1.1"


class Refusal(NamedTuple):
    """Why a request was not taken; its connection is closed."""

    status: int
    reason: str


class Reader:
    """Takes bytes, gives requests.

    Attributes:
        ready: requests that are whole, oldest first.
        refusal: set when a request cannot be taken; nothing more is read then.
        begun: whether a request has begun and is not whole yet.
        wants_continue: the client waits for `100 Continue` before it sends the body.
    """

    __slots__ = (
        "_head",
        "_host",
        "_in_head",
        "_limits",
        "_parser",
        "_pieces",
        "_received",
        "_request",
        "_size",
        "begun",
        "ready",
        "refusal",
        "wants_continue",
    )

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._parser = httptools.HttpRequestParser(self)
        self._request = WireRequest()
        self._received = self._head = self._size = 0
        self._pieces: list[bytes] = []
        self._host: bytes | None = None
        self._in_head = True
        self.ready: list[WireRequest] = []
        self.refusal: Refusal | None = None
        self.begun = False
        self.wants_continue = False

    def feed(self, data: bytes) -> None:
        """Takes the next bytes."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            if self.ready:
                self.ready[-1].keep_alive = False
        except httptools.HttpParserError:
            if not self.begun and self.ready:  # what comes behind a last request is of no interest
                self.ready[-1].keep_alive = False
            else:
                self._refuse(400, "The request is not HTTP/1.1.")
        # A head in many pieces is counted by what came; the parser tells of a header only once it is whole.
        if self.begun and self._in_head:
            self._received += len(data)
            if self._received > self._limits.head + self._limits.url:
                self._refuse(431, "The headers are too large.")

    def _refuse(self, status: int, reason: str) -> None:
        if self.refusal is None:
            self.refusal = Refusal(status, reason)

    # What the parser calls.

    def on_message_begin(self) -> None:
        """A request begins."""
        self._request = WireRequest()
        self._received = self._head = self._size = 0
        self._host = None
        self._in_head = self.begun = True
        self.wants_continue = False

    def on_url(self, url: bytes) -> None:
        """Takes a piece of the target."""
        self._request.target += url
        if len(self._request.target) > self._limits.url:
            self._refuse(414, "The URL is too long.")

    def on_header(self, name: bytes, value: bytes) -> None:
        """Takes a header; one behind the body, a trailer, counts for nothing (RFC 9110, section 6.5.1)."""
        if not self._in_head:
            return
        name = name.lower()
        headers = self._request.headers
        headers.append((name, value))
        self._head += len(name) + len(value) + 4
        if self._head > self._limits.head:
            self._refuse(431, "The headers are too large.")
        elif len(headers) > self._limits.headers:
            self._refuse(431, "There are too many headers.")
        take = _TAKEN.get(name)
        if take is not None:
            take(self, value)

    def _take_host(self, value: bytes) -> None:
        if self._host is not None:
            self._refuse(400, "The Host header came twice.")
        self._host = value

    def _take_content_length(self, value: bytes) -> None:
        if len(value) > 18 or int(value) > self._limits.body:
            self._refuse(413, "The body is too large.")

    def _take_transfer_encoding(self, value: bytes) -> None:
        if value.lower() != b"chunked":
            self._refuse(400, "The only transfer coding taken is chunked.")

    def _take_expect(self, value: bytes) -> None:
        self.wants_continue = value.lower() == b"100-continue"

    def on_headers_complete(self) -> None:
        """Judges the head."""
        self._in_head = False
        request, parser = self._request, self._parser
        request.method = parser.get_method().decode("ascii")
        request.version = parser.get_http_version()
        request.keep_alive = parser.should_keep_alive()
        if request.version not in ("1.1", "1.0"):
            self._refuse(505, "The HTTP version is not 1.1.")
        elif self._host is None:
            if request.version == "1.1":
                self._refuse(400, "The Host header is missing.")
        elif not _HOST.fullmatch(self._host):
            self._refuse(400, "The Host header is malformed.")
        if not request.target.startswith(b"/") and not (request.target == b"*" and request.method == "OPTIONS"):
            self._refuse(400, "The request target is not a path.")
        if parser.should_upgrade():
            request.upgrade = True
            request.keep_alive = False

    def on_body(self, piece: bytes) -> None:
        """Takes a piece of the body."""
        self._size += len(piece)
        if self._size > self._limits.body:
            self._refuse(413, "The body is too large.")
        elif self.refusal is None:
            self._pieces.append(piece)

    def on_message_complete(self) -> None:
        """A request is whole."""
        self.begun = False
        pieces = self._pieces
        if pieces:
            self._request.body = pieces[0] if len(pieces) == 1 else b"".join(pieces)
            self._pieces = []
        if self.refusal is None:
            self.ready.append(self._request)


_TAKEN = {
    b"host": Reader._take_host,  # noqa: SLF001 - its own
    b"content-length": Reader._take_content_length,  # noqa: SLF001 - the same
    b"transfer-encoding": Reader._take_transfer_encoding,  # noqa: SLF001 - the same
    b"expect": Reader._take_expect,  # noqa: SLF001 - the same
}
