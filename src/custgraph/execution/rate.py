"""The rate limit: what one credential may spend each minute, in units of cost."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Any, Final

from custgraph.execution.faults import Fault, Refusal
from custgraph.execution.limits import Limit
from custgraph.execution.shared import SharedStore

if TYPE_CHECKING:
    from limits.aio.storage.base import SlidingWindowCounterSupport

WINDOW: Final = 60
"""Seconds."""

CODE: Final = "RATE_LIMITED"
SETTING: Final = "CUSTGRAPH_RATE_LIMIT"


class RateLimit:
    """Spending by credential: here, or in the shared store for all workers together."""

    def __init__(self, budget: int, shared: SharedStore | None) -> None:
        from limits import RateLimitItemPerSecond
        from limits.aio.storage import RedisStorage
        from limits.aio.strategies import SlidingWindowCounterRateLimiter

        from custgraph.execution.rate_windows import BoundedWindows

        self.budget = budget
        self._limit = Limit("cost", SETTING, budget)
        self._item = RateLimitItemPerSecond(budget, WINDOW, namespace="custgraph")
        self._windows: SlidingWindowCounterSupport = BoundedWindows()
        self._limiter = SlidingWindowCounterRateLimiter(self._windows)
        self._shared = shared
        if shared is not None:
            pool: Any = shared.client.connection_pool
            self._shared_windows = RedisStorage("async+redis://", implementation="redispy", connection_pool=pool)
            self._shared_limiter = SlidingWindowCounterRateLimiter(self._shared_windows)

    async def spend(self, credential_key: str, cost: int) -> Refusal | None:
        """Spends the cost of an operation; refuses it when too little is left."""
        if cost > self.budget:
            return Refusal((self._limit.fault(cost),))
        spent = None
        if self._shared is not None:
            spent = await self._shared.attempt(lambda: self._shared_limiter.hit(self._item, credential_key, cost=cost))
        if spent is None:
            spent = await self._limiter.hit(self._item, credential_key, cost=cost)
        return None if spent else await self._refusal(credential_key, cost)

    async def remaining(self, credential_key: str) -> int:
        """Tells what the credential may still spend now."""
        previous, previous_left, current, _ = await self._window(credential_key)
        return max(0, self.budget - int(previous * previous_left / WINDOW) - current)

    async def _refusal(self, credential_key: str, cost: int) -> Refusal:
        wait = seconds_until(self.budget - cost, *await self._window(credential_key))
        fault = Fault(
            f"The credential has spent its budget of {self.budget} a minute; try again in {wait} s.",
            CODE,
            extensions={
                "requested": cost,
                "budget": self.budget,
                "remaining": await self.remaining(credential_key),
                "retryAfter": wait,
                "setting": SETTING,
            },
        )
        return Refusal((fault,), 429, (("retry-after", str(wait)),))

    async def _window(self, credential_key: str) -> tuple[int, float, int, float]:
        key = self._item.key_for(credential_key)
        window = None
        if self._shared is not None:
            window = await self._shared.attempt(lambda: self._shared_windows.get_sliding_window(key, WINDOW))
        return window or await self._windows.get_sliding_window(key, WINDOW)


def seconds_until(room: int, previous: int, previous_left: float, current: int, current_left: float) -> int:
    """Tells when no more than `room` counts as spent, if nothing else is spent: whole seconds, one at least.

    Args:
        room: what may count as spent, the new cost aside.
        previous: spent in the previous window; it counts less and less.
        previous_left: seconds for which it still counts.
        current: spent in the current window.
        current_left: seconds for which the current window counts, the time as previous one included.
    """
    if current <= room:
        wait = previous_left - (room - current) * WINDOW / previous if previous else 0.0
    else:
        wait = current_left - room * WINDOW / current
    return max(1, ceil(wait))
