"""One run of a plan: what it waits for, until all of it has come or something unusual shows.

Every value that has to be waited for becomes a `Waiting`. It is completed as soon as it comes, whatever else is still
under way, and what its own fields have to wait for is started in the same turn of the event loop: loaders see the same
batches as they do under graphql-core.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, NoReturn

NOTHING: Final = object()
"""Stands for a value that has not come."""


class Surprise(Exception):
    """Something that a plan leaves to graphql-core, such as a null where none may be."""


def surprise() -> NoReturn:
    """Ends the run, from within an expression."""
    raise Surprise


class Run:
    """The state of one request on its way through a plan.

    Attributes:
        context: handed to every read.
        variables: the operation's coerced variables.
        arguments: arguments of reads that need more than a look into the variables, by read; made when first needed.
        parts: the response's `data`, as far as it is there: one dict, or one for each write.
        fresh: what was started and nobody waits for yet.
        watched: what somebody waits for, or has waited for.
    """

    __slots__ = ("_left", "_over", "arguments", "context", "fresh", "parts", "variables", "watched")

    def __init__(self, context: Any, variables: Mapping[str, Any]) -> None:
        self.context = context
        self.variables = variables
        self.arguments: dict[object, dict[str, Any]] = {}
        self.parts: list[dict[str, Any]] = []
        self.fresh: list[Waiting] = []
        self.watched: list[Waiting] = []
        self._left = 0
        self._over: asyncio.Future[bool] | None = None  # its result: whether everything came as expected

    async def settle(self) -> None:
        """Waits until everything has come.

        Raises:
            Exception: something unusual has shown. What is still under way goes on; `close` ends it.
        """
        fresh = self.fresh
        while len(fresh) == 1:  # one thing after the other needs no task and no callback
            waiting = fresh.pop()
            self.watched.append(waiting)
            try:
                value = await waiting.awaitable
            except (Exception, asyncio.CancelledError) as error:
                if isinstance(error, asyncio.CancelledError) and _is_cancelled():
                    raise
                waiting.error = error
                raise Surprise from error
            waiting.arrive(value)
        if fresh:
            self._over = asyncio.get_running_loop().create_future()
            self._watch()
            if not await self._over:
                raise Surprise

    def discard(self) -> None:
        """Drops what was started and nobody will wait for, without a complaint from asyncio."""
        for waiting in self.fresh:
            awaitable = waiting.awaitable
            if asyncio.isfuture(awaitable):
                awaitable.add_done_callback(_look_at)
            elif asyncio.iscoroutine(awaitable):
                awaitable.close()
        self.fresh.clear()

    def close(self) -> None:
        """Ends what is still under way, and lets go of what refers back here: no cycle is left to the collector."""
        if self._left:
            for waiting in self.watched:
                if isinstance(waiting.awaitable, asyncio.Task):
                    waiting.awaitable.cancel()
        self.watched.clear()
        self.fresh.clear()

    def land(self, waiting: Waiting, future: asyncio.Future[Any]) -> None:
        """Takes in a value that has come, or what came instead."""
        over = self._over
        assert over is not None  # noqa: S101 - only `settle` makes anything land here
        if over.done():
            _look_at(future)
            return
        self._left -= 1
        try:
            waiting.take(future)
        except Exception:  # noqa: BLE001 - whatever it is, graphql-core will tell
            over.set_result(False)
            return
        if self.fresh:
            self._watch()
        elif not self._left:
            over.set_result(True)

    def _watch(self) -> None:
        for waiting in self.fresh:
            future = asyncio.ensure_future(waiting.awaitable)
            waiting.awaitable = future
            future.add_done_callback(waiting)
        self._left += len(self.fresh)
        self.watched += self.fresh
        self.fresh.clear()


class Waiting:
    """A field whose value has yet to come.

    Attributes:
        awaitable: gives the value; a future once more than one thing is waited for.
        complete: makes the response's value of it.
        owner: the response's object that has the field: a Struct, or a dict at the root. Set once that is made.
        slot: the field's attribute, or its key.
        value: what came; `NOTHING` so far.
        error: what was raised instead.
    """

    __slots__ = ("_run", "awaitable", "complete", "error", "owner", "slot", "value")

    owner: Any

    def __init__(self, run: Run, awaitable: Awaitable[Any], complete: Callable[[Any, Run], Any], slot: str) -> None:
        self._run = run
        self.awaitable = awaitable
        self.complete = complete
        self.slot = slot
        self.value: Any = NOTHING
        self.error: BaseException | None = None
        run.fresh.append(self)

    def arrive(self, value: Any) -> None:
        """Puts the completed value in its place."""
        self.value = value
        completed = self.complete(value, self._run)
        if type(self.owner) is dict:
            self.owner[self.slot] = completed
        else:
            setattr(self.owner, self.slot, completed)

    def take(self, future: asyncio.Future[Any]) -> None:
        """Does the same with a future's value."""
        try:
            value = future.result()
        except (Exception, asyncio.CancelledError) as error:
            self.error = error
            raise Surprise from error
        self.arrive(value)

    def __call__(self, future: asyncio.Future[Any]) -> None:
        """Is told by the future that it is done."""
        self._run.land(self, future)


def _is_cancelled() -> bool:
    """Whether it is the request that is cancelled, and not just something that it waits for."""
    task = asyncio.current_task()
    return task is None or task.cancelling() > 0


def _look_at(future: asyncio.Future[Any]) -> None:
    """Takes note of a future's exception, which asyncio would otherwise report as overlooked."""
    if not future.cancelled():
        future.exception()
