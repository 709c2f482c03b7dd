"""A record of the calls that came in, for tests that count them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple, overload


class Call(NamedTuple):
    """One call. `path` is below the API's prefix, `query` is as sent, `credential` is the API key or session id."""

    method: str
    path: str
    query: str
    credential: str | None


class CallLog(Sequence[Call]):
    """The latest 10,000 calls, oldest first, kept only while recording; off at first."""

    def __init__(self) -> None:
        self._calls: deque[Call] = deque(maxlen=10_000)
        self.recording = False

    @contextmanager
    def record(self) -> Iterator[CallLog]:
        """Records, from an empty log, what comes in during the block."""
        self._calls.clear()
        self.recording = True
        try:
            yield self
        finally:
            self.recording = False

    def add(self, call: Call) -> None:
        """Keeps a call, if it is recording."""
        if self.recording:
            self._calls.append(call)

    def clear(self) -> None:
        """Forgets all calls."""
        self._calls.clear()

    @overload
    def __getitem__(self, index: int) -> Call: ...
    @overload
    def __getitem__(self, index: slice) -> list[Call]: ...
    def __getitem__(self, index: int | slice) -> Call | list[Call]:
        return list(self._calls)[index] if isinstance(index, slice) else self._calls[index]

    def __len__(self) -> int:
        return len(self._calls)
