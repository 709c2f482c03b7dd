"""A timer for connections, whose times move with every request and are hardly ever reached."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Alarm:
    """Rings at a time or before; who was woken too early sets it anew.

    So a connection that is used a thousand times a second sets a timer every few seconds, not with every use.

    Args:
        loop: tells the time.
        ring: is called, once for each time that it was set.
    """

    __slots__ = ("_at", "_loop", "_ring", "_timer")

    def __init__(self, loop: asyncio.AbstractEventLoop, ring: Callable[[], None]) -> None:
        self._loop = loop
        self._ring: Callable[[], None] | None = ring
        self._timer: asyncio.TimerHandle | None = None
        self._at = 0.0

    def set(self, when: float) -> None:
        """Has it ring at that time of the loop's or before."""
        if self._timer is not None:
            if when >= self._at:
                return
            self._timer.cancel()
        self._at = when
        self._timer = self._loop.call_at(when, self._fire)

    def stop(self) -> None:
        """Never rings again, and lets go of who would have heard it."""
        self._ring = None
        if self._timer is not None:
            self._timer.cancel()

    def _fire(self) -> None:
        self._timer = None
        if self._ring is not None:
            self._ring()
