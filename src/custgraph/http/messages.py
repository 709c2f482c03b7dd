"""A request and an answer, whole, with no server in them: what the edge's core turns one into the other."""

from __future__ import annotations

from custgraph.credentials import Caller
from custgraph.http.accept import MediaType

Headers = list[tuple[bytes, bytes]]
"""Names in lower case, in the order they came or go."""


class Judged:
    """What a head came to that passed.

    Attributes:
        fields: its header fields by name.
        media_type: of the answers to it.
        caller: who sent it first; that of a later request differs by its request id alone.
    """

    __slots__ = ("caller", "fields", "media_type")

    def __init__(self, fields: dict[bytes, bytes], media_type: MediaType, caller: Caller) -> None:
        self.fields = fields
        self.media_type = media_type
        self.caller = caller


class KnownHead:
    """The head of a POST, shared by all requests that begin with the same bytes. Nothing changes but `judged`.

    Attributes:
        target: path and query, as sent.
        headers: in the order they came.
        length: bytes of the body that it announces.
        judged: what it came to; None until a request with it has passed.
    """

    __slots__ = ("headers", "judged", "length", "target")

    def __init__(self, target: bytes, headers: Headers, length: int) -> None:
        self.target = target
        self.headers = headers
        self.length = length
        self.judged: Judged | None = None


class Request:
    """One HTTP request, whole.

    Attributes:
        method: upper-case.
        target: path and query, as sent.
        headers: in the order they came.
        body: without its framing, within the limit; empty when there is none.
        head: the same as target and headers, where they are known.
    """

    __slots__ = ("body", "head", "headers", "method", "target")

    def __init__(self, method: str, target: bytes, headers: Headers, body: bytes) -> None:
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
        self.head: KnownHead | None = None


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
