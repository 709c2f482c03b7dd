"""Heads of requests that came before, byte for byte: clients repeat them, so each is read and judged once.

Between two requests what a head means to one application depends on its bytes alone. So a request with a known one,
provided that it came whole and nothing behind it, needs no parser: all that is left of it is its body.
"""

from __future__ import annotations

from typing import Final

from custgraph.credentials import Caller
from custgraph.http.accept import MediaType
from custgraph.http.messages import KnownHead, Request

MOST: Final = 512
"""Heads kept. When there are more they are all forgotten: those that come again are soon known again."""

LONGEST: Final = 1_024
"""Bytes of a head that is kept."""

END: Final = b"\r\n\r\n"
"""Ends a head."""

_OF_ONE_REQUEST: Final = (b"x-request-id", b"traceparent")
"""Fields that make a head one that does not come again."""


class KnownHeads:
    """The heads known to one application. Only those of requests that it has let in are."""

    __slots__ = ("_heads",)

    def __init__(self) -> None:
        self._heads: dict[bytes, KnownHead] = {}

    def __len__(self) -> int:
        return len(self._heads)

    def find(self, data: bytes) -> KnownHead | None:
        """Finds the head of a request whose bytes are these, all of them."""
        size = data.find(END) + 4
        head = self._heads.get(data[:size])
        return head if head is not None and head.length == len(data) - size else None

    def learn(self, request: Request, fields: dict[bytes, bytes], media_type: MediaType, caller: Caller) -> None:
        """Keeps the head of a request that was let in, if it is such as may come again."""
        length = len(request.body)
        size = len(request.sent) - length
        if not 0 < size <= LONGEST or fields.get(b"content-length") != b"%d" % length:
            return
        if any(name in fields for name in _OF_ONE_REQUEST):
            return
        if len(self._heads) >= MOST:
            self._heads.clear()
        self._heads[request.sent[:size]] = KnownHead(request, length, fields, media_type, caller)
