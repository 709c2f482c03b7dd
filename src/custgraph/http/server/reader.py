"""Reads HTTP/1.1 requests whole, strictly, and within limits.

The parser, llhttp in its strict mode, refuses bare line feeds, folded headers, a Content-Length that is doubled, signed
or beside a Transfer-Encoding (RFC 9112, sections 2.2, 5.2 and 6). What it lets through and no client of an API has a
reason to send is refused here: a missing, doubled or malformed Host, other versions and other codings.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

import httptools

from custgraph.http.known_heads import END, KnownHeads
from custgraph.http.messages import Headers, KnownHead, Request

HOST: Final = re.compile(rb"(?:[A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")


class Limits(NamedTuple):
    """The most bytes of a URL, of all headers and of a body, and the most headers."""

    url: int
    head: int
    headers: int
    body: int


class WireRequest(Request):
    """One request as it came over a connection.

    Attributes:
        keep_alive: whether the connection may carry another one.
        upgrade: the request asked for another protocol.
        version: `1.0` or `1.1`.
    """

    __slots__ = ("keep_alive", "upgrade", "version")

    def __init__(self, method: str = "", target: bytes = b"", headers: Headers | None = None) -> None:
        super().__init__(method, target, [] if headers is None else headers, b"")
        self.keep_alive = True
        self.upgrade = False
        self.version = "1.1"


class Refusal(NamedTuple):
    """Why a request was not taken; its connection is closed."""

    status: int
    reason: str


_NOBODY: Final = httptools.HttpRequestParser(object())
"""Takes the place of the parser of a connection that is closed."""


class Reader:
    """Takes bytes, gives requests.

    Args:
        limits: of a request.
        known: heads that came before, under the same limits.

    Attributes:
        ready: requests that are whole, oldest first.
        refusal: set when a request cannot be taken; nothing more is read then.
        begun: whether a request has begun and is not whole yet.
        wants_continue: the client waits for `100 Continue` before it sends the body.
    """

    __slots__ = (
        "_feeding",
        "_headers",
        "_host",
        "_in_head",
        "_known",
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

    def __init__(self, limits: Limits, known: KnownHeads) -> None:
        self._limits = limits
        self._known = known
        self._parser = httptools.HttpRequestParser(self)
        self._request = WireRequest()
        self._headers = self._request.headers
        self._received = self._feeding = self._size = 0
        self._pieces: list[bytes] = []
        self._in_head = True
        self._host = b""  # the latest that was sound: a client sends the same with every request
        self.ready: list[WireRequest] = []
        self.refusal: Refusal | None = None
        self.begun = False
        self.wants_continue = False

    def end(self) -> None:
        """Takes nothing more."""
        self._parser = _NOBODY  # its own refers back here

    def feed(self, data: bytes) -> None:
        """Takes the next bytes."""
        if self.begun or self.refusal is not None or not self._request.keep_alive:
            self._parse(data)
            return
        head = self._known.find(data)
        if head is not None:
            self._take(head, data)
            return
        before = len(self.ready)
        self._parse(data)
        if len(self.ready) == before + 1 and not self.begun and self.refusal is None:
            request = self._request
            plain = request.keep_alive and request.method == "POST" and request.version == "1.1"
            if plain and data.find(END) + 4 + len(request.body) == len(data):
                request.sent = data

    def _take(self, head: KnownHead, data: bytes) -> None:
        """Takes a request with a known head; the parser, between two requests, need not hear of it."""
        request = self._request = WireRequest("POST", head.target, head.headers)
        request.known = head
        request.body = data[len(data) - head.length :]
        self.ready.append(request)

    def _parse(self, data: bytes) -> None:
        self._feeding = len(data)
        before = len(self.ready)
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
        # The parser tells of a header only once it is whole: until then what came is counted.
        # How much of it belongs to requests before is not known: then the next bytes will tell.
        if self.begun and self._in_head and len(self.ready) == before:
            self._received += len(data)
            if self._received > self._limits.head + self._limits.url:
                self._refuse(431, "The headers are too large.")

    def _refuse(self, status: int, reason: str) -> None:
        if self.refusal is None:
            self.refusal = Refusal(status, reason)

    # What the parser calls.

    def on_message_begin(self) -> None:
        """A request begins."""
        request = self._request = WireRequest()
        self._headers = request.headers
        self._received = self._size = 0
        self._in_head = self.begun = True
        self.wants_continue = False

    def on_url(self, url: bytes) -> None:
        """Takes a piece of the target."""
        self._request.target += url
        if len(self._request.target) > self._limits.url:
            self._refuse(414, "The URL is too long.")

    def on_header(self, name: bytes, value: bytes) -> None:
        """Takes a header; one behind the body, a trailer, counts for nothing (RFC 9110, section 6.5.1)."""
        if self._in_head:
            self._headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """Judges the head."""
        self._in_head = False
        request, parser, headers, limits = self._request, self._parser, self._headers, self._limits
        request.method = parser.get_method().decode("ascii")
        request.version = parser.get_http_version()
        request.keep_alive = parser.should_keep_alive()
        if len(headers) > limits.headers:
            self._refuse(431, "There are too many headers.")
        elif self._received + self._feeding > limits.head and _size(headers) > limits.head:
            self._refuse(431, "The headers are too large.")
        if request.version not in ("1.1", "1.0"):
            self._refuse(505, "The HTTP version is not 1.1.")
        self._judge_fields(dict(headers))
        target = request.target
        if not target.startswith(b"/") and not (target == b"*" and request.method == "OPTIONS"):
            self._refuse(400, "The request target is not a path.")
        if parser.should_upgrade():
            request.upgrade = True
            request.keep_alive = False

    def _judge_fields(self, fields: dict[bytes, bytes]) -> None:
        host = fields.get(b"host")
        if host is None:
            if self._request.version == "1.1":
                self._refuse(400, "The Host header is missing.")
        elif host != self._host and not HOST.fullmatch(host):
            self._refuse(400, "The Host header is malformed.")
        else:
            self._host = host
        if len(fields) != len(self._headers) and sum(name == b"host" for name, _ in self._headers) > 1:
            self._refuse(400, "The Host header came twice.")
        length = fields.get(b"content-length")
        if length is not None and (len(length) > 18 or int(length) > self._limits.body):
            self._refuse(413, "The body is too large.")
        if fields.get(b"transfer-encoding", b"chunked").lower() != b"chunked":
            self._refuse(400, "The only transfer coding taken is chunked.")
        self.wants_continue = fields.get(b"expect", b"").lower() == b"100-continue"

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


def _size(headers: list[tuple[bytes, bytes]]) -> int:
    return sum(len(name) + len(value) + 4 for name, value in headers)
