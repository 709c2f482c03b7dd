"""How much may be under way: sheds what is too much, and lets nothing in while the process drains."""

from __future__ import annotations

import asyncio
from typing import Final

from custgraph.errors import Overloaded, ShuttingDown
from custgraph.http.refusals import Refused

_TICK: Final = 0.1  # seconds between looks at the clock
_LAGGING: Final = 1.0  # seconds of lag before new work is shed: a single long operation is no overload
_IDLE_TICKS: Final = 20  # without work, after which nobody looks
_RETRY: Final = [(b"retry-after", b"1")]


class Gate:
    """Counts operations and watches how late the event loop is.

    No credential may have more than seven eighths of what may be under way, so that a crowd of one tenant's requests
    does not shut the others out.

    Args:
        max_in_flight: operations under way at once.
        max_lag: seconds that the loop may be late.

    Attributes:
        in_flight: operations under way.
        draining: whether new work is refused because the process ends.
    """

    def __init__(self, max_in_flight: int, max_lag: float) -> None:
        self._max_in_flight = max_in_flight
        self._max_of_one = max_in_flight - max_in_flight // 8
        self._of: dict[str, int] = {}
        self._max_lag = max_lag
        self._loop: asyncio.AbstractEventLoop | None = None
        self._late_since: float | None = None
        self._late = False
        self._expected = 0.0
        self._idle_ticks = 0
        self._empty: asyncio.Event | None = None
        self.in_flight = 0
        self.draining = False

    def check(self, operations: int = 1) -> None:
        """Says whether operations may come in.

        Raises:
            Refused: too much is under way, or the process is ending.
        """
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._watch(loop)
        if self.draining:
            raise Refused(503, ShuttingDown.default_message, ShuttingDown.code, _RETRY)
        if self._late or self.in_flight + operations > self._max_in_flight:
            raise _overloaded()

    def check_share(self, credential_key: str, operations: int = 1) -> None:
        """Says whether a credential may have so many more operations under way.

        Raises:
            Refused: it has more than its share.
        """
        if self._of.get(credential_key, 0) + operations > self._max_of_one:
            raise _overloaded()

    def enter(self, credential_key: str, operations: int = 1) -> None:
        """Counts operations in; each has to `leave`."""
        self.in_flight += operations
        self._of[credential_key] = self._of.get(credential_key, 0) + operations

    def leave(self, credential_key: str, operations: int = 1) -> None:
        """Lets operations out."""
        self.in_flight -= operations
        left = self._of[credential_key] - operations
        if left:
            self._of[credential_key] = left
        else:
            del self._of[credential_key]
        if self._empty is not None and not self.in_flight:
            self._empty.set()

    def drain(self) -> None:
        """Lets nothing in from now on."""
        self.draining = True

    async def drained(self) -> None:
        """Waits until the last operation is out, those included whose client has gone."""
        while self.in_flight:
            self._empty = asyncio.Event()
            await self._empty.wait()

    def _watch(self, loop: asyncio.AbstractEventLoop) -> None:
        """Looks at the clock ten times a second from now on, until there has been no work for a while."""
        self._loop = loop
        self._late, self._late_since, self._idle_ticks = False, None, 0
        self._expected = loop.time() + _TICK
        loop.call_at(self._expected, self._tick, loop)

    def _tick(self, loop: asyncio.AbstractEventLoop) -> None:
        if loop is not self._loop:
            return
        now = loop.time()
        if now - self._expected <= self._max_lag:
            self._late_since, self._late = None, False
        elif self._late_since is None:
            self._late_since = self._expected  # late once is no overload, be it by hours: machines are suspended
        else:
            self._late = now - self._late_since >= _LAGGING
        self._idle_ticks = 0 if self.in_flight else self._idle_ticks + 1
        if self._idle_ticks >= _IDLE_TICKS:
            self._loop = None
            return
        self._expected = now + _TICK
        loop.call_at(self._expected, self._tick, loop)


def _overloaded() -> Refused:
    return Refused(503, Overloaded.default_message, Overloaded.code, _RETRY, retryAfter=1)
