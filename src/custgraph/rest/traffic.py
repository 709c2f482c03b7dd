"""What went over the upstream leg in the last ten seconds, counted: the breaker and the retry budget decide by it."""

from __future__ import annotations

from collections import deque

SECONDS = 10


class _Second:
    """One second's calls, failures and retries; calls and failures by credential."""

    __slots__ = ("at", "calls", "connect_failures", "failures", "retries")

    def __init__(self, at: int) -> None:
        self.at = at
        self.calls: dict[object, int] = {}
        self.failures: dict[object, int] = {}
        self.connect_failures = 0
        self.retries = 0


class Traffic:
    """A sliding window of `SECONDS` seconds, of the loop's monotonic clock."""

    __slots__ = ("_ends", "_now", "_seconds")

    def __init__(self) -> None:
        self._seconds: deque[_Second] = deque(maxlen=SECONDS)
        self._now = _Second(0)
        self._ends = 0.0

    def _turn(self, now: float) -> _Second:
        self._now = _Second(int(now))
        self._ends = float(self._now.at + 1)
        self._seconds.append(self._now)
        return self._now

    def called(self, who: object, now: float) -> None:
        """Counts one call that was answered or failed, retries included."""
        calls = (self._now if now < self._ends else self._turn(now)).calls
        calls[who] = calls.get(who, 0) + 1

    def failed(self, who: object, now: float, *, connect: bool) -> None:
        """Counts a failure, beside its call; `connect`: one that came before any credential could matter."""
        second = self._now if now < self._ends else self._turn(now)
        second.failures[who] = second.failures.get(who, 0) + 1
        second.connect_failures += connect

    def retried(self, now: float) -> None:
        """Counts a retry."""
        (self._now if now < self._ends else self._turn(now)).retries += 1

    def forget(self) -> None:
        """Starts counting anew."""
        self._seconds.clear()
        self._ends = 0.0

    def _window(self, now: float) -> list[_Second]:
        oldest = int(now) - SECONDS
        return [second for second in self._seconds if second.at > oldest]

    def retries(self, now: float) -> tuple[int, int]:
        """Tells the window's calls that were no retries, and its retries."""
        window = self._window(now)
        retries = sum(second.retries for second in window)
        return max(sum(sum(second.calls.values()) for second in window) - retries, 0), retries

    def health(self, now: float) -> Health:
        """Tells how the window's calls went."""
        calls: dict[object, int] = {}
        failures: dict[object, int] = {}
        connect_failures = 0
        for second in self._window(now):
            connect_failures += second.connect_failures
            for who, count in second.calls.items():
                calls[who] = calls.get(who, 0) + count
            for who, count in second.failures.items():
                failures[who] = failures.get(who, 0) + count
        return Health(calls, failures, connect_failures)


class Health:
    """Calls and failures of one window, by credential."""

    __slots__ = ("calls", "connect_failures", "failures")

    def __init__(self, calls: dict[object, int], failures: dict[object, int], connect_failures: int) -> None:
        self.calls = calls
        self.failures = failures
        self.connect_failures = connect_failures

    def is_bad(self, least: int) -> bool:
        """Says whether half of at least `least` calls failed, and not in the eyes of one credential alone.

        Failures to connect speak for themselves; others must be half of the calls for those callers, too, who are
        left when the one with the most failures is left out.
        """
        total = sum(self.calls.values())
        if total < least:
            return False
        if 2 * self.connect_failures >= total:
            return True
        failed = sum(self.failures.values())
        if 2 * failed < total:
            return False
        worst = max(self.failures, key=self.failures.__getitem__)
        others_failed = failed - self.failures[worst]
        return others_failed > 0 and 2 * others_failed >= total - self.calls.get(worst, 0)
