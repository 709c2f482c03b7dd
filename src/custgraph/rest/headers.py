"""HTTP headers on the upstream leg: which are sent, which are looked at, and what they must say."""

from __future__ import annotations

from typing import Final

from custgraph.rest.wire import WireFault

KEPT: Final = frozenset(
    {
        b"content-type",
        b"content-length",
        b"transfer-encoding",
        b"content-encoding",
        b"retry-after",
        b"date",
        b"x-request-id",
    }
)
USER_AGENT: Final = "custgraph"
SAME: Final = f"Accept: application/json\r\nAccept-Encoding: identity\r\nUser-Agent: {USER_AGENT}\r\n"
"""Header lines of every request. Compressed answers are refused, so none is asked for."""


def check(headers: dict[bytes, bytes], request_id: str | None) -> None:
    """Refuses an answer that is encoded, or that answers another request than `request_id`; None: any may be echoed.

    Raises:
        WireFault: `malformed`.
    """
    encoding = headers.get(b"content-encoding")
    if encoding is not None and encoding.strip().lower() not in (b"", b"identity"):
        raise WireFault("malformed", "the answer is compressed", sent=True)
    echo = headers.get(b"x-request-id")
    if echo is not None and request_id is not None and echo != request_id.encode():
        raise WireFault("malformed", "the answer carries another request's id", sent=True)


def is_json(headers: dict[bytes, bytes]) -> bool:
    """Says whether the answer calls itself JSON."""
    media_type = headers.get(b"content-type", b"")
    if media_type == b"application/json; charset=utf-8" or media_type == b"application/json":
        return True
    essence = media_type.partition(b";")[0].strip().lower()
    return essence in (b"application/json", b"application/vnd.api+json")
