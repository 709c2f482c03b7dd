"""A wire without a network: answers by script, and tells what was sent."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from custgraph.config import Settings
from custgraph.credentials import Caller, Credential
from custgraph.rest import Upstream
from custgraph.rest.wire import Answer, Method, WireFault
from support.documents import compact, errors, many, one, resource

JSON = {b"content-type": b"application/json; charset=utf-8"}


@dataclass(frozen=True)
class Sent:
    """One request that was sent, and when, in loop time."""

    credential: str
    method: str
    target: str
    body: bytes | None
    request_id: str
    extra: str
    at: float
    until: float


Outcome = Answer | Exception | float | Callable[[Sent], Any]
"""An answer, a failure, silence of so many seconds (or until the time is up), or a function that gives one of these."""


def ok(document: Any = None, status: int = 200) -> Answer:
    """A good answer; of customer 1 by default."""
    return Answer(status, JSON, compact(one() if document is None else document))


def refusal(status: int, detail: str = "No.", *headers: tuple[bytes, bytes], **meta: Any) -> Answer:
    """An error document."""
    return Answer(status, {**JSON, **dict(headers)}, compact(errors(detail, **meta)))


def page(*ids: int) -> Answer:
    """A good answer to a list call."""
    return ok(many(*(resource(id_) for id_ in ids)))


def cut(kind: Any, *, sent: bool = True) -> WireFault:
    """A failure of the wire."""
    return WireFault(kind, "a fixed phrase", sent=sent)


class FakeWire:
    """Plays its outcomes one after the other, then `usual` for ever.

    Attributes:
        sent: what was sent, in order.
        under_way: exchanges that have not ended.
        most: the most of them at once.
        closed_idle: how often idle connections were closed.
    """

    def __init__(self, *outcomes: Outcome, usual: Outcome | None = None) -> None:
        self.outcomes: deque[Outcome] = deque(outcomes)
        self.usual = usual or ok()
        self.sent: list[Sent] = []
        self.under_way = 0
        self.most = 0
        self.closed_idle = 0
        self.closed = False

    def channel(self, credential_header: str) -> FakeChannel:
        return FakeChannel(self, credential_header)

    async def aclose(self) -> None:
        self.closed = True

    @property
    def targets(self) -> list[str]:
        return [f"{sent.method} {sent.target}" for sent in self.sent]


class FakeChannel:
    """One credential's channel of a `FakeWire`."""

    def __init__(self, wire: FakeWire, credential: str) -> None:
        self._wire = wire
        self._credential = credential

    async def send(
        self, method: Method, target: str, body: bytes | None, request_id: str, extra: str, until: float
    ) -> Answer:
        wire = self._wire
        now = asyncio.get_running_loop().time()
        sent = Sent(self._credential, method, target, body, request_id, extra, now, until)
        wire.sent.append(sent)
        outcome: Any = wire.outcomes.popleft() if wire.outcomes else wire.usual
        wire.under_way += 1
        wire.most = max(wire.most, wire.under_way)
        try:
            if callable(outcome):
                outcome = outcome(sent)
            if isinstance(outcome, float):
                await asyncio.sleep(min(outcome, until - now))
                outcome = ok() if outcome < until - now else cut("timeout")
        finally:
            wire.under_way -= 1
        if isinstance(outcome, Exception):
            raise outcome
        assert isinstance(outcome, Answer)
        return outcome

    def close_idle(self) -> None:
        self._wire.closed_idle += 1


def caller(name: str = "one", request_id: str = "req") -> Caller:
    """A caller with a key of its own."""
    return Caller(Credential.of(f"key-of-{name}"), request_id)


def upstream_on(wire: FakeWire, **settings: Any) -> Upstream:
    """An upstream that asks through this wire."""
    return Upstream(Settings(**settings), wire=wire)
