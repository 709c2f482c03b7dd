"""The ASGI application: life cycle, routes, and what every answer has in common."""

from __future__ import annotations

import asyncio
import logging
import re
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from hashlib import blake2b
from pathlib import Path

from msgspec import json
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route, Router
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocketClose

from .app import Answer, CustomersApi
from .auth import SESSION_COOKIE, Access, Enterprises, api_key
from .behaviour import Behaviour
from .calls import Call, CallLog
from .database import create_engine, open_database
from .errors import ApiError, Crash, RecordNotFound
from .params import QueryParams
from .sample import DEMO_TOKEN, SESSIONS, TOKENS

PREFIX = "/api/v1"
MAX_BODY = 1024 * 1024
_NOT_IN_REQUEST_ID = re.compile(r"[^\w@-]", re.ASCII)
_log = logging.getLogger(__name__)

Handler = Callable[[Request], Awaitable[Answer]]


class EmbeddedService:
    """A Customers service. It can be the whole application, with its paths under `/api/v1`, or be mounted anywhere.

    A call that was begun is carried through even if its caller goes away, as a remote service would do.

    Attributes:
        calls: the calls that came in; records nothing until told to.
        demo_token: an API key whose owner manages every enterprise.
        tokens: every API key, with the enterprises that its owner manages.
        sessions: every value of the session cookie, likewise.
    """

    def __init__(self, path: Path | None, behaviour: Behaviour) -> None:
        self.calls = CallLog()
        self.demo_token = DEMO_TOKEN
        self.tokens: Mapping[str, Enterprises] = dict(TOKENS)
        self.sessions: Mapping[str, Enterprises] = dict(SESSIONS)
        self._path = path
        self._engine = create_engine(path)
        self._opening: asyncio.Task[None] | None = None
        self._running: set[asyncio.Task[Response]] = set()
        api = CustomersApi(self._engine, Access(self.tokens, self.sessions), behaviour)
        self._router = Router(
            [
                self._route("GET", "/customers", api.list_customers),
                self._route("POST", "/customers", api.create_customer),
                self._route("GET", "/customers/{id}", api.show_customer),
                self._route("PUT", "/customers/{id}", api.update_customer),
                self._route("DELETE", "/customers/{id}", api.delete_customer),
                self._route("GET", "/enterprises/{enterprise_id}/customers", api.list_customers),
            ],
            redirect_slashes=False,
            default=_no_such_path,
            lifespan=self._lifespan,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one call, as ASGI wants it."""
        await self._router(_below_prefix(scope) if scope["type"] == "http" else scope, receive, send)

    async def startup(self) -> None:
        """Opens the database, and fills it with sample data when it is empty. The first request does it too.

        Raises:
            UnusableDatabase: when the file cannot be used; the message says why.
        """
        if self._opening is None or _has_failed(self._opening):
            self._opening = asyncio.create_task(open_database(self._engine, self._path))
        await asyncio.shield(self._opening)

    async def aclose(self) -> None:
        """Waits for the calls under way and closes the database. The next call would open it again."""
        opening, self._opening = self._opening, None
        await asyncio.gather(*self._running, *([opening] if opening else []), return_exceptions=True)
        await self._engine.dispose()

    @asynccontextmanager
    async def _lifespan(self, _app: object) -> AsyncIterator[None]:
        await self.startup()
        try:
            yield
        finally:
            await self.aclose()

    def _route(self, method: str, path: str, handler: Handler) -> Route:
        async def endpoint(request: Request) -> Response:
            try:
                request.state.body = await _read_body(request)
            except ClientDisconnect:
                return Response(status_code=400)
            if request.state.body is None:
                return Response("The body is too large.", 413, media_type="text/plain")
            call = asyncio.create_task(self._answer(request, handler))
            self._running.add(call)
            call.add_done_callback(self._running.discard)
            return await asyncio.shield(call)

        return Route(path, endpoint, methods=[method])

    async def _answer(self, request: Request, handler: Handler) -> Response:
        try:
            self._record(request)
            await self.startup()
            answer = await handler(request)
        except ApiError as refusal:
            answer = Answer(refusal.status, refusal.document())
        except Exception:  # noqa: BLE001 - every fault has the same answer
            _log.exception("The embedded service crashed")
            answer = Answer(Crash.status, Crash().document())
        return _response(request, answer)

    def _record(self, request: Request) -> None:
        if not self.calls.recording:
            return
        query = request.scope["query_string"]
        credential = api_key(request, QueryParams(query)) or request.cookies.get(SESSION_COOKIE)
        path = request.scope["path"].removeprefix(request.scope["root_path"])
        self.calls.add(Call(request.method, path, query.decode("latin-1"), credential or None))


def _has_failed(task: asyncio.Task[None]) -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)


def _below_prefix(scope: Scope) -> Scope:
    """Moves `/api/v1` from the path to the path's root, unless whoever mounted the service has done so."""
    root: str = scope.get("root_path", "")
    path: str = scope["path"]
    below = path.removeprefix(root)
    return {**scope, "root_path": root + PREFIX if below.startswith(PREFIX + "/") else root}


async def _read_body(request: Request) -> bytes | None:
    """The body; None for one that is too large."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            return None
    return bytes(body)


def _response(request: Request, answer: Answer) -> Response:
    body = json.encode(answer.document)
    headers = {
        "content-type": "application/json; charset=utf-8",
        "cache-control": "no-cache",
        "x-request-id": _request_id(request),
    }
    if answer.status in (200, 201):
        headers["etag"] = f'W/"{blake2b(body, digest_size=16).hexdigest()}"'
        headers["cache-control"] = "max-age=0, private, must-revalidate"
        if request.method == "GET" and request.headers.get("if-none-match") == headers["etag"]:
            del headers["content-type"]
            return Response(status_code=304, headers=headers)
    return Response(body, answer.status, headers)


def _request_id(request: Request) -> str:
    sent = _NOT_IN_REQUEST_ID.sub("", request.headers.get("x-request-id", ""))
    return sent[:255] or str(uuid.uuid4())


async def _no_such_path(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await WebSocketClose()(scope, receive, send)
        return
    refusal = RecordNotFound()
    await _response(Request(scope), Answer(refusal.status, refusal.document()))(scope, receive, send)
