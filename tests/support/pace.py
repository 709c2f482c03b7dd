"""Time as this machine has it: work is measured against a known piece of work that is done right beside it.

So a bound holds on a slow machine and on one whose speed changes, and still fails when work grows.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from statistics import median
from typing import TypeVar

from graphql import parse

T = TypeVar("T")

ATTEMPTS = 5
"""The median of so many counts: some meet a collection of garbage, or a neighbour."""

_PLAIN = "{ " + " ".join(f"field{index}: item(id: {index}) {{ id name }}" for index in range(100)) + " }"


async def in_parsings(work: Callable[[int], Awaitable[T]]) -> tuple[float, T]:
    """Measures the processor's time for work.

    Args:
        work: does it; is told the number of the attempt, so that it can be new each time.

    Returns:
        The time, in that of parsing a plain document of 100 objects with graphql-core (2 to 7 ms), and what came of
        the work.
    """
    efforts, before = [], _parsing()
    for attempt in range(ATTEMPTS):
        started = time.process_time()
        result = await work(attempt)
        spent = time.process_time() - started
        after = _parsing()
        efforts.append(spent / min(before, after))
        before = after
    return median(efforts), result


def _parsing() -> float:
    started = time.process_time()
    parse(_PLAIN)
    return time.process_time() - started
