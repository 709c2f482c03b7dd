"""Holds back what is to be written until the event loop's next turn, so that many small writes follow each other.

The first write to a peer that sleeps wakes it, which costs more than the write. Between writes that are spread over a
turn, with the work of another request before each, the peer falls asleep again; those that follow each other find it
awake.
"""

from __future__ import annotations

import asyncio
from typing import Protocol


class Corked(Protocol):
    """Something with bytes to write."""

    def uncork(self) -> None:
        """Writes what is held back, if anything still is."""
        ...


class Cork:
    """What is held back on one side of the gateway."""

    __slots__ = ("_corked", "_loop")

    def __init__(self) -> None:
        self._corked: list[Corked] = []
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def holds(self) -> bool:
        """Whether anything is held back, to go out in the next turn."""
        return bool(self._corked)

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
