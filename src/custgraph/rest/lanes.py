"""One lane for each credential, and the bulkheads that keep one lane's stalled calls from holding up the others."""

from __future__ import annotations

import asyncio
from collections import deque

from custgraph.errors import Overloaded
from custgraph.rest.memory import Memory
from custgraph.rest.wire import Channel


class Lane:
    """What one credential has under way.

    Attributes:
        secret: the credential, for one use: to see whether a 401 repeats it.
        channel: its own connections.
        active: its calls under way.
        waiters: its calls that wait for a slot, oldest first.
        paused_until: loop time until which the upstream wants it to wait.
        probes: the search probe under way, shared by this credential's requests.
    """

    __slots__ = ("active", "channel", "paused_until", "probes", "secret", "waiters")

    def __init__(self, secret: str, channel: Channel) -> None:
        self.secret = secret
        self.channel = channel
        self.active = 0
        self.waiters: deque[asyncio.Future[None]] = deque()
        self.paused_until = 0.0
        self.probes = Memory(errors=False)

    def __repr__(self) -> str:
        return f"<Lane {self.active} active, {len(self.waiters)} waiting>"


class Bulkheads:
    """Slots for upstream calls: so many in all, so many for one lane, and a queue that takes turns between lanes.

    Args:
        limit: calls under way at once.
        lane_limit: calls under way at once in one lane.
        queue: calls that may wait for a slot.
        patience: seconds that one waits at most.
    """

    __slots__ = ("_lane_limit", "_limit", "_patience", "_queue", "_waiting", "active", "waiting")

    def __init__(self, limit: int, lane_limit: int, queue: int, patience: float) -> None:
        self.active = 0
        self.waiting = 0
        self._limit = limit
        self._lane_limit = lane_limit
        self._queue = queue
        self._patience = patience
        self._waiting: dict[Lane, None] = {}  # in the order of their turns

    def take(self, lane: Lane) -> bool:
        """Takes a slot if one is free now."""
        if self.active >= self._limit or lane.active >= self._lane_limit:
            return False
        self.active += 1
        lane.active += 1
        return True

    async def wait(self, lane: Lane, until: float) -> None:
        """Waits for a slot until `until`, in loop time, or as long as patience lasts.

        Raises:
            Overloaded: the queue is full, or no slot came free in time.
        """
        if self.waiting >= self._queue:
            self._make_room(lane)
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[None] = loop.create_future()
        lane.waiters.append(waiter)
        self._waiting.setdefault(lane)
        self.waiting += 1
        timer = loop.call_at(min(loop.time() + self._patience, until), self._expire, lane, waiter)
        try:
            await waiter
        except asyncio.CancelledError:
            if waiter in lane.waiters:
                self._drop(lane, waiter)
            elif not waiter.cancelled() and waiter.exception() is None:
                self.release(lane)  # the slot came in the same moment
            raise
        finally:
            timer.cancel()

    def release(self, lane: Lane) -> None:
        """Gives a slot back; it goes to the lane whose turn it is."""
        self.active -= 1
        lane.active -= 1
        if self.waiting:
            self._hand_on()

    def _hand_on(self) -> None:
        for lane in list(self._waiting):
            if self.active >= self._limit:
                return
            if lane.active < self._lane_limit and self._serve(lane) and lane.waiters:  # to the end of the line
                del self._waiting[lane]
                self._waiting[lane] = None

    def _serve(self, lane: Lane) -> bool:
        """Gives a slot to the lane's oldest waiter; False if all of them have just gone away."""
        while lane.waiters:
            waiter = lane.waiters[0]
            self._drop(lane, waiter)
            if not waiter.done():
                self.active += 1
                lane.active += 1
                waiter.set_result(None)
                return True
        return False

    def _drop(self, lane: Lane, waiter: asyncio.Future[None]) -> None:
        lane.waiters.remove(waiter)
        self.waiting -= 1
        if not lane.waiters:
            del self._waiting[lane]

    def _expire(self, lane: Lane, waiter: asyncio.Future[None]) -> None:
        if not waiter.done():
            self._drop(lane, waiter)
            waiter.set_exception(Overloaded(retryAfter=1))

    def _make_room(self, lane: Lane) -> None:
        """A full queue sheds the newest call of the lane that has most in it: no lane can fill it for the others."""
        longest = max(self._waiting, key=lambda waiting: len(waiting.waiters))
        if len(longest.waiters) <= len(lane.waiters) + 1:
            raise Overloaded(retryAfter=1)
        self._expire(longest, longest.waiters[-1])
