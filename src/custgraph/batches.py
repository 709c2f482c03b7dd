"""What becomes of keys that are asked for together: the answers, and the batches that bring them.

Loaders make them, and whoever waits for an answer is told of it at once: a compiled plan, which completes the value
then and there, or a future of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Generator
from typing import Any, Final, Protocol

_UNKNOWN: Final = object()


class Answer:
    """What becomes of one key. It stands in aiodataloader's queue, its own future, for all who wait.

    Whoever awaits it has a future of their own: graphql-core cancels sibling fields when a non-null error bubbles, and
    with one future for all, that would cancel every field that waits for the key.

    Attributes:
        key: what was asked for.
        error: why there is no value, once that is known.
    """

    __slots__ = ("_listeners", "_value", "error", "key")

    def __init__(self, key: object = None) -> None:
        self._listeners: list[Callable[[Answer], object]] = []
        self._value: Any = _UNKNOWN
        self.error: BaseException | None = None
        self.key = key

    @property
    def future(self) -> Answer:
        """Itself."""
        return self

    def done(self) -> bool:
        """Says whether it is known."""
        return self._value is not _UNKNOWN

    def result(self) -> Any:
        """Gives the value, or raises the error, once it is known."""
        if self.error is not None:
            raise self.error
        return self._value

    def outcome(self) -> Any:
        """Gives the value, or the error in its place, once it is known."""
        return self._value if self.error is None else self.error

    def set_result(self, value: Any) -> None:
        """Makes the value known."""
        self._value = value
        listeners = self._listeners
        if listeners:
            self._listeners = []
            for listener in listeners:
                listener(self)

    def set_exception(self, error: BaseException) -> None:
        """Makes known why there is no value."""
        self.error = error
        self.set_result(None)

    def cancel(self) -> None:
        """Makes known that nothing comes any more, unless something has."""
        if self._value is _UNKNOWN:
            self.set_exception(asyncio.CancelledError())

    def tell(self, listener: Callable[[Answer], object]) -> None:
        """Calls the listener with this: now, or as soon as it is known. It must not raise."""
        if self._value is _UNKNOWN:
            self._listeners.append(listener)
        else:
            listener(self)

    def wait(self, loop: asyncio.AbstractEventLoop) -> asyncio.Future[Any]:
        """Gives a future of it, for one waiter."""
        future: asyncio.Future[Any] = loop.create_future()
        self.tell(lambda answer: _hand_over(answer, future))
        return future

    def __await__(self) -> Generator[Any, None, Any]:
        return self.wait(asyncio.get_running_loop()).__await__()


class Gathered(Answer):
    """The outcomes of many answers: each one's value, or the error in its place."""

    __slots__ = ("_answers", "_left")

    def __init__(self, answers: list[Answer]) -> None:
        super().__init__()
        self._answers = answers
        self._left = len(answers)
        for answer in answers:
            answer.tell(self._count)
        if not answers:
            self.set_result([])

    def _count(self, _answer: Answer) -> None:
        self._left -= 1
        if not self._left:
            answers, self._answers = self._answers, []
            if any(isinstance(answer.error, asyncio.CancelledError) for answer in answers):
                self.cancel()
            else:
                self.set_result([answer.outcome() for answer in answers])


def _hand_over(answer: Answer, future: asyncio.Future[Any]) -> None:
    if future.done():
        return
    outcome = answer.outcome()
    if answer.error is None:
        future.set_result(outcome)
    elif isinstance(outcome, asyncio.CancelledError):
        future.cancel()
    else:
        future.set_exception(outcome)
        future.exception()  # counts as retrieved, should nobody wait any more


class Loads(Protocol):
    """A loader, as its batches know it."""

    def begin(self, batch: list[Answer]) -> None:
        """Loads a batch in a task of its own, once the tasks that are ready now have added their keys."""

    def run(self, batch: list[Answer]) -> Coroutine[Any, Any, None]:
        """Loads a batch now, in the caller's task."""
        ...


class Batches:
    """The batches that one request's loaders have opened and not begun.

    Attributes:
        held: whoever asks now sees to the batches itself, before it waits for anything; else each begins at once.
    """

    __slots__ = ("_begun", "_open", "held")

    def __init__(self) -> None:
        self.held = False
        self._begun = False
        self._open: list[tuple[Loads, list[Answer]]] = []

    def add(self, loader: Loads, batch: list[Answer]) -> None:
        """Takes a batch that was opened."""
        self._open.append((loader, batch))
        if not self.held:
            self.begin()

    def only(self) -> Coroutine[Any, Any, None] | None:
        """Gives the loading of the one batch that is open, if no other ever was under way; else begins what is open."""
        if len(self._open) != 1 or self._begun:
            self.begin()
            return None
        self.held = False
        loader, batch = self._open.pop()
        return loader.run(batch)

    def begin(self) -> None:
        """Begins all that are open."""
        self.held = False
        opened = self._open
        if opened:
            self._begun = True
            self._open = []
            for loader, batch in opened:
                loader.begin(batch)
