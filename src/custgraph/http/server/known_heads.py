"""Heads of requests that came before, byte for byte: clients repeat them, so each is read and judged once.

What a head means depends on its bytes alone. So a request with a known one, provided that it came whole and nothing
behind it, needs no parser: all that is left of it is its body.
"""

from __future__ import annotations

from typing import Final

from custgraph.http.messages import KnownHead, Request

MOST: Final = 512
"""Heads kept. When there are more they are all forgotten: those that come again are soon known again."""

LONGEST: Final = 1_024
"""Bytes of a head that is kept."""

_END: Final = b"\r\n\r\n"


class KnownHeads:
    """The heads known to one application."""

    __slots__ = ("_heads",)

    def __init__(self) -> None:
        self._heads: dict[bytes, KnownHead] = {}

    def find(self, data: bytes) -> KnownHead | None:
        """Finds the head of a request whose bytes are these, all of them."""
        size = data.find(_END) + 4
        head = self._heads.get(data[:size])
        return head if head is not None and head.length == len(data) - size else None

    def learn(self, data: bytes, request: Request) -> None:
        """Keeps the head of a request that these bytes were, and that the parser found to be sound.

        Only a POST over HTTP/1.1 whose connection goes on, with the length of its body in its head, is kept.
        """
        size = data.find(_END) + 4
        length = len(request.body)
        if size > LONGEST or len(data) - size != length or (b"content-length", b"%d" % length) not in request.headers:
            return
        if len(self._heads) >= MOST:
            self._heads.clear()
        head = request.head = KnownHead(request.target, request.headers, length)
        self._heads[data[:size]] = head
