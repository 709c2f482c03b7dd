"""GraphiQL for browsers: the page at the endpoint, and its assets below it."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from custgraph.explorer import Explorer
from custgraph.http.accept import accepts_gzip
from custgraph.http.answers import SAFE
from custgraph.http.callers import RequestIds
from custgraph.http.fields import read_fields
from custgraph.http.messages import Answer, Headers
from custgraph.http.refusals import Refused

# A name is a hash of the content, so it never has to be asked for again.
_FOR_EVER: Final = (b"cache-control", b"public, max-age=31536000, immutable")
_GUARDS: Final[Headers] = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
]


class Page:
    """The page, made once.

    Args:
        explorer: GraphiQL as built.
        demo_token: filled into the page's headers pane; None for nothing.
    """

    def __init__(self, explorer: Explorer, demo_token: str | None) -> None:
        self._body = explorer.page(demo_token)
        self._headers: Headers = [
            (b"content-type", b"text/html; charset=utf-8"),
            (b"cache-control", SAFE[0][1]),
            *_GUARDS,
            (b"content-security-policy", explorer.csp.encode()),
            (b"vary", b"accept"),
            (b"content-length", b"%d" % len(self._body)),
        ]

    def answer(self, request_id: str) -> Answer:
        """The page as an answer."""
        return Answer(200, [*self._headers, (b"x-request-id", request_id.encode("ascii"))], self._body)


class ExplorerAssets:
    """An ASGI application for `…/assets/NAME`: the last part of the path names the asset."""

    def __init__(self, explorer: Explorer | None) -> None:
        self._explorer = explorer
        self._ids = RequestIds()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answers with the asset, gzipped where that is accepted."""
        del receive
        if scope["type"] == "websocket":
            await send({"type": "websocket.close"})
            return
        try:
            fields = read_fields(scope["headers"])
            status, headers, body = await self._find(scope, fields)
        except Refused as refused:
            fields, status, body = {}, refused.status, refused.message.encode()
            headers = [(b"content-type", b"text/plain; charset=utf-8"), *SAFE, *refused.headers]
        request_id = self._ids.take(fields.get(b"x-request-id")).encode("ascii")
        headers = [*headers, (b"content-length", b"%d" % len(body)), (b"x-request-id", request_id)]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

    async def _find(self, scope: Any, fields: dict[bytes, bytes]) -> tuple[int, Headers, bytes]:
        if scope["method"] not in ("GET", "HEAD"):
            raise Refused(405, "Send GET.", headers=[(b"allow", b"GET, HEAD")])
        explorer = self._explorer
        asset = explorer.asset(scope["path"].rpartition("/")[2]) if explorer is not None else None
        if explorer is None or asset is None:
            raise Refused(404, "There is no such asset.")
        headers: Headers = [
            (b"content-type", asset.content_type.encode()),
            _FOR_EVER,
            *_GUARDS,
            (b"content-security-policy", explorer.csp.encode()),
            (b"vary", b"accept-encoding"),
        ]
        if accepts_gzip(fields.get(b"accept-encoding", b"")):
            return 200, [*headers, (b"content-encoding", b"gzip")], asset.gzipped
        return 200, headers, await asyncio.to_thread(asset.plain)
