"""The composition root: the only file that builds the parts and wires them.

```
cli ─ create_app ─┬ http.GraphQLEdge     requests in, answers out
                  ├ execution.Executor   documents to results; the edge's engine
                  ├ schema               types, and the context of one request
                  ├ rest.Upstream        the Customers API, over the network or in process:
                  └ embedded             the Customers service, when no upstream URL is set
```
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from secrets import token_hex
from typing import TYPE_CHECKING, Any, Final

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import Receive, Scope, Send

from custgraph.config import Settings, SettingsError, load_settings
from custgraph.credentials import Caller, Credential
from custgraph.embedded import create_service
from custgraph.execution import BrokenTrustedDocument, Executor
from custgraph.explorer import load_explorer
from custgraph.http import GraphQLEdge
from custgraph.operation import Engine, OperationRequest, OperationResult
from custgraph.rest import Upstream, in_process
from custgraph.schema import Context, build_blueprint
from custgraph.steps import Blueprint
from custgraph.telemetry import configure_logs, logger, logs_are_configured
from custgraph.telemetry.observed import Watch

if TYPE_CHECKING:
    from custgraph.embedded.service import EmbeddedService

PATH: Final = "/graphql"
EMBEDDED_PATH: Final = "/api/v1"
_log = logger("custgraph.app")


def create_app(settings: Settings | None = None, *, service: EmbeddedService | None = None) -> Gateway:
    """Makes the gateway: an ASGI application, to be served or mounted under any path.

    Args:
        settings: by default those of the environment, `.env` and `custgraph.toml`.
        service: the embedded service to ask when no upstream URL is set; by default one as the settings have it.

    Raises:
        SettingsError: the settings that were read are wrong, or a trusted document is.
    """
    settings = settings or load_settings().settings
    if not logs_are_configured():  # by the command, or by the host for itself
        configure_logs(settings.log_level, settings.log_format, libraries=False)
    if settings.upstream_url is not None:
        service = None
    elif service is None:
        service = create_service(settings.embedded_path, documented_only=settings.embedded_documented_only)
    if service is not None and settings.upstream_token is None:
        settings = settings.with_upstream_token(service.demo_token)
    watch = Watch.find(metrics=settings.metrics_port is not None)
    upstream = Upstream(
        settings,
        transport=in_process(service) if service is not None else None,
        observer=watch.calls if watch is not None else None,
    )
    return Gateway(settings, upstream, service, watch)


class CannotStart(Exception):
    """Something that the gateway needs is not there; the message says what."""


class Gateway(Starlette):
    """The application. Requests for `/graphql` go straight to the edge, all others through Starlette's routes.

    Its life cycle is Starlette's: a host that mounts it runs `router.lifespan_context`. Without that it works, too: all
    it opens is opened by the first request; only an orderly end is then nobody's job but `aclose`'s.

    Attributes:
        settings: as in force.
        upstream: the REST side.
        service: the embedded service; None over a real upstream.
        demo_token: an API key of the embedded service; None over a real upstream.
        edge: the HTTP side.
        unsettled: request ids of the writes that the end cut off.
        out_of_time: whether the end came before all that was under way was done.
    """

    def __init__(
        self, settings: Settings, upstream: Upstream, service: EmbeddedService | None, watch: Watch | None
    ) -> None:
        self.settings = settings
        self.upstream = upstream
        self.service = service
        self.demo_token = service.demo_token if service is not None else None
        self.blueprint = build_blueprint(settings)
        self._executor = _executor(self.blueprint, settings)
        self._watch = watch
        self._stop_metrics: Callable[[], None] | None = None
        self.engine: Engine = self._executor if watch is None else watch.engine(self._executor)
        self.make_context: Callable[[Caller], Context] = partial(Context, upstream)
        if watch is not None:
            self.make_context = self._make_watched_context
        count = watch.metrics.request if watch is not None and watch.metrics is not None else None
        self.edge = GraphQLEdge(self.engine, self.make_context, settings, load_explorer(), self.demo_token, count)
        self.unsettled: tuple[str, ...] = ()
        self.out_of_time = False
        self._ends_by: float | None = None
        # What connections of `http.server` ask of an application: they hand over requests for this path whole.
        self.direct_path = self.edge.direct_path
        self.wire_limits = self.edge.wire_limits
        self.request_timeout = self.edge.request_timeout
        self.answer = self.edge.answer
        self.refuse = self.edge.refuse
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
            from custgraph.embedded.database import UnusableDatabase

            try:
                await self.service.startup()
            except UnusableDatabase as error:
                raise CannotStart(str(error)) from error
        port = self.settings.metrics_port
        if port is not None and self._watch is not None and self._watch.metrics is not None:
            try:
                self._stop_metrics = self._watch.metrics.serve(self.settings.host, port)
            except OSError as error:
                raise CannotStart(f"metrics_port: port {port} cannot be listened on: {error.strerror}") from error

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
        await self._executor.aclose()
        if self.service is not None:
            await self.service.aclose()
        if self._stop_metrics is not None:
            await asyncio.to_thread(self._stop_metrics)

    def abandon(self) -> None:
        """Logs the writes under way: the process is about to end without waiting for them."""
        for request_id in self.upstream.writes_under_way:
            _log.error("write cut off", request_id=request_id)

    def _make_watched_context(self, caller: Caller) -> Context:
        assert self._watch is not None  # noqa: S101 - else nobody calls this
        self._watch.join_trace(caller.traceparent)
        return Context(self.upstream, caller)

    def _time_left(self) -> float:
        assert self._ends_by is not None  # noqa: S101 - it drains
        return max(self._ends_by - asyncio.get_running_loop().time(), 0.0)


def _executor(blueprint: Blueprint, settings: Settings) -> Executor:
    try:
        return Executor(blueprint, settings)
    except BrokenTrustedDocument as error:
        raise SettingsError(f"CUSTGRAPH_DOCUMENTS: {error}") from error


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
