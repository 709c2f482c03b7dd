"""Rate limit windows in memory, bounded: the storage of library `limits` looks at every key on every hit."""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from limits.aio.storage import Storage
from limits.aio.storage.base import SlidingWindowCounterSupport

MAX_KEYS: Final = 20_000
"""Credentials whose spending is remembered; the one that was seen longest ago is forgotten first."""


@dataclass(slots=True)
class Window:
    """What one credential spent, in the window that began at `start` (monotonic seconds) and in the one before."""

    start: float
    current: int = 0
    previous: int = 0

    def shift(self, now: float, length: float) -> None:
        """Moves on to the window that `now` is in."""
        passed = int((now - self.start) // length)
        if passed:
            self.previous = self.current if passed == 1 else 0
            self.current = 0
            self.start += passed * length


class BoundedWindows(Storage, SlidingWindowCounterSupport):
    """Storage for the sliding window counter of `limits`."""

    STORAGE_SCHEME = None

    def __init__(self) -> None:
        super().__init__()
        self._windows: OrderedDict[str, Window] = OrderedDict()

    async def acquire_sliding_window_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Spends an amount if it is to be had."""
        window, left = self._window(key, expiry)
        if int(window.previous * left / expiry) + window.current + amount > limit:
            return False
        window.current += amount
        return True

    async def get_sliding_window(self, key: str, expiry: int) -> tuple[int, float, int, float]:
        """Gives the previous window's spending and how long it counts, then the current one's."""
        window, left = self._window(key, expiry)
        return window.previous, left, window.current, left + expiry

    async def clear_sliding_window(self, key: str, expiry: int) -> None:  # noqa: ARG002 - the signature of limits
        """Forgets a key."""
        self._windows.pop(key, None)

    def _window(self, key: str, length: float) -> tuple[Window, float]:
        now = time.monotonic()
        window = self._windows.get(key)
        if window is None:
            window = self._windows[key] = Window(now)
            if len(self._windows) > MAX_KEYS:
                self._windows.popitem(last=False)
        else:
            self._windows.move_to_end(key)
            window.shift(now, length)
        return window, window.start + length - now

    # What follows is for the other strategies of `limits`.

    @property
    def base_exceptions(self) -> type[Exception]:
        """No storage error can happen."""
        return ValueError

    async def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Is not for this strategy."""
        raise NotImplementedError

    async def get(self, key: str) -> int:
        """Is not for this strategy."""
        raise NotImplementedError

    async def get_expiry(self, key: str) -> float:
        """Is not for this strategy."""
        raise NotImplementedError

    async def check(self) -> bool:
        """Says that memory is there."""
        return True

    async def reset(self) -> int:
        """Forgets everything."""
        count = len(self._windows)
        self._windows.clear()
        return count

    async def clear(self, key: str) -> None:
        """Forgets a key."""
        self._windows.pop(key, None)
