"""Faults of the body: JSON of the wrong shape, odd JSON, rows that nobody asked for, too many bytes."""

from __future__ import annotations

import functools
import gzip
import json
import zlib
from collections.abc import Callable
from typing import Any

import msgspec

from support.faults.catalogue.words import CANARY
from support.upstream import Exchange, Fault

_BOTH = (True, False)


def _body(name: str, title: str, change: Callable[[Exchange, bytes], bytes], **fault: Any) -> Fault:
    """A fault that only changes the body's bytes; all the rest stays honest."""

    async def run(x: Exchange) -> bool:
        return await x.send(msgspec.structs.replace(x.reply, body=change(x, x.reply.body)).wire())

    return Fault(name, title, run, **fault)


def _document(name: str, title: str, change: Callable[[dict[str, Any]], object], **fault: Any) -> Fault:
    """A fault that changes the document."""

    def changed(_x: Exchange, body: bytes) -> bytes:
        return json.dumps(change(json.loads(body)), ensure_ascii=False).encode()

    return _body(name, title, changed, **fault)


def _rows(change: Callable[[dict[str, Any]], None]) -> Callable[[dict[str, Any]], object]:
    """Changes the document's first row: the only one of a show or a write."""

    def changed(document: dict[str, Any]) -> object:
        data = document.get("data")
        row = data[0] if isinstance(data, list) and data else data
        if isinstance(row, dict):
            change(row)
        return document

    return changed


def _attributes(**members: object) -> Callable[[dict[str, Any]], object]:
    return _rows(lambda row: row["attributes"].update(members))


def _another_id(row: dict[str, Any]) -> None:
    row["id"] = "77777"
    row["attributes"]["id"] = 77777


def _two_ids(row: dict[str, Any]) -> None:
    row["attributes"]["id"] = 77777


def _in_text(old: str, new: bytes) -> Callable[[Exchange, bytes], bytes]:
    """Puts bytes that no JSON writer would make in the place of a member's value."""

    def changed(_x: Exchange, body: bytes) -> bytes:
        member = f'"{old}": '.encode()
        if member not in body:  # an error document, or an empty list
            return body
        start = body.index(member) + len(member)
        decoder = json.JSONDecoder()
        _, length = decoder.raw_decode(body[start:].decode())
        return body[:start] + new + body[start + len(body[start:].decode()[:length].encode()) :]

    return changed


def _twice(_x: Exchange, body: bytes) -> bytes:
    return body.replace(b'"email": ', b'"email": "%s@shop.test", "email": ' % CANARY.encode(), 1)


def _deep(_x: Exchange, _honest: bytes) -> bytes:
    return b'{"data": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"


def _other_tenant(x: Exchange, body: bytes) -> bytes:
    own = (x.call.token or "").split("-")[1].encode()
    return body.replace(own, b"mk999zq")


async def _other_reply(x: Exchange) -> bool:
    """The whole reply to another tenant's call, with that call's request id."""
    headers = tuple(
        ("X-Request-Id", "another-1") if name == "X-Request-Id" else (name, v) for name, v in x.reply.headers
    )
    return await x.send(msgspec.structs.replace(x.reply, body=_other_tenant(x, x.reply.body), headers=headers).wire())


def _encoded(coding: str, encode: Callable[[bytes], bytes]) -> Callable[[Exchange], object]:
    async def run(x: Exchange) -> bool:
        reply = msgspec.structs.replace(x.reply, body=encode(x.reply.body))
        return await x.send(reply.having(("Content-Encoding", coding)).wire())

    return run


def _padded(_x: Exchange, body: bytes) -> bytes:
    return body + b" " * (3 << 20)


@functools.cache
def _blanks() -> bytes:
    return gzip.compress(b" " * (50 << 20))


async def _bomb(x: Exchange) -> bool:
    # Two members make one stream: blanks, which JSON allows first, and then the honest document.
    body = _blanks() + gzip.compress(x.reply.body)
    return await x.send(msgspec.structs.replace(x.reply, body=body).having(("Content-Encoding", "gzip")).wire())


async def _oversized_chunks(x: Exchange) -> bool:
    await _chunks(x, 3 << 6)
    return x.finish()


async def _endless(x: Exchange) -> bool:
    await _chunks(x, 1 << 12)
    return x.finish()


async def _chunks(x: Exchange, count: int) -> None:
    """Sends chunks of 16 KiB until the client goes."""
    length = b"Content-Length: %d" % len(x.reply.body)
    await x.send(x.reply.head().replace(length, b"Transfer-Encoding: chunked"))
    piece = b"4000\r\n" + b" " * 0x4000 + b"\r\n"
    for _ in range(count):
        if not await x.send(piece):
            return


def _typed(type_: str | None) -> Callable[[Exchange], object]:
    async def run(x: Exchange) -> bool:
        return await x.send(msgspec.structs.replace(x.reply, type=type_).wire())

    return run


def _run(name: str, title: str, run: Any, applies: tuple[bool, ...] = _BOTH) -> Fault:
    return Fault(name, title, run, applies)


BODIES = (
    _body("truncated-json", "sends JSON that ends too early", lambda _x, body: body[: len(body) // 2]),
    _body("json-array", "sends an array for a document", lambda _x, _b: b'["%s"]' % CANARY.encode()),
    _body("json-scalar", "sends a number for a document", lambda _x, _b: b"1"),
    _body("json-null", "sends null for a document", lambda _x, _b: b"null"),
    _body("json-no-data", "sends a document without data", lambda _x, _b: b'{"meta": {"x": "%s"}}' % CANARY.encode()),
    _body("json-data-null", "sends null for data", lambda _x, _b: b'{"data": null}'),
    _body("json-data-text", "sends text for data", lambda _x, _b: b'{"data": "%s"}' % CANARY.encode()),
    _document(
        "json-list-for-one",
        "sends one where a list was asked, and a list for one",
        lambda d: (
            {**d, "data": d["data"][0] if d["data"] else None} if isinstance(d["data"], list) else {"data": [d["data"]]}
        ),
    ),
    _document("row-no-attributes", "sends a row without attributes", _rows(lambda row: row.pop("attributes"))),
    _document("row-another-type", "sends a row of another type", _rows(lambda row: row.update(type="order"))),
    _document("row-null-email", "sends a row whose email is null", _attributes(email=None)),
    _document("row-text-tags", "sends a row whose tags are text", _attributes(tags=CANARY)),
    _document("row-bad-id", "sends a row whose id is no number", _rows(lambda row: row.update(id=CANARY))),
    _document("row-another-id", "sends a row that was not asked for", _rows(_another_id)),
    _document("row-two-ids", "sends a row with two ids", _rows(_two_ids)),
    _document("row-huge-text", "sends a name of 1 MB", _attributes(first_name="n" * (1 << 20))),
    _run("another-tenants-reply", "sends the reply to another tenant's call", _other_reply),
    _body("json-duplicate-keys", "sends a member twice", _twice),
    _body("json-nan", "sends NaN", _in_text("latitude", b"NaN")),
    _body("json-infinity", "sends Infinity", _in_text("latitude", b"-Infinity")),
    _body("json-huge-float", "sends 1e999", _in_text("latitude", b"1e999")),
    _body("json-huge-int", "sends a number of 5000 digits", _in_text("latitude", b"9" * 5000)),
    _body("json-deep", "sends 100,000 nested arrays", _deep),
    _body("json-surrogate", "sends half a surrogate pair", _in_text("first_name", b'"\\ud800"')),
    _body("json-bom", "sends a byte-order mark first", lambda _x, body: b"\xef\xbb\xbf" + body),
    _body("json-utf-16", "sends UTF-16", lambda _x, body: body.decode().encode("utf-16")),
    _body("json-latin-1", "sends Latin-1", _in_text("first_name", b'"Ren\xe9e"')),
    _body("json-trailing", "sends more after the document", lambda _x, body: body + b'{"data": []}'),
    _run("type-text", "calls its JSON text/plain", _typed("text/plain")),
    _run("type-none", "sends JSON without a content type", _typed(None)),
    _body("oversized", "sends 3 MiB", _padded),
    _run("oversized-chunks", "sends 3 MiB in chunks", _oversized_chunks),
    _run("endless", "sends chunks without end", _endless),
    _run("gzip", "sends gzip though identity was asked", _encoded("gzip", gzip.compress)),
    _run("deflate", "sends deflate though identity was asked", _encoded("deflate", zlib.compress)),
    _run("unknown-encoding", "sends an encoding nobody knows", _encoded("x-rot13", lambda body: body)),
    _run("gzip-bomb", "sends gzip that unpacks to 50 MB", _bomb),
    _document(
        "odd-text",
        "sends script tags and direction marks as a name",
        _attributes(first_name="<script>alert(1)</script>\u202e\u0007"),
        applies=(True,),
    ),
    _document(
        "unknown-members",
        "sends members that nobody knows",
        lambda d: {
            **_attributes(brand_new={"a": [1]})(d),  # type: ignore[dict-item]
            "jsonapi": {"version": "1.1"},
        },
        applies=(True,),
    ),
)
