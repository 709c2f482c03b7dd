"""Whether this process lives and takes work. Neither asks the upstream: its outage must not restart gateways."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from custgraph.http.answers import SAFE, encode
from custgraph.http.callers import RequestIds
from custgraph.http.messages import Headers

_ALLOW: Final = (b"allow", b"GET, HEAD")


class Health:
    """An ASGI application for one path: 200 `{"status":"ok"}`, or 503 with another word.

    Args:
        trouble: gives that word, such as `draining`; None when all is well.
    """

    def __init__(self, trouble: Callable[[], str | None] = lambda: None) -> None:
        self._trouble = trouble
        self._ids = RequestIds()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answers; never waits for anything."""
        del receive
        if scope["type"] == "websocket":
            await send({"type": "websocket.close"})
            return
        trouble = self._trouble()
        status, body = (200, b'{"status":"ok"}') if trouble is None else (503, encode({"status": trouble}))
        headers: Headers = [(b"content-type", b"application/json"), *SAFE]
        if scope["method"] not in ("GET", "HEAD"):
            status, body = 405, b'{"status":"method not allowed"}'
            headers.append(_ALLOW)
        request_id = self._ids.take(dict(scope["headers"]).get(b"x-request-id"))
        headers += [(b"content-length", b"%d" % len(body)), (b"x-request-id", request_id.encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
