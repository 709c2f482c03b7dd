"""The circuit breaker: when the upstream is down, callers hear so at once and the upstream is left alone."""

from __future__ import annotations

from custgraph.rest.answers import Weight
from custgraph.rest.traffic import Traffic

LEAST_CALLS = 20
SUCCESSES_TO_CLOSE = 3
LONGEST_REST = 30.0
FLAP = 60.0
"""Seconds; a circuit that opens again so soon after it closed rests twice as long as before."""

HEAD_START = 0.5
"""Seconds; the credential whose try failed lets the others try first: it may be the only one that fails."""


class Breaker:
    """Closed: all calls pass. Open: none. Half-open, after its rest: one read at a time tries the upstream.

    Three good tries close it; a bad one opens it for the same rest again, counted from the try's beginning: one that
    stalls does not put off the next. The rest doubles when the upstream fails again soon after it had recovered: it
    answers a try and falls over under load.

    Args:
        traffic: the window that decides beside the failures in a row.
        in_a_row: failures in a row, of connecting or of a gateway (502, 503, 504), that open it.
        rest: seconds it stays open at first.
    """

    __slots__ = (
        "_closed_at",
        "_first_rest",
        "_in_a_row",
        "_in_row",
        "_opened_until",
        "_rest",
        "_row_of",
        "_successes",
        "_suspect",
        "_traffic",
        "_tried_at",
        "_trying",
        "open",
    )

    def __init__(self, traffic: Traffic, in_a_row: int, rest: float) -> None:
        self.open = False
        self._traffic = traffic
        self._in_a_row = in_a_row
        self._first_rest = rest
        self._rest = rest
        self._opened_until = 0.0
        self._closed_at = -FLAP
        self._trying = False
        self._suspect: object = None
        self._tried_at = 0.0
        self._successes = 0
        self._in_row = 0
        self._row_of: set[object] = set()

    def admits(self, who: object, now: float, *, write: bool) -> bool:
        """Says whether a call may go while the circuit is open: a read, after the rest, one at a time."""
        if write or self._trying or now < self._opened_until:
            return False
        return who is not self._suspect or now >= self._opened_until + HEAD_START

    def begin_trial(self, now: float) -> None:
        """Takes note of a call that is let through to try the upstream."""
        self._trying = True
        self._tried_at = now

    def abandon_trial(self) -> None:
        """Takes note of a try that ended without telling anything, such as a cancelled one."""
        self._trying = False

    def rest_left(self, now: float) -> float:
        """Tells how many seconds are left until the next try."""
        return max(self._opened_until - now, 0.0)

    def succeeded(self, who: object, now: float, *, trial: bool) -> None:
        """Takes an answer that shows the upstream at work, refusals included."""
        self._traffic.called(who, now)
        if self._in_row:
            self._in_row = 0
            self._row_of.clear()
        if trial:
            self._trying = False
            self._suspect = None
            self._successes += 1
            if self._successes >= SUCCESSES_TO_CLOSE:
                self.open = False
                self._closed_at = now
                self._traffic.forget()  # what it recovered from does not count against it again

    def failed(self, who: object, now: float, weight: Weight, *, trial: bool) -> None:
        """Takes a failure that is the upstream's own."""
        self._traffic.called(who, now)
        self._traffic.failed(who, now, connect=weight is Weight.CONNECT)
        if trial:
            self._suspect = who if weight is Weight.FAILURE else None
            self._open(self._tried_at)
        if self.open:
            return
        if weight is Weight.FAILURE:
            self._in_row = 0
            self._row_of.clear()
        else:
            self._in_row += 1
            self._row_of.add(None if weight is Weight.CONNECT else who)
        if self._row_tells() or self._traffic.health(now).is_bad(LEAST_CALLS):
            doubled = min(2 * self._rest, LONGEST_REST)
            self._rest = max(doubled, self._first_rest) if now - self._closed_at < FLAP else self._first_rest
            self._open(now)

    def _row_tells(self) -> bool:
        return self._in_row >= self._in_a_row and (None in self._row_of or len(self._row_of) > 1)

    def _open(self, now: float) -> None:
        self.open = True
        self._opened_until = now + self._rest
        self._trying = False
        self._successes = 0
        self._in_row = 0
        self._row_of.clear()
