"""One run of a plan: what it waits for, until all of it has come or something unusual shows.

Every value that has to be waited for becomes a `Waiting`. It is completed as soon as it comes, whatever else is still
under way, and what its own fields have to wait for is started in the same turn of the event loop: loaders see nearly
always the same batches as they do under graphql-core. Where all that is waited for comes with one batch, the run loads
that in the request's own task: its records are made, completed and freed again while the processor's cache holds them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any, Final, NoReturn

from custgraph.batches import Answer, Batches

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
        context: handed to every read. One that has `batches`, and is the `sole` operation's, leaves it to
            the run when what a read asks of its loaders is loaded.
        variables: the operation's coerced variables.
        arguments: arguments of reads that need more than a look into the variables, by read; made when first needed.
        parts: the response's `data`, as far as it is there: one dict, or one for each write.
        fresh: what was started and nobody waits for yet.
        watched: what somebody waits for, or has waited for.
    """

    __slots__ = (
        "_batches",
        "_failed",
        "_left",
        "_over",
        "arguments",
        "context",
        "fresh",
        "parts",
        "variables",
        "watched",
    )

    def __init__(self, context: Any, variables: Mapping[str, Any]) -> None:
        self.context = context
        self.variables = variables
        self.arguments: dict[object, dict[str, Any]] = {}
        self.parts: list[dict[str, Any]] = []
        self.fresh: list[Waiting] = []
        self.watched: list[Waiting] = []
        self._batches: Batches | None = getattr(context, "batches", None) if getattr(context, "sole", False) else None
        self._left = 0
        self._failed = False
        self._over: asyncio.Future[None] | None = None  # done when nothing is left to wait for, or something failed

    async def do(self, start: Callable[[None, Run], dict[str, Any]]) -> None:
        """Starts the operation, or one of its writes, and waits until everything has come.

        Raises:
            Exception: something unusual has shown. What is still under way goes on; `close` ends it.
        """
        self._hold()
        self.parts.append(start(None, self))
        while self.fresh:
            if len(self.fresh) == 1 and not self._left and not isinstance(self.fresh[0].awaitable, Answer):
                waiting = self.fresh.pop()  # one thing after the other needs no task and no callback
                self._begin_batches()
                self.watched.append(waiting)
                try:
                    value = await waiting.awaitable
                except (Exception, asyncio.CancelledError) as error:
                    if isinstance(error, asyncio.CancelledError) and _is_cancelled():
                        raise
                    waiting.error = error
                    raise Surprise from error
                self._hold()
                waiting.arrive(value)
                continue
            loading = self._only_batch()
            self._watch()
            if loading is not None:
                await self._load(loading)
            if self._left and not self.fresh and not self._failed:
                self._begin_batches()  # what is known already may have asked for more
                self._over = asyncio.get_running_loop().create_future()
                await self._over
                self._over = None
            if self._failed:
                raise Surprise

    def discard(self) -> None:
        """Drops what was started and nobody will wait for, without a complaint from asyncio."""
        self._begin_batches()
        for waiting in self.fresh:
            awaitable = waiting.awaitable
            if asyncio.isfuture(awaitable):
                awaitable.add_done_callback(_look_at)
            elif asyncio.iscoroutine(awaitable):
                awaitable.close()
        self.fresh.clear()

    def close(self) -> None:
        """Ends what is still under way, and lets go of what refers back here: no cycle is left to the collector."""
        self._failed = True
        self._begin_batches()
        if self._left:
            for waiting in self.watched:
                if isinstance(waiting.awaitable, asyncio.Task):
                    waiting.awaitable.cancel()
                elif isinstance(waiting.awaitable, Answer):
                    waiting.awaitable = None
        self.watched.clear()
        self.discard()

    def land(self, waiting: Waiting, source: asyncio.Future[Any] | Answer) -> None:
        """Takes in a value that has come, or what came instead."""
        if self._failed:
            if not isinstance(source, Answer):
                _look_at(source)
            return
        self._left -= 1
        self._hold()
        try:
            waiting.take(source)
        except Exception:  # noqa: BLE001 - whatever it is, graphql-core will tell
            self._failed = True
        over = self._over
        if over is None:
            return  # `do` goes on with what is fresh
        self._begin_batches()
        if self.fresh and not self._failed:
            self._watch()
        if (self._failed or not self._left) and not over.done():
            over.set_result(None)

    async def _load(self, loading: Coroutine[Any, Any, None]) -> None:
        assert self._batches is not None  # noqa: S101 - the loading is theirs
        self._batches.held = False  # until its answers land, which they do without a pause between them
        try:
            await loading
        except asyncio.CancelledError:
            if _is_cancelled():
                raise
            self._failed = True

    def _watch(self) -> None:
        fresh, self.fresh = self.fresh, []
        self._left += len(fresh)
        self.watched += fresh
        for waiting in fresh:
            awaitable = waiting.awaitable
            if isinstance(awaitable, Answer):
                awaitable.tell(waiting)
            else:
                future = asyncio.ensure_future(awaitable)
                waiting.awaitable = future
                future.add_done_callback(waiting)

    def _hold(self) -> None:
        if self._batches is not None:
            self._batches.held = True

    def _begin_batches(self) -> None:
        if self._batches is not None:
            self._batches.begin()

    def _only_batch(self) -> Coroutine[Any, Any, None] | None:
        """Gives the loading of the one batch that brings all that is fresh; else begins what has been opened."""
        if self._batches is None:
            return None
        if self._left or not all(
            isinstance(waiting.awaitable, Answer) and not waiting.awaitable.done() for waiting in self.fresh
        ):
            self._batches.begin()
            return None
        return self._batches.only()


class Waiting:
    """A field whose value has yet to come.

    Attributes:
        awaitable: gives the value; an answer, or a future once more than one thing is waited for.
        complete: makes the response's value of it.
        owner: the response's object that has the field: a Struct, or a dict at the root. Set once that is made.
        slot: the field's attribute, or its key.
        value: what came; `NOTHING` so far.
        error: what was raised instead.
    """

    __slots__ = ("_run", "awaitable", "complete", "error", "owner", "slot", "value")

    awaitable: Any
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

    def take(self, source: asyncio.Future[Any] | Answer) -> None:
        """Does the same with the value of a future or an answer."""
        if isinstance(source, Answer):
            if source.error is not None:  # not raised here: its traceback would refer back to this
                self.error = source.error
                raise Surprise
            self.arrive(source.outcome())
            return
        try:
            value = source.result()
        except (Exception, asyncio.CancelledError) as error:
            self.error = error
            raise Surprise from error
        self.arrive(value)

    def __call__(self, source: asyncio.Future[Any] | Answer) -> None:
        """Is told that it is done."""
        self._run.land(self, source)


def _is_cancelled() -> bool:
    """Whether it is the request that is cancelled, and not just something that it waits for."""
    task = asyncio.current_task()
    return task is None or task.cancelling() > 0


def _look_at(future: asyncio.Future[Any]) -> None:
    """Takes note of a future's exception, which asyncio would otherwise report as overlooked."""
    if not future.cancelled():
        future.exception()
