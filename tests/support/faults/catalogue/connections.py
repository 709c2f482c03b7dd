"""Faults of the connection: silence, slowness, and ends where none should be."""

from __future__ import annotations

from support.upstream import Exchange, Fault

_GAP = 0.05
"""Seconds between two bytes of a drip: shorter than any read timeout, so that only a deadline ends it."""


async def _no_answer(x: Exchange) -> bool:
    return await x.until_gone()


async def _headers_dripped(x: Exchange) -> bool:
    await x.send(*(bytes([byte]) for byte in x.reply.wire()), gap=_GAP)
    return x.finish()


async def _body_dripped(x: Exchange) -> bool:
    await x.send(x.reply.head())
    await x.send(*(bytes([byte]) for byte in x.reply.body), gap=_GAP)
    return x.finish()


async def _stalled_in_body(x: Exchange) -> bool:
    await x.send(x.reply.head(), x.reply.body[: len(x.reply.body) // 2])
    return await x.until_gone()


async def _reset_before_headers(x: Exchange) -> bool:
    return x.reset()


async def _closed_before_headers(x: Exchange) -> bool:
    return x.finish()


async def _closed_in_headers(x: Exchange) -> bool:
    await x.send(x.reply.head()[:40])
    return x.finish()


async def _reset_in_body(x: Exchange) -> bool:
    # The pause lets the half answer be read before the reset discards what is still on the way.
    await x.send(x.reply.head(), x.reply.body[: len(x.reply.body) // 2], gap=_GAP)
    return x.reset()


async def _closed_in_body(x: Exchange) -> bool:
    await x.send(x.reply.head(), x.reply.body[: len(x.reply.body) // 2])
    return x.finish()


async def _closed_in_chunks(x: Exchange) -> bool:
    head = x.reply.head().replace(b"Content-Length: %d" % len(x.reply.body), b"Transfer-Encoding: chunked")
    half = x.reply.body[: len(x.reply.body) // 2]
    await x.send(head, b"%x\r\n%s\r\n" % (len(half), half))
    return x.finish()


async def _reused_then_reset(x: Exchange) -> bool:
    if x.served:
        return x.reset()
    return await x.send(x.reply.wire())


async def _reused_then_closed(x: Exchange) -> bool:
    if x.served:
        return x.finish()
    return await x.send(x.reply.wire())


async def _closed_after_answer(x: Exchange) -> bool:
    await x.send(x.reply.wire())
    return x.finish()


async def _connection_close(x: Exchange) -> bool:
    await x.send(x.reply.having(("Connection", "close")).wire())
    return x.finish()


CONNECTIONS = (
    Fault("no-answer", "takes the request and never answers", _no_answer),
    Fault("headers-dripped", "sends the headers a byte at a time", _headers_dripped),
    Fault("body-dripped", "sends the body a byte at a time", _body_dripped),
    Fault("stalled-in-body", "stops in the middle of the body", _stalled_in_body),
    Fault("reset-before-headers", "resets the connection before the headers", _reset_before_headers),
    Fault("closed-before-headers", "closes the connection before the headers", _closed_before_headers),
    Fault("closed-in-headers", "closes the connection in the middle of the headers", _closed_in_headers),
    Fault("reset-in-body", "resets the connection in the middle of the body", _reset_in_body),
    Fault("closed-in-body", "closes the connection in the middle of the body", _closed_in_body),
    Fault("closed-in-chunks", "closes the connection in the middle of a chunked body", _closed_in_chunks),
    Fault("applied-late", "resets, and a write takes effect later", _reset_before_headers, (False,), True),
    Fault("reused-then-reset", "resets a pooled connection as it is used again", _reused_then_reset, (True,)),
    Fault("reused-then-closed", "closes a pooled connection as it is used again", _reused_then_closed, (True,)),
    Fault("closed-after-answer", "closes after an answer without saying so", _closed_after_answer, (True,)),
    Fault("connection-close", "answers, says that it closes, and closes", _connection_close, (True,)),
)
