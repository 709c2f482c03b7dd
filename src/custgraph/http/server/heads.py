"""Writes the heads of answers: how the body is framed, and whether the connection may carry another request."""

from __future__ import annotations

import http
from typing import Final, NamedTuple

from custgraph.http.messages import Headers
from custgraph.http.server.reader import WireRequest

STATUS_LINES: Final = {
    status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode() for status in http.HTTPStatus
}
NO_BODY: Final = frozenset({204, 304})


class Head(NamedTuple):
    """A head as it is written, whether the body goes in chunks, and whether the connection ends with the answer."""

    data: bytes
    chunked: bool
    close: bool


def head_of(
    request: WireRequest, status: int, headers: Headers, default: bytes, length: int | None, *, close: bool
) -> Head:
    """Writes the head of an answer (RFC 9112, section 6).

    Args:
        request: what is answered.
        status: 200 to 599.
        headers: the answer's own; a `content-length` among them frames the body.
        default: the server's own lines.
        length: bytes of the body; None while more of it may come.
        close: the connection ends in any case.
    """
    lines = [STATUS_LINES[status]]
    framed = status in NO_BODY
    for name, value in headers:
        lines += (name, b": ", value, b"\r\n")
        framed = framed or name == b"content-length"
    chunked = False
    close = close or not request.keep_alive
    if not framed:
        if length is not None:
            lines.append(b"content-length: %d\r\n" % length)
        elif request.version == "1.1":
            chunked = True
            lines.append(b"transfer-encoding: chunked\r\n")
        else:
            close = True
    lines.append(default)
    if close:
        lines.append(b"connection: close\r\n")
    elif request.version == "1.0":
        lines.append(b"connection: keep-alive\r\n")
    lines.append(b"\r\n")
    return Head(b"".join(lines), chunked, close)


def chunk_of(body: bytes) -> bytes:
    """Frames a piece of a body; an empty one would end it."""
    return b"%x\r\n%b\r\n" % (len(body), body) if body else b""
