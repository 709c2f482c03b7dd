"""The application as it is served: its routes and its life, from start to drain to end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from secrets import token_hex
from typing import TYPE_CHECKING, Any, Final, Protocol

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import Receive, Scope, Send

from custgraph.config import Settings
from custgraph.credentials import Caller, Credential
from custgraph.execution import Executor
from custgraph.http import GraphQLEdge
from custgraph.operation import Engine, OperationRequest, OperationResult
from custgraph.rest import Upstream
from custgraph.schema import Context
from custgraph.steps import Blueprint
from custgraph.telemetry import logger

if TYPE_CHECKING:
    from custgraph.telemetry.metrics import Metrics

PATH: Final = "/graphql"
EMBEDDED_PATH: Final = "/api/v1"
ELSEWHERE: Final = "CUSTGRAPH_EMBEDDED_DATA names another file; CUSTGRAPH_EMBEDDED_MEMORY=true needs none."
_log = logger("custgraph.gateway")


class CannotStart(Exception):
    """Something that the gateway needs is not there; the message says what."""


class Service(Protocol):
    """A Customers service in this process, an ASGI application.

    Attributes:
        demo_token: an API key whose owner manages every enterprise.
    """

    demo_token: str

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one call."""

    async def startup(self) -> None:
        """Opens what it needs.

        Raises:
            RuntimeError: it cannot be used; the message says why.
        """

    async def aclose(self) -> None:
        """Waits for the calls under way and closes everything."""


class Gateway(Starlette):
    """The application. Requests for `/graphql` go straight to the edge, all others through Starlette's routes.

    Its life cycle is Starlette's: a host that mounts it runs `router.lifespan_context`. Without that it works, too: all
    it opens is opened by the first request; only an orderly end is then nobody's job but `aclose`'s.

    Attributes:
        settings: as in force.
        blueprint: the schema, and what is known of its fields.
        executor: runs operations.
        engine: what the edge asks: the executor, or what watches it.
        make_context: makes the context of one request.
        edge: the HTTP side.
        upstream: the REST side.
        service: the embedded service; None over a real upstream.
        metrics: None when they are not wanted.
        demo_token: an API key of the embedded service; None over a real upstream.
        unsettled: request ids of the writes that the end cut off.
        out_of_time: whether the end came before all that was under way was done.
    """

    def __init__(
        self,
        *,
        settings: Settings,
        blueprint: Blueprint,
        executor: Executor,
        engine: Engine,
        make_context: Callable[[Caller], Context],
        edge: GraphQLEdge,
        upstream: Upstream,
        service: Service | None,
        metrics: Metrics | None,
    ) -> None:
        self.settings = settings
        self.blueprint = blueprint
        self.executor = executor
        self.engine = engine
        self.make_context = make_context
        self.edge = edge
        self.upstream = upstream
        self.service = service
        self.metrics = metrics
        self.demo_token = service.demo_token if service is not None else None
        self.unsettled: tuple[str, ...] = ()
        self.out_of_time = False
        self._ends_by: float | None = None
        self._stop_metrics: Callable[[], None] | None = None
        # What connections of `http.server` ask of an application: they hand over requests for this path whole.
        self.direct_path = edge.direct_path
        self.wire_limits = edge.wire_limits
        self.known_heads = edge.known_heads
        self.request_timeout = edge.request_timeout
        self.cork = edge.cork
        self.answer = edge.answer
        self.refuse = edge.refuse
        super().__init__(routes=self._routes(), exception_handlers={404: _not_found}, lifespan=self._lifespan)
        self.router.redirect_slashes = False

    def _routes(self) -> list[BaseRoute]:
        routes: list[BaseRoute] = [
            Route("/", _to_the_endpoint),
            Mount(f"{PATH}/assets", self.edge.assets),
            Route("/livez", self.edge.livez),
            Route("/readyz", self.edge.readyz),
        ]
        if self.service is not None:
            routes.append(Mount(EMBEDDED_PATH, self.service))
        return routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers as an ASGI application."""
        if scope["type"] == "http" and scope["path"] in (PATH, scope.get("root_path", "") + PATH):
            await self.edge(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)

    async def execute(
        self,
        query: str,
        variables: dict[str, Any] | None = None,
        *,
        operation_name: str | None = None,
        token: str | None = None,
    ) -> OperationResult:
        """Runs one operation without HTTP.

        Args:
            query: the document.
            variables: by name.
            operation_name: which of the document's operations.
            token: the caller's API key; by default the service's own, if there is one.
        """
        own = self.settings.upstream_token
        secret = token if token is not None else own.get_secret_value() if own is not None else None
        caller = Caller(Credential.of(secret) if secret is not None else None, token_hex(16))
        context = self.make_context(caller)
        context.sole = True
        try:
            result = await self.engine.execute(OperationRequest(query, operation_name, variables), context)
            result.data = msgspec.to_builtins(result.data)  # a compiled plan's objects are Structs
            return result
        finally:
            context.close()

    async def startup(self) -> None:
        """Opens the embedded service's database, and the port of the metrics.

        Raises:
            CannotStart: one of them cannot be used.
        """
        if self.service is not None:
            try:
                await self.service.startup()
            except RuntimeError as error:
                raise CannotStart(f"{error} {ELSEWHERE}") from error
        port = self.settings.metrics_port
        if self.metrics is not None and port is not None:
            try:
                self._stop_metrics = self.metrics.serve(self.settings.host, port)
            except OSError as error:
                raise CannotStart(
                    f"CUSTGRAPH_METRICS_PORT: port {port} cannot be listened on: {error.strerror}"
                ) from error

    @asynccontextmanager
    async def _lifespan(self, _app: object) -> AsyncIterator[None]:
        await self.startup()
        try:
            yield
        finally:
            await self.aclose()

    def drain(self) -> None:
        """Takes no new operations from now on, and says so at /readyz; what is under way has `drain_timeout` left."""
        if self._ends_by is None:
            self._ends_by = asyncio.get_running_loop().time() + self.settings.drain_timeout
            self.edge.gate.drain()

    async def aclose(self) -> None:
        """Drains, waits for operations and writes under way within the time left, and closes everything.

        What was cut off is logged, and then in `unsettled`.
        """
        self.drain()
        await _within(self._time_left(), self.edge.gate.drained())
        self.unsettled = await self.upstream.aclose(self._time_left())
        self.out_of_time = not self._time_left()
        await self.executor.aclose()
        if self.service is not None:
            await self.service.aclose()
        if self._stop_metrics is not None:
            await asyncio.to_thread(self._stop_metrics)

    def abandon(self) -> None:
        """Logs the writes under way: the process is about to end without waiting for them."""
        for request_id in self.upstream.writes_under_way:
            _log.error("write cut off", request_id=request_id)

    def _time_left(self) -> float:
        assert self._ends_by is not None  # noqa: S101 - it drains
        return max(self._ends_by - asyncio.get_running_loop().time(), 0.0)


async def _within(seconds: float, awaited: Awaitable[object]) -> None:
    try:
        async with asyncio.timeout(seconds):
            await awaited
    except TimeoutError:
        pass


async def _to_the_endpoint(_request: Request) -> Response:
    return RedirectResponse("graphql")  # relative, so that it holds under any prefix


async def _not_found(_request: Request, _error: Exception) -> Response:
    error = {"message": f"There is nothing here; the endpoint is {PATH}.", "extensions": {"code": "NOT_FOUND"}}
    return JSONResponse({"errors": [error]}, 404, {"cache-control": "no-store", "x-content-type-options": "nosniff"})
