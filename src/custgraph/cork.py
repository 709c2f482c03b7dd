"""Holds back what is to be written until the event loop's next turn, so that many small writes follow each other.

The first write to a peer that sleeps wakes it, which costs more than the write. Between writes that are spread over a
turn, with the work of another request before each, the peer falls asleep again; those that follow each other find it
awake. That spares work, and costs time: the first of them waits for the work of all. So nothing is held back while the
event loop has time to spare.
"""

from __future__ import annotations

import asyncio
import time
from typing import Final, Protocol

BUSY: Final = 0.75
"""Share of the processor's time from which on the event loop has none to spare."""

WINDOW: Final = 0.05
"""Seconds for which it is measured."""


class Corked(Protocol):
    """Something with bytes to write."""

    def uncork(self) -> None:
        """Writes what is held back, if anything still is."""
        ...


class Cork:
    """What is held back on one side of the gateway.

    Args:
        busy: share of the processor's time from which on holding back pays; 0: it always does.
    """

    __slots__ = ("_busy", "_corked", "_loop", "_pays", "_since", "_spent")

    def __init__(self, busy: float = BUSY) -> None:
        self._busy = busy
        self._corked: list[Corked] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._pays = not busy
        self._since = self._spent = 0.0

    @property
    def holds(self) -> bool:
        """Whether anything is held back, to go out in the next turn."""
        return bool(self._corked)

    def pays(self, now: float) -> bool:
        """Says whether the event loop, whose time it is, has no time to spare."""
        elapsed = now - self._since
        if elapsed >= WINDOW:
            spent = time.thread_time()
            self._pays = spent - self._spent >= self._busy * elapsed
            self._since, self._spent = now, spent
        return self._pays

    def hold(self, corked: Corked, loop: asyncio.AbstractEventLoop) -> None:
        """Has it uncorked in the loop's next turn."""
        if not self._corked or loop is not self._loop:
            self._loop = loop
            loop.call_soon(self._release)
        self._corked.append(corked)

    def _release(self) -> None:
        corked, self._corked = self._corked, []
        for one in corked:
            try:
                one.uncork()
            except Exception as error:  # noqa: BLE001 - whatever befell one, the others' bytes go out
                asyncio.get_running_loop().call_exception_handler({"message": "a write failed", "exception": error})
