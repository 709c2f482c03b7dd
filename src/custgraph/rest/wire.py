"""What carries requests to the upstream: one small protocol, so that the rest of the leg knows no HTTP client."""

from __future__ import annotations

from typing import Literal, Protocol

import msgspec

Method = Literal["GET", "POST", "PUT", "DELETE"]
FaultKind = Literal["connect", "unreachable", "tls", "timeout", "stale", "reset", "truncated", "malformed"]
"""How an exchange failed.

- `connect`: no connection, by DNS or refusal; `unreachable`: none within its time limit; `tls`: the peer could not
  be trusted.
- `timeout`: sent, and no whole answer in time.
- `stale`: a connection used before was closed as it was used again, before any byte of an answer.
- `reset`: closed before any byte of the answer; `truncated`: closed in the middle of it.
- `malformed`: not HTTP/1.1, too large, encoded, framed in two ways, or the answer to another request.
"""


class Answer(msgspec.Struct, frozen=True, gc=False):
    """A whole HTTP answer.

    Attributes:
        status: 200 to 599.
        headers: of those the leg looks at (`headers.KEPT`), by lower-case name.
        body: undecoded; within the size limit.
    """

    status: int
    headers: dict[bytes, bytes]
    body: bytes

    def __repr__(self) -> str:
        return f"Answer({self.status}, {len(self.body)} bytes)"


class WireFault(Exception):
    """No whole answer came.

    Attributes:
        kind: how the exchange failed.
        sent: whether any byte of the request may have left this process.
        note: a fixed phrase for the log; never the upstream's words.
    """

    def __init__(self, kind: FaultKind, note: str, *, sent: bool) -> None:
        super().__init__(kind)
        self.kind = kind
        self.note = note
        self.sent = sent


class Channel(Protocol):
    """The way to the upstream for one credential; its connections carry no other's requests."""

    async def send(
        self, method: Method, target: str, body: bytes | None, request_id: str, extra: str, until: float
    ) -> Answer:
        """Sends one request and gives the whole answer. Cancelling it closes the connection.

        Args:
            method: a write (all but GET) travels on a connection that carried nothing before.
            target: path and query below the base URL, percent-encoded ASCII.
            body: JSON, or None.
            request_id: sent as `X-Request-Id`; an echo that differs makes the answer `malformed`.
            extra: more header lines, each ended by CRLF, made of checked values.
            until: loop time by which the whole answer must be there.

        Raises:
            WireFault: no whole answer came.
        """
        ...

    def close_idle(self) -> None:
        """Closes the connections that carry nothing now."""
        ...


class Wire(Protocol):
    """Makes channels."""

    def channel(self, credential_header: str) -> Channel:
        """Opens a channel whose requests all carry this header line, such as `X-Api-Token: …`."""
        ...

    async def aclose(self) -> None:
        """Closes every connection."""
        ...
