"""One caller's line to the upstream: every call passes the same gates, in the same order, under one deadline."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from custgraph.credentials import Caller
from custgraph.errors import (
    CustgraphError,
    QueryTooComplex,
    Refused,
    Unauthenticated,
    UpstreamError,
    UpstreamRateLimited,
    UpstreamTimeout,
    UpstreamUnavailable,
)
from custgraph.rest.answers import Verdict, Weight, bad_document, of_answer, of_fault, whole_seconds
from custgraph.rest.careful import BadDocument
from custgraph.rest.headers import is_json
from custgraph.rest.lanes import Lane
from custgraph.rest.wire import Answer, Method, WireFault
from custgraph.telemetry import logger

if TYPE_CHECKING:
    from custgraph.rest.upstream import Upstream

T = TypeVar("T")

OFF_LOOP_BYTES = 524_288
"""A larger answer is decoded in a thread, so that it does not hold up the event loop."""

LEAST_FAIR_WAIT = 1.0
"""Seconds; a call that the deadline left less time and that got no answer says nothing about the upstream."""

_READ = frozenset({200})
_log = logger("custgraph.rest")


class Line:
    """The gates: credential, deadline, the upstream's own pauses, circuit breaker, bulkheads. Then the wire.

    Attributes:
        allowance: how many more calls the operation may cause, retries aside.
        loop: the event loop of the request; looking it up costs a system call.
        lane: the credential's lane; None without a credential, and then nothing is sent.
        calls: upstream calls sent so far, retries included.
        deadline: loop time by which the operation has to be done; 0 until it began.
        request_id: the request's id; each call's own is this with its number behind it.
    """

    __slots__ = ("_extra", "_upstream", "allowance", "calls", "deadline", "lane", "loop", "request_id")

    def __init__(self, upstream: Upstream, caller: Caller, lane: Lane | None) -> None:
        self._upstream = upstream
        self._extra = _extra_headers(caller)
        self.loop = asyncio.get_running_loop()
        self.lane = lane
        self.allowance = 0
        self.calls = 0
        self.deadline = 0.0
        self.request_id = caller.request_id
        if not _is_plain(caller.request_id):
            raise ValueError("a request id that could end a header line")

    def begin(self, limit: float) -> None:
        """Starts the deadline of an operation, so many seconds from now, and allows its calls."""
        self.deadline = self.loop.time() + limit
        self.allowance += self._upstream.max_calls

    def time_left(self) -> float:
        """Tells how many seconds the operation has left."""
        if not self.deadline:
            self.begin(self._upstream.mutation_deadline)
        return self.deadline - self.loop.time()

    async def in_time(self, shared: Awaitable[T]) -> T:
        """Waits for what another operation, with another deadline, may be asking for.

        Raises:
            UpstreamTimeout: it did not come by this operation's deadline.
        """
        try:
            async with asyncio.timeout(self.time_left()):
                return await shared
        except TimeoutError:
            raise UpstreamTimeout from None

    async def read(self, target: str, decode: Callable[..., T], *args: object) -> T:
        """Sends a GET and decodes its answer with `decode(body, *args)`; asks again where that is worth it.

        Raises:
            CustgraphError: what became of it instead.
        """
        attempt = 0
        while True:
            try:
                return await self.attempt("GET", target, None, _READ, decode, args, self._upstream.attempt_timeout)
            except Verdict as verdict:
                next_ = self._pause_or_error(verdict, attempt)
            if isinstance(next_, CustgraphError):
                try:
                    raise next_  # not while the verdict is handled: it and the error would refer to each other
                finally:
                    del next_  # its traceback holds this frame
            if next_:
                await asyncio.sleep(next_)
            attempt += 1
            self.allowance += 1

    def _pause_or_error(self, verdict: Verdict, attempt: int) -> float | CustgraphError:
        """Tells how many seconds to wait before a read is asked again, or what it failed with."""
        if type(verdict.error) is Refused:
            return UpstreamError()  # there is nothing that the caller of a read could correct
        upstream = self._upstream
        if upstream.breaker.open and not verdict.fresh:
            return verdict.error  # once more would be refused
        pause = upstream.retries.pause(verdict, attempt, self.loop.time(), self.deadline)
        return verdict.error if pause is None else pause

    async def attempt(
        self,
        method: Method,
        target: str,
        body: bytes | None,
        good: frozenset[int],
        decode: Callable[..., T],
        args: tuple[object, ...],
        limit: float,
    ) -> T:
        """Sends one request, once.

        Args:
            method: GET for a read; anything else is a write.
            target: path and query below the API's base path.
            body: JSON, or None.
            good: statuses whose answers are decoded.
            decode: turns the body into a value; raises `BadDocument` if it cannot be believed.
            args: more arguments for `decode`.
            limit: seconds the exchange may take, within the deadline.

        Raises:
            Verdict: the exchange failed, or the upstream said no.
            CustgraphError: a gate was closed; nothing was sent.
        """
        upstream = self._upstream
        lane = self.lane
        if lane is None:
            raise Unauthenticated
        now = self._pass(lane, method)
        if not upstream.bulkheads.take(lane):
            now = await self._queue(lane, method)
        trial = upstream.breaker.open
        if trial:
            upstream.breaker.begin_trial(now)
        settled = False
        until = min(now + limit, self.deadline)
        self.allowance -= 1
        self.calls += 1
        call = f"{self.request_id}-{self.calls}"
        try:
            answer = await lane.channel.send(method, target, body, call, self._extra, until)
            if answer.status not in good:
                raise of_answer(answer, lane.secret)
            value = (
                _decoded(answer, decode, args)
                if len(answer.body) <= OFF_LOOP_BYTES
                else await asyncio.to_thread(_decoded, answer, decode, args)
            )
            upstream.breaker.succeeded(lane, now, trial=trial)
            settled = True
        except WireFault as fault:
            hurried = until - now < LEAST_FAIR_WAIT and until < now + limit
            settled = True
            raise self._judged(of_fault(fault, hurried=hurried), lane, call, trial=trial, note=fault.note) from None
        except BadDocument as bad:
            lane.channel.close_idle()  # an answer that is not one may mean that a connection is out of step
            settled = True
            raise self._judged(bad_document(), lane, call, trial=trial, note=str(bad)) from None
        except Verdict as verdict:
            settled = True
            self._judged(verdict, lane, call, trial=trial, note=f"status {answer.status}")
            raise
        finally:
            upstream.bulkheads.release(lane)
            if trial and not settled:
                upstream.breaker.abandon_trial()
        return value

    def _pass(self, lane: Lane, method: Method) -> float:
        """Refuses what must not be sent now; gives the loop's time."""
        upstream = self._upstream
        now = self.loop.time()
        if now >= self.deadline:
            if self.deadline:
                raise UpstreamTimeout
            self.begin(upstream.query_deadline)
        if self.allowance <= 0:
            raise QueryTooComplex(
                f"The operation needs more than {upstream.max_calls} upstream calls.",
                limit=upstream.max_calls,
                measured=upstream.max_calls + 1,
                setting="CUSTGRAPH_MAX_UPSTREAM_CALLS",
            )
        if lane.paused_until > now:
            raise UpstreamRateLimited(retryAfter=whole_seconds(lane.paused_until - now))
        breaker = upstream.breaker
        if breaker.open and not breaker.admits(lane, now, write=method != "GET"):
            raise UpstreamUnavailable(retryAfter=whole_seconds(breaker.rest_left(now)))
        return now

    async def _queue(self, lane: Lane, method: Method) -> float:
        """Waits for a slot, and looks again at what may have changed meanwhile."""
        bulkheads = self._upstream.bulkheads
        await bulkheads.wait(lane, self.deadline)
        try:
            return self._pass(lane, method)
        except CustgraphError:
            bulkheads.release(lane)
            raise

    def _judged(self, verdict: Verdict, lane: Lane, call: str, *, trial: bool, note: str) -> Verdict:
        """Tells the breaker and the log, and keeps the pause that the upstream asked this credential for.

        Returns:
            The verdict.
        """
        breaker = self._upstream.breaker
        now = self.loop.time()
        if verdict.fresh:
            lane.channel.close_idle()  # the others are likely to be as stale
        if isinstance(verdict.error, UpstreamRateLimited) and verdict.pause is not None:
            lane.paused_until = max(lane.paused_until, now + verdict.pause)
        if verdict.weight is not Weight.NONE:
            breaker.failed(lane, now, verdict.weight, trial=trial)
        elif verdict.tells:
            breaker.succeeded(lane, now, trial=trial)
        if trial and not verdict.tells:
            breaker.abandon_trial()
        if verdict.weight is not Weight.NONE:
            _log.warning("upstream call failed", call=call, code=verdict.error.code, note=note)
        return verdict


def _decoded(answer: Answer, decode: Callable[..., T], args: tuple[object, ...]) -> T:
    if answer.status != 204 and not (answer.body and is_json(answer.headers)):
        raise BadDocument("not JSON by its content type" if answer.body else "empty")
    return decode(answer.body, *args)


def _extra_headers(caller: Caller) -> str:
    """Writes the header lines that travel on from the caller's request; values that could end a line are left out."""
    lines = ""
    if caller.accept_language is not None and _is_plain(caller.accept_language):
        lines += f"Accept-Language: {caller.accept_language}\r\n"
    if caller.traceparent is not None and _is_plain(caller.traceparent):
        lines += f"traceparent: {caller.traceparent}\r\n"
    return lines


def _is_plain(value: str) -> bool:
    return value.isascii() and value.isprintable()
