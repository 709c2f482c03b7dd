"""The edge as an application: under any ASGI server, and straight under the project's own connections."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

from custgraph.config import Settings
from custgraph.cork import Cork
from custgraph.credentials import Caller
from custgraph.explorer import Explorer
from custgraph.http.asgi import ClientGone, Watch, read_request, send_answer, send_refusal
from custgraph.http.explorer_page import ExplorerAssets, Page
from custgraph.http.gate import Gate
from custgraph.http.handler import Handler
from custgraph.http.health import Health
from custgraph.http.known_heads import KnownHeads
from custgraph.http.messages import Answer
from custgraph.http.refusals import Refused, body_too_large, url_too_long
from custgraph.http.runner import RequestContext
from custgraph.http.server.reader import Limits, Refusal
from custgraph.operation import Engine

PATH: Final = b"/graphql"


class GraphQLEdge:
    """GraphQL over HTTP at one path; an ASGI application, and a `server.connection.DirectApp`.

    Args:
        engine: runs operations.
        make_context: makes the context of one request; it is closed when the answer is made or the client has gone.
        settings: limits, credentials, origins.
        explorer: GraphiQL for browsers; None for none.
        demo_token: filled into GraphiQL's headers pane.
        count: told the status of every answer, 499 where the client had gone.

    Attributes:
        gate: counts operations; `gate.drain()` stops new ones, `await gate.drained()` waits for the last.
        assets: the ASGI application for `…/graphql/assets/NAME`.
        livez: the ASGI application that says whether the process lives.
        readyz: the one that says whether it takes new work.
        answer: answers one whole request; see `Handler.answer`.
    """

    def __init__(
        self,
        engine: Engine,
        make_context: Callable[[Caller], RequestContext],
        settings: Settings,
        explorer: Explorer | None = None,
        demo_token: str | None = None,
        count: Callable[[int], None] | None = None,
    ) -> None:
        if not settings.graphiql:
            explorer = None
        page = Page(explorer, demo_token) if explorer is not None else None
        self.gate = Gate(settings.max_in_flight, settings.max_loop_lag)
        self.assets = ExplorerAssets(explorer)
        self.livez = Health()
        self.readyz = Health(lambda: "draining" if self.gate.draining else None)
        self.direct_path = PATH
        self.wire_limits = Limits(
            settings.max_url_bytes, settings.max_header_bytes, settings.max_headers, settings.max_body_bytes
        )
        self.known_heads = KnownHeads()
        self.request_timeout = settings.body_timeout
        self.cork = Cork()
        self._handler = Handler(engine, make_context, settings, self.gate, page, self.known_heads, count)
        self.answer = self._handler.answer

    def refuse(self, refusal: Refusal) -> Answer:
        """Writes the answer to a request that a connection could not take."""
        limits = self.wire_limits
        if refusal.status == 413:
            return self._handler.refuse(body_too_large(limits.body))
        if refusal.status == 414:
            return self._handler.refuse(url_too_long(limits.url))
        return self._handler.refuse(Refused(refusal.status, refusal.reason))

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answers as an ASGI application."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close"})
            return
        method = scope["method"]
        watch = Watch(receive, self.request_timeout)
        try:
            request = await read_request(scope, receive, self.wire_limits, watch)
            answer = await self._handler.answer(request)
        except Refused as refused:
            watch.stop()
            await send_refusal(send, receive, self._handler.refuse(refused), method, whole=watch.read)
            return
        except ClientGone:
            return
        except asyncio.CancelledError:
            if not watch.gone:
                raise
            watch.task.uncancel()
            return
        finally:
            watch.stop()
        await send_answer(send, answer, method)
