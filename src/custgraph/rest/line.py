"""One caller's line to the upstream: every call passes the same gates, in the same order, under one deadline."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from custgraph.credentials import Caller
from custgraph.errors import Unauthenticated, UpstreamRateLimited, UpstreamTimeout, UpstreamUnavailable
from custgraph.rest.answers import Verdict, Weight, bad_document, is_json, of_answer, of_fault, whole_seconds
from custgraph.rest.documents import BadDocument
from custgraph.rest.lanes import Lane
from custgraph.rest.wire import Answer, Method, WireFault
from custgraph.telemetry import logger

if TYPE_CHECKING:
    from custgraph.rest.upstream import Upstream

T = TypeVar("T")

OFF_LOOP_BYTES = 524_288
"""A larger answer is decoded in a thread, so that it does not hold up the event loop."""

LEAST_FAIR_WAIT = 1.0
"""Seconds; a call that had less time left and got no answer says nothing about the upstream."""

_READ = frozenset({200})
_log = logger("custgraph.rest")


class Line:
    """The gates: credential, deadline, the upstream's own pauses, circuit breaker, bulkheads. Then the wire.

    Attributes:
        lane: the credential's lane; None without a credential, and then nothing is sent.
        calls: upstream calls sent so far, retries included.
        deadline: loop time by which the operation has to be done; 0 until it began.
        request_id: the request's id; each call's own is this with its number behind it.
    """

    __slots__ = ("_extra", "_upstream", "calls", "deadline", "lane", "request_id")

    def __init__(self, upstream: Upstream, caller: Caller, lane: Lane | None) -> None:
        self._upstream = upstream
        self._extra = _extra_headers(caller)
        self.lane = lane
        self.calls = 0
        self.deadline = 0.0
        self.request_id = caller.request_id

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
                error, judged = verdict.error, verdict
            now = asyncio.get_running_loop().time()
            pause = self._upstream.retries.pause(judged, attempt, now, self.deadline)
            if pause is None:
                raise error
            if pause:
                await asyncio.sleep(pause)
            attempt += 1

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
        lane, now = self._gates()
        breaker = upstream.breaker
        trial = breaker.open
        if trial and not breaker.admits(now, write=method != "GET"):
            raise UpstreamUnavailable(retryAfter=whole_seconds(breaker.rest_left(now)))
        answered = False
        try:
            if not upstream.bulkheads.take(lane):
                await upstream.bulkheads.wait(lane, self.deadline)
                now = asyncio.get_running_loop().time()
            try:
                self.calls += 1
                until = min(now + limit, self.deadline)
                answer = await lane.channel.send(
                    method, target, body, f"{self.request_id}-{self.calls}", self._extra, until
                )
                if answer.status not in good:
                    raise of_answer(answer, lane.secret)
                value = await _decoded(answer, decode, args)
            finally:
                upstream.bulkheads.release(lane)
            answered = True
        except WireFault as fault:
            answered = True
            verdict = of_fault(fault)
            if fault.kind == "timeout" and until - now < LEAST_FAIR_WAIT:
                verdict.weight = Weight.NONE
            self._judged(verdict, lane, now, trial=trial, note=fault.note)
            raise verdict from None
        except BadDocument as bad:
            answered = True
            verdict = bad_document()
            lane.channel.close_idle()  # an answer that is not one may mean that a connection is out of step
            self._judged(verdict, lane, now, trial=trial, note=str(bad))
            raise verdict from None
        except Verdict as verdict:
            answered = True
            self._judged(verdict, lane, now, trial=trial, note=None)
            raise
        finally:
            if trial and not answered:
                breaker.abandoned()
        breaker.succeeded(lane, now, trial=trial)
        return value

    def _gates(self) -> tuple[Lane, float]:
        """Refuses what must not be sent."""
        lane = self.lane
        if lane is None:
            raise Unauthenticated
        now = asyncio.get_running_loop().time()
        if now >= self.deadline:
            if self.deadline:
                raise UpstreamTimeout
            self.deadline = now + self._upstream.query_deadline
        if lane.paused_until > now:
            raise UpstreamRateLimited(retryAfter=whole_seconds(lane.paused_until - now))
        return lane, now

    def _judged(self, verdict: Verdict, lane: Lane, now: float, *, trial: bool, note: str | None) -> None:
        """Tells the breaker and the log, and keeps the pause that the upstream asked this credential for."""
        breaker = self._upstream.breaker
        now = asyncio.get_running_loop().time()
        if verdict.weight is not Weight.NONE:
            breaker.failed(lane, now, verdict.weight, trial=trial)
            _log.warning(
                "upstream call failed", call=f"{self.request_id}-{self.calls}", code=verdict.error.code, note=note
            )
        elif verdict.fresh:
            if trial:
                breaker.abandoned()
        else:
            breaker.succeeded(lane, now, trial=trial)
        if isinstance(verdict.error, UpstreamRateLimited) and verdict.pause is not None:
            lane.paused_until = now + verdict.pause


async def _decoded(answer: Answer, decode: Callable[..., T], args: tuple[object, ...]) -> T:
    if answer.status != 204 and not is_json(answer):
        raise BadDocument("not JSON by its content type")
    if len(answer.body) > OFF_LOOP_BYTES:
        return await asyncio.to_thread(decode, answer.body, *args)
    return decode(answer.body, *args)


def _extra_headers(caller: Caller) -> str:
    """Writes the header lines that travel on from the caller's request; values that could end a line are left out."""
    lines = ""
    if caller.accept_language is not None and caller.accept_language.isprintable():
        lines += f"Accept-Language: {caller.accept_language}\r\n"
    if caller.traceparent is not None and caller.traceparent.isprintable():
        lines += f"traceparent: {caller.traceparent}\r\n"
    return lines
