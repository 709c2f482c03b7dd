"""Spans through OpenTelemetry's API. Without an SDK there is no tracer, and nothing of this runs."""

from __future__ import annotations

from opentelemetry import context, trace
from opentelemetry.propagate import extract, inject
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer

_PROPAGATED = ("traceparent", "tracestate")


def find_tracer() -> Tracer | None:
    """Gives the tracer of the SDK that the process has set up; None without one."""
    provider = trace.get_tracer_provider()
    if isinstance(provider, trace.ProxyTracerProvider | trace.NoOpTracerProvider):
        return None
    return provider.get_tracer("custgraph")


def of_client(traceparent: str | None) -> context.Context | None:
    """Gives the context of the client's trace, for a span to be part of; None, for the current one, if it has none."""
    return None if traceparent is None else extract({"traceparent": traceparent})


def start_call(tracer: Tracer, method: str, request_id: str) -> tuple[Span, str]:
    """Starts the span of an upstream call; gives the header lines that carry it there."""
    span = tracer.start_span(
        method, kind=SpanKind.CLIENT, attributes={"http.request.method": method, "custgraph.call": request_id}
    )
    carrier: dict[str, str] = {}
    inject(carrier, trace.set_span_in_context(span))
    sent = [(name, carrier[name]) for name in _PROPAGATED if name in carrier]
    return span, "".join(f"{name}: {value}\r\n" for name, value in sent if value.isascii() and value.isprintable())


def end(span: Span, outcome: str, *, failed: bool) -> None:
    """Ends a span; a failure is named by its code, never by its text."""
    if failed:
        span.set_attribute("error.type", outcome)
        span.set_status(Status(StatusCode.ERROR))
    span.end()
