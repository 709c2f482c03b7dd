"""The upstream leg of one process: its wire, its lanes, and what has been learned of the upstream."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from custgraph.config import Settings
from custgraph.credentials import Caller, Credential
from custgraph.rest.breaker import Breaker
from custgraph.rest.lanes import Bulkheads, Lane
from custgraph.rest.native_wire import NativeWire
from custgraph.rest.observed import CallObserver, ObservedWire
from custgraph.rest.retries import Retries
from custgraph.rest.session import UpstreamSession
from custgraph.rest.traffic import Traffic
from custgraph.rest.wire import Wire
from custgraph.telemetry import logger

if TYPE_CHECKING:
    import httpx

    from custgraph.rest.httpx_wire import FaultOf

T = TypeVar("T")

EMBEDDED_URL = "http://embedded/api/v1"
MOST_LANES = 4096
"""Credentials remembered; beyond this those with nothing under way are forgotten."""

_SECRET = re.compile(r"[!-~]{1,4096}")
_log = logger("custgraph.rest")


class Upstream:
    """The Customers API as one process sees it.

    Args:
        settings: where it is and how it may be asked.
        transport: an httpx transport to send through, such as `httpx.ASGITransport` around the embedded service;
            without one the wire is the settings' choice.
        base_url: the API's base URL; the settings' by default.
        wire: what carries the requests, in place of all that.
        observer: hears of every exchange.

    Attributes:
        searches: whether the upstream searches; None until it is known.
        lists_balances: whether lists tell balances; an upstream that refuses or ignores the wish is not asked again.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        base_url: str | None = None,
        wire: Wire | None = None,
        observer: CallObserver | None = None,
    ) -> None:
        self.settings = settings
        self.searches: bool | None = None
        self.lists_balances = True
        self.traffic = Traffic()
        self.breaker = Breaker(self.traffic, settings.breaker_failures, settings.breaker_seconds)
        self.retries = Retries(self.traffic, settings.retry_budget)
        self.bulkheads = Bulkheads(
            settings.upstream_concurrency,
            settings.credential_concurrency,
            settings.upstream_queue,
            settings.pool_timeout,
        )
        self.query_deadline = settings.query_deadline
        self.mutation_deadline = settings.mutation_deadline
        self.attempt_timeout = settings.attempt_timeout
        self.max_calls = settings.max_upstream_calls
        self.full_put = settings.upstream_put == "full"
        self._wire = wire or _wire(settings, transport, base_url or settings.upstream_url or EMBEDDED_URL)
        if observer is not None:
            self._wire = ObservedWire(self._wire, observer)
        self._cookie_name = settings.session_cookie
        self._lanes: dict[str, Lane] = {}
        self._writes: dict[asyncio.Task[Any], str] = {}
        self._deserted: set[asyncio.Task[Any]] = set()  # those of them whose callers have gone

    def session(self, caller: Caller) -> UpstreamSession:
        """Gives the caller's own view of the upstream, for one HTTP request."""
        credential = caller.credential
        return UpstreamSession(self, caller, None if credential is None else self._lane(credential))

    def _lane(self, credential: Credential) -> Lane | None:
        """Finds the credential's lane; none for one that no header could carry, which is treated as absent."""
        secret = credential.secret
        name = secret if credential.scheme == "token" else f"cookie {secret}"  # no token has a space
        lane = self._lanes.get(name)
        if lane is None:
            if not _SECRET.fullmatch(secret):
                return None
            if len(self._lanes) >= MOST_LANES:
                self._forget_idle_lanes()
            header = (
                f"X-Api-Token: {secret}" if credential.scheme == "token" else f"Cookie: {self._cookie_name}={secret}"
            )
            lane = self._lanes[name] = Lane(secret, self._wire.channel(header))
        return lane

    def _forget_idle_lanes(self) -> None:
        now = asyncio.get_running_loop().time()
        for name, lane in list(self._lanes.items()):
            if not lane.active and not lane.waiters and lane.paused_until <= now:
                lane.channel.close_idle()
                del self._lanes[name]

    async def finish(self, request_id: str, write: Coroutine[Any, Any, T]) -> T:
        """Runs a write in a task of its own, which ends even if the one who waits for it goes away."""
        task = asyncio.get_running_loop().create_task(write)
        self._writes[task] = request_id
        task.add_done_callback(self._finished)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            if not task.done():
                self._deserted.add(task)
            raise
        finally:
            del task  # it holds the error, whose traceback holds this frame

    def _finished(self, task: asyncio.Task[Any]) -> None:
        request_id = self._writes.pop(task)
        if task.cancelled():
            return
        error = task.exception()  # whoever waits sees it too
        if task in self._deserted:
            self._deserted.discard(task)
            note = "applied" if error is None else getattr(error, "code", type(error).__name__)
            _log.warning("write ended after its caller had left", request_id=request_id, note=note)

    @property
    def writes_under_way(self) -> tuple[str, ...]:
        """Request ids of the writes that have not ended."""
        return tuple(self._writes.values())

    async def aclose(self, limit: float | None = None) -> tuple[str, ...]:
        """Waits for writes under way, then closes all connections.

        Args:
            limit: seconds to wait at most; by default until each write's own deadline.

        Returns:
            Request ids of the writes that had not ended; each was logged.
        """
        if self._writes:
            await asyncio.wait(list(self._writes), timeout=limit)
        unsettled = dict(self._writes)
        for task, request_id in unsettled.items():
            _log.error("write cut off", request_id=request_id)
            task.cancel()
        if unsettled:
            await asyncio.wait(unsettled)
        await self._wire.aclose()
        return tuple(unsettled.values())


def _wire(settings: Settings, transport: httpx.AsyncBaseTransport | None, base_url: str) -> Wire:
    """Chooses the wire: an httpx transport that was given, httpx over aiohttp, or our own."""
    ssl_context = None
    if transport is None and urlsplit(base_url).scheme == "https":
        ssl_context = ssl.create_default_context(cafile=settings.upstream_ca_file)
    if transport is None and settings.upstream_wire == "native":
        return NativeWire(
            base_url,
            ssl_context,
            connect_timeout=settings.connect_timeout,
            write_timeout=settings.write_timeout,
            keepalive=settings.keepalive,
            max_idle=settings.upstream_concurrency,
            max_body=settings.max_answer_bytes,
            max_headers=settings.max_answer_header_bytes,
            check_request_id=settings.upstream_check_request_id,
        )
    from custgraph.rest.httpx_wire import HttpxWire, httpx_fault_of

    fault_of: FaultOf = httpx_fault_of
    if transport is None:
        from custgraph.rest.aiohttp_transport import aiohttp_fault_of, aiohttp_transport  # 0.1 s that others do without

        transport, fault_of = aiohttp_transport(ssl_context, settings.max_answer_header_bytes), aiohttp_fault_of
    return HttpxWire(
        transport,
        base_url,
        connect_timeout=settings.connect_timeout,
        max_body=settings.max_answer_bytes,
        max_headers=settings.max_answer_header_bytes,
        check_request_id=settings.upstream_check_request_id,
        fault_of=fault_of,
    )
