"""What one request's equal reads share: one call, and its outcome."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Any, TypeVar

from custgraph.errors import CustgraphError

A = TypeVar("A")
T = TypeVar("T")


class Flight:
    """One read: under way, or done with a value or an error. The first to ask does the work for all."""

    __slots__ = ("done", "error", "value", "waiters")

    def __init__(self) -> None:
        self.done = False
        self.value: Any = None
        self.error: CustgraphError | None = None
        self.waiters: list[asyncio.Future[None]] | None = None

    def outcome(self) -> Any:
        """Gives the value, or raises the error."""
        if self.error is not None:
            raise self.error.anew()
        return self.value

    async def wait(self) -> None:
        """Waits until it is done, or was given up."""
        waiter = asyncio.get_running_loop().create_future()
        if self.waiters is None:
            self.waiters = []
        self.waiters.append(waiter)
        await waiter

    def land(self) -> None:
        """Wakes those who wait, whatever came of it."""
        for waiter in self.waiters or ():
            if not waiter.done():
                waiter.set_result(None)
        self.waiters = None


class Memory:
    """The reads of one session by what they ask for, until a write makes them old.

    No task is made: the first asker runs the read in its own. If that one is cancelled, one of those who wait takes
    the read over, so that nobody's cancellation costs another its answer.

    Args:
        errors: whether those who wait share an error, too; else one of them takes the read over, as after a
            cancellation. Askers of different operations fail for different reasons, such as their own deadlines.
    """

    __slots__ = ("_errors", "_flights")

    def __init__(self, *, errors: bool = True) -> None:
        self._errors = errors
        self._flights: dict[Hashable, Flight] = {}

    def forget(self) -> None:
        """Forgets everything; reads under way still serve those who wait for them."""
        self._flights = {}

    async def share(self, key: Hashable, read: Callable[[A], Awaitable[T]], asked: A) -> T:
        """Gives the outcome of `read(asked)`, run once for equal keys."""
        flights = self._flights
        while (flight := flights.get(key)) is not None:
            if not flight.done:
                await flight.wait()
            if flight.done:
                return flight.outcome()  # type: ignore[no-any-return]  # what `read` gave
        flight = flights[key] = Flight()
        try:
            value = flight.value = await read(asked)
        except BaseException as error:
            if self._errors and isinstance(error, CustgraphError):
                flight.error = error.anew()
                flight.done = True
            elif flights.get(key) is flight:
                del flights[key]
            raise
        else:
            flight.done = True
            return value
        finally:
            if flight.waiters is not None:
                flight.land()
