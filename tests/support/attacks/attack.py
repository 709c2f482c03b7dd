"""One abuse, and how it is told whether it was refused."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec

HOST = b"Host: gateway\r\n"
JSON = b"Content-Type: application/json\r\n"
ACCEPT = b"Accept: application/graphql-response+json\r\n"
CLOSED = 0
"""The status of a connection that was closed without an answer."""


class Reply(NamedTuple):
    """What came back.

    Attributes:
        status: `CLOSED` when nothing did.
        body: as the answer's length tells.
    """

    status: int
    body: bytes

    def codes(self) -> set[str]:
        """Codes of all errors; empty unless the answer is GraphQL's."""
        try:
            document = msgspec.json.decode(self.body)
            return {error["extensions"]["code"] for error in document["errors"]}
        except (msgspec.DecodeError, UnicodeDecodeError, LookupError, TypeError):
            return set()

    def has_data(self) -> bool:
        """Whether any field was answered."""
        try:
            document: Any = msgspec.json.decode(self.body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return False
        data = document.get("data") if isinstance(document, dict) else document
        return bool(data) and (not isinstance(data, dict) or any(value is not None for value in data.values()))


@dataclass(frozen=True)
class Attack:
    """An abuse.

    Attributes:
        name: what it is.
        request: the bytes, of one connection.
        statuses: those that refuse it.
        codes: those of which each error has one; none for an answer that is not GraphQL's.
    """

    name: str
    request: bytes
    statuses: frozenset[int]
    codes: frozenset[str] = frozenset()

    def is_refused(self, reply: Reply) -> bool:
        """Says whether the answer is a refusal as it should be: status, codes, and no data."""
        if reply.status not in self.statuses or reply.has_data():
            return False
        if not self.codes or reply.status == CLOSED:
            return True
        codes = reply.codes()
        return bool(codes) and codes <= self.codes


async def make(attack: Attack, host: str, port: int, patience: float = 15.0) -> Reply:
    """Makes an attack on a connection of its own; a server that says nothing for that long has status -1."""
    try:
        async with asyncio.timeout(patience):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                with contextlib.suppress(OSError):  # the answer may come, and the connection go, while this is sent
                    writer.write(attack.request)
                    await writer.drain()
                return await _reply(reader)
            finally:
                writer.close()
                with contextlib.suppress(OSError):
                    await writer.wait_closed()
    except TimeoutError:
        return Reply(-1, b"")


async def _reply(reader: asyncio.StreamReader) -> Reply:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        lines = head.split(b"\r\n")
        fields = dict(line.lower().split(b": ", 1) for line in lines[1:] if b": " in line)
        return Reply(int(lines[0].split(b" ")[1]), await reader.readexactly(int(fields.get(b"content-length", b"0"))))
    except (asyncio.IncompleteReadError, OSError):
        return Reply(CLOSED, b"")
