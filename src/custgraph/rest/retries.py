"""When a read is asked again, and after how long."""

from __future__ import annotations

import random

from custgraph.rest.answers import Verdict
from custgraph.rest.traffic import Traffic

BASE = 0.05
CAP = 0.5
LONGEST_WAIT = 2.0
"""Seconds; an upstream that wants a longer pause is not asked again for the same caller."""

FLOOR = 3
"""Retries in the window that are always allowed."""


class Retries:
    """At most one retry for each read, with full jitter, within a budget.

    Args:
        traffic: the window that calls and retries are counted in.
        share: retries allowed, as a share of the calls.
    """

    __slots__ = ("_random", "_share", "_traffic")

    def __init__(self, traffic: Traffic, share: float) -> None:
        self._traffic = traffic
        self._share = share
        self._random = random.SystemRandom()

    def pause(self, verdict: Verdict, attempt: int, now: float, deadline: float) -> float | None:
        """Tells how long to wait before asking again; None when it is not worth it.

        Args:
            verdict: what the last attempt came to.
            attempt: how many retries there were.
            now: loop time.
            deadline: loop time at which the answer is of no use any more.
        """
        if not verdict.again or attempt:
            return None
        if verdict.fresh:  # costs the upstream nothing: each stale connection is thrown away
            return 0.0
        wanted = verdict.pause or 0.0
        if wanted > LONGEST_WAIT:
            return None
        pause = wanted + self._random.uniform(0.0, min(CAP, BASE * 2**attempt))
        if now + pause >= deadline:
            return None
        calls, retries = self._traffic.retries(now)
        if retries + 1 > max(FLOOR, self._share * calls):
            return None
        self._traffic.retried(now)
        return pause
