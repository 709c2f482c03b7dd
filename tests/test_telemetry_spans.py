"""Spans: one for each operation and upstream call, in the client's trace; nothing at all without an SDK."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from opentelemetry import context as otel
from opentelemetry import trace
from opentelemetry.trace import Span, SpanContext, SpanKind, Status, StatusCode, TraceFlags

from custgraph import Settings, create_app
from custgraph.app import Gateway
from custgraph.telemetry.observed import Watch
from custgraph.telemetry.spans import find_tracer
from support.upstream import FakeUpstream, Tenant

TRACE = 0x4BF92F3577B34DA6A3CE929D0E0E4736
PARENT = 0x00F067AA0BA902B7
TRACEPARENT = f"00-{TRACE:032x}-{PARENT:016x}-01"


class Recorded(trace.NonRecordingSpan):
    """A span that remembers what it was told."""

    def __init__(self, name: str, kind: SpanKind, parent: SpanContext, number: int, attributes: Any) -> None:
        super().__init__(SpanContext(parent.trace_id or 1, number, is_remote=False, trace_flags=TraceFlags(1)))
        self.name = name
        self.kind = kind
        self.parent = parent.span_id
        self.number = number
        self.attributes: dict[str, Any] = dict(attributes or {})
        self.failed = False
        self.ended = 0

    def set_attribute(self, key: str, value: Any) -> None:
        self.attributes[key] = value

    def update_name(self, name: str) -> None:
        self.name = name

    def set_status(self, status: Status | StatusCode, description: str | None = None) -> None:
        assert isinstance(status, Status)
        assert description is None
        self.failed = status.status_code is StatusCode.ERROR

    def end(self, end_time: int | None = None) -> None:
        del end_time
        self.ended += 1


class Recorder(trace.Tracer):
    """A tracer that keeps its spans."""

    def __init__(self) -> None:
        self.spans: list[Recorded] = []

    def start_span(self, name: str, context: otel.Context | None = None, *_: Any, **options: Any) -> Span:
        """Starts one, below the context's."""
        parent = trace.get_current_span(context).get_span_context()
        span = Recorded(name, options["kind"], parent, 100 + len(self.spans), options.get("attributes"))
        self.spans.append(span)
        return span

    def start_as_current_span(self, *_: Any, **__: Any) -> Any:
        raise NotImplementedError


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
async def upstream() -> AsyncIterator[FakeUpstream]:
    async with FakeUpstream([Tenant(1)]) as upstream:
        yield upstream


@pytest.fixture
async def gateway(
    recorder: Recorder, upstream: FakeUpstream, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Gateway]:
    """A gateway in a process that has an SDK."""
    monkeypatch.setattr(Watch, "find", lambda **_: Watch(None, recorder))
    gateway = create_app(Settings(upstream_url=upstream.url(), upstream_token=upstream.tenants[0].token))
    yield gateway
    await gateway.aclose()


async def ask(gateway: Gateway, query: str, **headers: str) -> Any:
    """Asks over HTTP."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(gateway), base_url="http://gateway.test") as client:
        return (await client.post("/graphql", json={"query": query}, headers=headers)).json()


async def test_spans_continue_the_clients_trace_and_travel_upstream(
    gateway: Gateway, recorder: Recorder, upstream: FakeUpstream
) -> None:
    headers = {"traceparent": TRACEPARENT, "X-Request-Id": "one"}
    answer = await ask(gateway, '{ a: customer(id: "1") { id } b: enterprise(id: "2") { name } }', **headers)
    assert "errors" not in answer
    operation, *calls = recorder.spans
    assert (operation.name, operation.kind, operation.parent) == ("graphql query", SpanKind.SERVER, PARENT)
    assert operation.attributes == {"custgraph.request_id": "one", "graphql.operation.type": "query"}
    assert {span.get_span_context().trace_id for span in recorder.spans} == {TRACE}
    assert {(call.name, call.kind, call.parent) for call in calls} == {("GET", SpanKind.CLIENT, operation.number)}
    sent = [call.header("traceparent") for call in upstream.ledger.calls]
    assert sorted(map(str, sent)) == [f"00-{TRACE:032x}-{call.number:016x}-01" for call in calls]
    assert [span.ended for span in recorder.spans] == [1] * len(recorder.spans)
    assert not any(span.failed for span in recorder.spans)


async def test_a_request_without_a_trace_is_no_part_of_the_one_before(gateway: Gateway, recorder: Recorder) -> None:
    await ask(gateway, "{ __typename }", traceparent=TRACEPARENT)
    await ask(gateway, "{ __typename }")  # by the same task, as a connection has one for all its requests
    assert [span.parent for span in recorder.spans] == [PARENT, 0]


async def test_a_failure_is_named_by_its_code(gateway: Gateway, recorder: Recorder, upstream: FakeUpstream) -> None:
    await upstream.stop()
    await ask(gateway, '{ customer(id: "1") { id } }')
    operation, *calls = recorder.spans
    assert operation.failed
    assert operation.attributes["error.type"] == "UPSTREAM_UNAVAILABLE"
    assert [(call.failed, call.attributes["error.type"]) for call in calls] == [(True, "connect")] * 2


async def test_a_request_that_never_became_an_operation_has_a_span_without_a_kind(
    gateway: Gateway, recorder: Recorder
) -> None:
    await ask(gateway, "{ nothing }")
    [operation] = recorder.spans
    assert operation.name == "graphql"
    assert operation.attributes["error.type"] == "GRAPHQL_VALIDATION_FAILED"


async def test_spans_hold_nothing_that_a_client_sent(gateway: Gateway, recorder: Recorder) -> None:
    answer = await ask(gateway, 'query Canary { canary: customers(search: "canary", first: 1) { nodes { email } } }')
    assert "errors" not in answer
    assert len(recorder.spans) > 1
    assert "canary" not in str([(span.name, span.attributes) for span in recorder.spans]).lower()


def test_without_an_sdk_there_is_no_tracer_and_nothing_in_between() -> None:
    assert find_tracer() is None
    assert Watch.find(metrics=False) is None
