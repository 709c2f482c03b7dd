"""A request and an answer, whole, with no server in them: what the edge's core turns one into the other."""

from __future__ import annotations

from custgraph.credentials import Caller
from custgraph.http.accept import MediaType

Headers = list[tuple[bytes, bytes]]
"""Names in lower case, in the order they came or go."""


class KnownHead:
    """The head of a POST that has passed, shared by all requests that begin with the same bytes. It never changes.

    Attributes:
        target: path and query, as sent.
        headers: in the order they came.
        length: bytes of the body that it announces.
        fields: the headers by name.
        media_type: of the answers.
        caller: who sent it first; that of a later request differs by its request id alone.
    """

    __slots__ = ("caller", "fields", "headers", "length", "media_type", "target")

    def __init__(
        self, request: Request, length: int, fields: dict[bytes, bytes], media_type: MediaType, caller: Caller
    ) -> None:
        self.target = request.target
        self.headers = request.headers
        self.length = length
        self.fields = fields
        self.media_type = media_type
        self.caller = caller


class Request:
    """One HTTP request, whole.

    Attributes:
        method: upper-case.
        target: path and query, as sent.
        headers: in the order they came.
        body: without its framing, within the limit; empty when there is none.
        known: its head, where that is known.
        sent: all of its bytes, where its head may become known: a plain POST that came whole and alone; else none.
    """

    __slots__ = ("body", "headers", "known", "method", "sent", "target")

    def __init__(self, method: str, target: bytes, headers: Headers, body: bytes) -> None:
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
        self.known: KnownHead | None = None
        self.sent = b""


class Answer:
    """One HTTP answer, whole.

    Attributes:
        status: 200 to 599.
        headers: all but the server's own; content-length is among them. `add` adds to them.
        head: the same as they are written; None when they have yet to be.
        body: what a GET would get; a server sends none of it to a HEAD.
        errors: how many GraphQL errors it has; for the log.
        code: the first error's code; for the log.
    """

    __slots__ = ("body", "code", "errors", "head", "headers", "status")

    def __init__(self, status: int, headers: Headers, body: bytes, head: bytes | None = None) -> None:
        self.status = status
        self.headers = headers
        self.body = body
        self.head = head
        self.errors = 0
        self.code: str | None = None

    def add(self, headers: Headers) -> None:
        """Adds headers."""
        self.headers = self.headers + headers
        self.head = None


def written(headers: Headers) -> bytes:
    """Writes header lines, as they go over the wire."""
    return b"".join([b"%b: %b\r\n" % header for header in headers])
