"""A wire that is watched: every exchange is told to an observer, retries included."""

from __future__ import annotations

from typing import Any, Protocol

from custgraph.rest.wire import Answer, Channel, Method, Wire, WireFault

CANCELLED = "cancelled"
_TRACEPARENT = "traceparent: "


class CallObserver(Protocol):
    """Hears of each exchange."""

    def begin(self, method: str, request_id: str) -> tuple[object, str | None]:
        """Hears that one begins.

        Returns:
            What `end` is given back, and header lines to send in place of the client's trace context, if any.
        """

    def end(self, begun: Any, outcome: str, *, failed: bool) -> None:
        """Hears how it ended: a status class such as `2xx`, a kind of fault, or `cancelled`."""


class ObservedWire:
    """Makes channels that are watched."""

    def __init__(self, wire: Wire, observer: CallObserver) -> None:
        self._wire = wire
        self._observer = observer

    def channel(self, credential_header: str) -> Channel:
        """Opens a channel; see `Wire`."""
        return ObservedChannel(self._wire.channel(credential_header), self._observer)

    async def aclose(self) -> None:
        """Closes every connection."""
        await self._wire.aclose()


class ObservedChannel:
    """A channel that is watched."""

    __slots__ = ("_channel", "_observer")

    def __init__(self, channel: Channel, observer: CallObserver) -> None:
        self._channel = channel
        self._observer = observer

    async def send(
        self, method: Method, target: str, body: bytes | None, request_id: str, extra: str, until: float
    ) -> Answer:
        """Sends one request; see `Channel.send`."""
        begun, lines = self._observer.begin(method, request_id)
        outcome, failed = CANCELLED, True
        try:
            answer = await self._channel.send(
                method, target, body, request_id, extra if lines is None else _with_trace(extra, lines), until
            )
            outcome, failed = f"{answer.status // 100}xx", answer.status >= 500
        except WireFault as fault:
            outcome = fault.kind
            raise
        else:
            return answer
        finally:
            self._observer.end(begun, outcome, failed=failed)

    def close_idle(self) -> None:
        """Closes the connections that carry nothing now."""
        self._channel.close_idle()


def _with_trace(extra: str, lines: str) -> str:
    """Puts our trace context in the client's place."""
    kept = (line for line in extra.splitlines(keepends=True) if not line.startswith(_TRACEPARENT))
    return "".join(kept) + lines
