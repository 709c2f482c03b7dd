"""Faults of the framing: answers that two readers could read in two ways, and bytes that belong to no answer."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from support.faults.catalogue.words import CANARY
from support.upstream import Exchange, Fault

_STRAY = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (
    2 + len(CANARY),
    b'"%s"' % CANARY.encode(),
)


def _headers(name: str, title: str, change: Callable[[bytes, int], bytes], body: bytes | None = None) -> Fault:
    """A fault that changes the bytes of the head (given the body's length too) and perhaps of the body."""

    async def run(x: Exchange) -> bool:
        await x.send(change(x.reply.head(), len(x.reply.body)) + (x.reply.body if body is None else body))
        return x.finish()

    return Fault(name, title, run)


def _with(line: bytes) -> Callable[[bytes, int], bytes]:
    """Puts a line in front of the head's empty one."""
    return lambda head, _length: head[:-2] + line + b"\r\n\r\n"


def _length(value: bytes) -> Callable[[bytes, int], bytes]:
    """Puts another line in the place of Content-Length; %d in it is the body's length."""

    def changed(head: bytes, length: int) -> bytes:
        return head.replace(b"Content-Length: %d" % length, value.replace(b"%d", b"%d" % length))

    return changed


def _status(line: bytes) -> Callable[[bytes, int], bytes]:
    return lambda head, _length: line + head[head.index(b"\r\n") :]


async def _first(x: Exchange, before: bytes) -> bool:
    return await x.send(before + x.reply.wire())


async def _continue(x: Exchange) -> bool:
    return await _first(x, b"HTTP/1.1 100 Continue\r\n\r\n")


async def _early_hints(x: Exchange) -> bool:
    return await _first(x, b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n")


async def _switching(x: Exchange) -> bool:
    await x.send(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n")
    return await x.until_gone()


async def _chunked(x: Exchange) -> bool:
    body, half = x.reply.body, len(x.reply.body) // 2
    head = _length(b"Transfer-Encoding: chunked")(x.reply.head(), len(body))
    parts = b"".join(b"%x;ext=1\r\n%s\r\n" % (len(part), part) for part in (body[:half], body[half:]))
    return await x.send(head, parts + b"0\r\nX-Trailer: 1\r\n\r\n")


async def _until_close(x: Exchange) -> bool:
    await x.send(_length(b"Connection: close")(x.reply.head(), len(x.reply.body)) + x.reply.body)
    return x.finish()


async def _two_writes(x: Exchange) -> bool:
    wire = x.reply.wire()
    return await x.send(*(wire[at : at + 7] for at in range(0, len(wire), 7)))


async def _stray_byte(x: Exchange) -> bool:
    await x.send(x.reply.wire() + b"\x00")
    return await x.until_gone()


async def _stray_line(x: Exchange) -> bool:
    await x.send(x.reply.wire() + b"\r\n")
    return await x.until_gone()


async def _stray_answer(x: Exchange) -> bool:
    await x.send(x.reply.wire() + _STRAY)
    return await x.until_gone()


async def _stray_answer_later(x: Exchange) -> bool:
    await x.send(x.reply.wire(), _STRAY, gap=0.01)
    return await x.until_gone()


async def _cookie(x: Exchange) -> bool:
    return await x.send(x.reply.having(("Set-Cookie", f"_ofn_session_id=session-of-{x.call.token}; path=/")).wire())


async def _big_head(x: Exchange) -> bool:
    await x.send(x.reply.having(*((f"X-Pad-{number}", "p" * 1000) for number in range(200))).wire())
    return await x.until_gone()


async def _endless_head(x: Exchange) -> bool:
    await x.send(x.reply.head()[:-2])
    for number in range(1 << 14):
        if not await x.send(b"X-Pad-%d: %s\r\n" % (number, b"p" * 1000)):
            break
    return x.finish()


async def _lower_case(x: Exchange) -> bool:
    head = x.reply.head()
    line, rest = head.split(b"\r\n", 1)
    return await x.send(line + b"\r\n" + rest.lower() + x.reply.body)


async def _http_1_0(x: Exchange) -> bool:
    await x.send(x.reply.wire().replace(b"HTTP/1.1", b"HTTP/1.0", 1))
    return x.finish()


async def _id_in_header(x: Exchange) -> bool:
    headers = tuple(("X-Request-Id", "someone-elses-1") if n == "X-Request-Id" else (n, v) for n, v in x.reply.headers)
    return await x.send(msgspec.structs.replace(x.reply, headers=headers).wire())


_OK = (True,)
_CHUNKED = _length(b"Transfer-Encoding: chunked")

FRAMING = (
    _headers(
        "length-and-chunked",
        "sends Content-Length and Transfer-Encoding",
        _length(b"Content-Length: %d\r\nTransfer-Encoding: chunked"),
        b"0\r\n\r\n",
    ),
    _headers("two-lengths", "sends two Content-Lengths that differ", _with(b"Content-Length: 3")),
    _headers("negative-length", "sends a negative Content-Length", _length(b"Content-Length: -1")),
    _headers("worded-length", "sends a Content-Length that is no number", _length(b"Content-Length: 12a")),
    _headers("signed-length", "sends a Content-Length with a sign", _length(b"Content-Length: +%d")),
    _headers("bad-chunk-size", "sends a chunk size that is no number", _CHUNKED, b"zz\r\nabc\r\n0\r\n\r\n"),
    _headers("unknown-transfer", "sends a Transfer-Encoding nobody knows", _length(b"Transfer-Encoding: x-rot13")),
    _headers("bad-status-line", "sends a status line that is none", _status(b"HTTP/1.1 okay")),
    _headers("bad-version", "answers in HTTP/9.9", _status(b"HTTP/9.9 200 OK")),
    _headers("no-head", "sends a body without a head", lambda _head, _length: b""),
    _headers("header-no-colon", "sends a header without a colon", _with(CANARY.encode())),
    _headers("header-nul", "sends a NUL in a header", _with(b"X-Odd: a\x00b")),
    _headers("garbage", "sends bytes that are no HTTP", lambda _head, _length: b"\x16\x03\x01\x02\x00\x01" * 50),
    Fault("101", "switches protocols", _switching),
    Fault("big-head", "sends 200 KB of headers", _big_head),
    Fault("endless-head", "sends headers without end", _endless_head),
    Fault("wrong-request-id", "echoes another call's request id", _id_in_header),
    Fault("stray-byte", "sends a byte after the answer", _stray_byte, _OK),
    Fault("stray-line", "sends an empty line after the answer", _stray_line, _OK),
    Fault("stray-answer", "sends another answer after the answer", _stray_answer, _OK),
    Fault("stray-answer-later", "sends another answer a moment after the answer", _stray_answer_later, _OK),
    Fault("cookie", "sets a session cookie", _cookie, _OK),
    Fault("100", "sends 100 Continue first", _continue, _OK),
    Fault("103", "sends early hints first", _early_hints, _OK),
    Fault("chunked", "sends its answer in chunks, with extensions and a trailer", _chunked, _OK),
    Fault("until-close", "ends the body by closing", _until_close, _OK),
    Fault("in-small-pieces", "sends the answer seven bytes at a time", _two_writes, _OK),
    Fault("lower-case-headers", "sends header names in lower case", _lower_case, _OK),
    Fault("http-1.0", "answers in HTTP/1.0", _http_1_0, _OK),
)
