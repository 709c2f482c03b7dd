"""HTTP/1.1 as the fake speaks it: a request as it came in, a reply as it goes out."""

from __future__ import annotations

import asyncio
import json
import re
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec

PREFIX = "/api/v1"
_CUSTOMER = re.compile(PREFIX + r"/customers/([1-9][0-9]{0,18})")
_ENTERPRISE = re.compile(PREFIX + r"/enterprises/([1-9][0-9]{0,18})/customers")
_REASONS = {200: "OK", 201: "Created", 204: "No Content", 401: "Unauthorized", 404: "Not Found", 422: "Unprocessable"}


class Kind(StrEnum):
    """What a call is for."""

    SHOW = "show"
    BATCH = "batch"
    LIST = "list"
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    OTHER = "other"


READS = frozenset({Kind.SHOW, Kind.BATCH, Kind.LIST})
WRITES = frozenset({Kind.CREATE, Kind.UPDATE, Kind.DELETE})


class Call(msgspec.Struct, frozen=True):
    """One request as the fake received it. Header names are lower-case."""

    connection: int
    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> list[tuple[str, str]]:
        return parse_qsl(urlsplit(self.target).query, keep_blank_values=True)

    def header(self, name: str) -> str | None:
        """The first header of this name."""
        return next((value for key, value in self.headers if key == name), None)

    @property
    def token(self) -> str | None:
        return self.header("x-api-token")

    @property
    def request_id(self) -> str | None:
        return self.header("x-request-id")

    @property
    def id(self) -> int | None:
        """The customer that the path names."""
        found = _CUSTOMER.fullmatch(self.path)
        return int(found[1]) if found else None

    @property
    def kind(self) -> Kind:
        if self.id is not None:
            return {"GET": Kind.SHOW, "PUT": Kind.UPDATE, "DELETE": Kind.DELETE}.get(self.method, Kind.OTHER)
        if self.path == f"{PREFIX}/customers" and self.method == "POST":
            return Kind.CREATE
        if self.method == "GET" and (self.path == f"{PREFIX}/customers" or _ENTERPRISE.fullmatch(self.path)):
            return Kind.BATCH if any(name == "q[id_in][]" for name, _ in self.query) else Kind.LIST
        return Kind.OTHER

    def json(self) -> dict[str, Any]:
        """The body's members; none for a body that is no JSON object."""
        try:
            value = json.loads(self.body or b"{}")
        except ValueError:
            return {}
        return value if isinstance(value, dict) else {}


class Reply(msgspec.Struct, frozen=True):
    """One reply. `length` writes Content-Length; `type` None leaves Content-Type out."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    type: str | None = "application/json; charset=utf-8"
    length: bool = True

    @classmethod
    def json(cls, status: int, value: object) -> Reply:
        """A reply with `value` as its JSON."""
        return cls(status, json.dumps(value, ensure_ascii=False).encode())

    def head(self) -> bytes:
        """The status line and the headers, the empty line included."""
        lines = [f"HTTP/1.1 {self.status} {_REASONS.get(self.status, 'Status')}"]
        if self.type is not None:
            lines.append(f"Content-Type: {self.type}")
        if self.length:
            lines.append(f"Content-Length: {len(self.body)}")
        lines += [f"{name}: {value}" for name, value in self.headers]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def wire(self) -> bytes:
        """All of it, as bytes."""
        return self.head() + self.body

    def having(self, *headers: tuple[str, str]) -> Reply:
        """The same with more headers."""
        return msgspec.structs.replace(self, headers=self.headers + headers)


async def read_call(reader: asyncio.StreamReader, connection: int) -> Call | None:
    """Reads one request; None when the client has gone instead.

    Raises:
        ValueError: the bytes are not a request that a strict HTTP/1.1 server would take.
    """
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    except asyncio.LimitOverrunError:
        raise ValueError("the request head is too large") from None
    line, *rest = head[:-4].decode("ascii").split("\r\n")
    method, target, version = line.split(" ")
    if version != "HTTP/1.1":
        raise ValueError("not HTTP/1.1")
    headers = []
    for entry in rest:
        name, colon, value = entry.partition(":")
        if not colon or not name or name != name.strip():
            raise ValueError("a malformed header")
        headers.append((name.lower(), value.strip(" \t")))
    names = [name for name, _ in headers]
    if names.count("host") != 1 or names.count("content-length") > 1 or "transfer-encoding" in names:
        raise ValueError("Host, Content-Length or Transfer-Encoding is wrong")
    length = int(dict(headers).get("content-length", "0"))
    try:
        body = await reader.readexactly(length)
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    return Call(connection, method, target, tuple(headers), body)
