"""A bounded cache that a flood of strangers cannot empty."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final, Generic, TypeVar

V = TypeVar("V")

PROTECTED_SHARE: Final = 0.8
"""Share of the cache for entries that were asked for again; what came only once is dropped first (segmented LRU)."""


class BoundedCache(Generic[V]):
    """Values by text, limited in number and in weight.

    An entry starts on trial and is kept among the proven ones once it is asked for again. New entries displace those
    on trial; proven ones fall back on trial, the least recently used first, when they are too many.
    """

    __slots__ = ("_max_count", "_max_weight", "_proven", "_proven_weight", "_trial", "_trial_weight")

    def __init__(self, max_count: int, max_weight: int) -> None:
        self._max_count = max_count
        self._max_weight = max_weight
        self._trial: OrderedDict[str, tuple[V, int]] = OrderedDict()
        self._proven: OrderedDict[str, tuple[V, int]] = OrderedDict()
        self._trial_weight = 0
        self._proven_weight = 0

    def __len__(self) -> int:
        return len(self._trial) + len(self._proven)

    @property
    def weight(self) -> int:
        """Weight of all entries."""
        return self._trial_weight + self._proven_weight

    def get(self, text: str) -> V | None:
        """Gives the value, and remembers that it was asked for."""
        entry = self._proven.get(text)
        if entry is not None:
            self._proven.move_to_end(text)
            return entry[0]
        entry = self._trial.pop(text, None)
        if entry is None:
            return None
        self._trial_weight -= entry[1]
        self._proven[text] = entry
        self._proven_weight += entry[1]
        while len(self._proven) > 1 and self._proven_is_full():
            old, demoted = self._proven.popitem(last=False)
            self._proven_weight -= demoted[1]
            self._trial[old] = demoted
            self._trial_weight += demoted[1]
        return entry[0]

    def put(self, text: str, value: V, weight: int) -> None:
        """Takes a value that was not there; one heavier than the whole cache is not kept."""
        if weight > self._max_weight:
            return
        self._trial[text] = (value, weight)
        self._trial_weight += weight
        while len(self) > self._max_count or self.weight > self._max_weight:
            if self._trial:
                self._trial_weight -= self._trial.popitem(last=False)[1][1]
            else:
                self._proven_weight -= self._proven.popitem(last=False)[1][1]

    def _proven_is_full(self) -> bool:
        return (
            len(self._proven) > self._max_count * PROTECTED_SHARE
            or self._proven_weight > self._max_weight * PROTECTED_SHARE
        )
