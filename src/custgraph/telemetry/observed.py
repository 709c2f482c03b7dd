"""Watches operations and upstream calls for metrics and spans. Where neither is wanted, nothing is put in between."""

from __future__ import annotations

from time import perf_counter
from typing import Any

from opentelemetry import trace
from opentelemetry.trace import Span, SpanKind, Tracer

from custgraph.operation import Engine, OperationRequest, OperationResult
from custgraph.telemetry.metrics import Metrics
from custgraph.telemetry.spans import end, find_tracer, of_client, start_call

CANCELLED = "CANCELLED"
OK = "OK"


class Watch:
    """Metrics, a tracer, or both.

    Attributes:
        metrics: None when they are not wanted.
        calls: hears of the upstream calls.
    """

    def __init__(self, metrics: Metrics | None, tracer: Tracer | None) -> None:
        self.metrics = metrics
        self.calls = CallWatch(metrics, tracer)
        self._tracer = tracer

    @classmethod
    def find(cls, *, metrics: bool) -> Watch | None:
        """Makes what is wanted: metrics as told, spans when the process has an OpenTelemetry SDK; None for neither."""
        tracer = find_tracer()
        return cls(Metrics() if metrics else None, tracer) if metrics or tracer is not None else None

    def engine(self, engine: Engine) -> ObservedEngine:
        """Watches an engine."""
        return ObservedEngine(engine, self.metrics, self._tracer)


class ObservedEngine:
    """An engine whose operations are counted and have spans; implements `custgraph.operation.Engine`."""

    def __init__(self, engine: Engine, metrics: Metrics | None, tracer: Tracer | None) -> None:
        self._engine = engine
        self._metrics = metrics
        self._tracer = tracer

    async def execute(self, request: OperationRequest, context: Any, *, allow_mutation: bool = True) -> OperationResult:
        """Runs one request; see `Engine`."""
        if self._tracer is None:
            return await self._count(request, context, allow_mutation=allow_mutation)
        span = self._tracer.start_span("graphql", of_client(context.traceparent), kind=SpanKind.SERVER)
        code = CANCELLED
        try:
            with trace.use_span(span, record_exception=False, set_status_on_exception=False):
                result = await self._count(request, context, allow_mutation=allow_mutation)
            code = _code(result)
            return result
        finally:
            _name(span, context)
            end(span, code, failed=code != OK)

    async def _count(self, request: OperationRequest, context: Any, *, allow_mutation: bool) -> OperationResult:
        metrics = self._metrics
        if metrics is None:
            return await self._engine.execute(request, context, allow_mutation=allow_mutation)
        started = perf_counter()
        code = CANCELLED
        metrics.in_flight.inc()
        try:
            result = await self._engine.execute(request, context, allow_mutation=allow_mutation)
            code = _code(result)
            return result
        finally:
            metrics.in_flight.dec()
            metrics.operation(context.kind or "none", code, perf_counter() - started)


def _code(result: OperationResult) -> str:
    return str(result.errors[0]["extensions"]["code"]) if result.errors else OK


def _name(span: Span, context: Any) -> None:
    span.set_attribute("custgraph.request_id", context.request_id)
    if context.kind is not None:
        span.update_name(f"graphql {context.kind}")
        span.set_attribute("graphql.operation.type", context.kind)


class CallWatch:
    """Watches upstream calls; implements `custgraph.rest.observed.CallObserver`."""

    def __init__(self, metrics: Metrics | None, tracer: Tracer | None) -> None:
        self._metrics = metrics
        self._tracer = tracer

    def begin(self, method: str, request_id: str) -> tuple[object, str | None]:
        """Begins to watch a call; gives what `end` wants, and header lines in place of the client's trace context."""
        started = perf_counter()
        if self._tracer is None:
            return (method, started, None), None
        span, lines = start_call(self._tracer, method, request_id)
        return (method, started, span), lines

    def end(self, begun: Any, outcome: str, *, failed: bool) -> None:
        """Has watched a call."""
        method, started, span = begun
        if self._metrics is not None:
            self._metrics.call(method, outcome, perf_counter() - started)
        if span is not None:
            end(span, outcome, failed=failed)
