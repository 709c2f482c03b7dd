"""Retries: which failures, how long after, and how many in all."""

from __future__ import annotations

import statistics

import pytest

from custgraph.errors import UpstreamUnavailable
from custgraph.rest.answers import Verdict
from custgraph.rest.retries import CAP, FLOOR, LONGEST_WAIT, Retries
from custgraph.rest.traffic import Traffic

NOW, DEADLINE = 100.0, 110.0


def made(share: float = 0.2, calls: int = 1000) -> tuple[Retries, Traffic]:
    traffic = Traffic()
    for _ in range(calls):
        traffic.called("one", NOW)
    return Retries(traffic, share), traffic


def again(pause: float | None = None, *, fresh: bool = False) -> Verdict:
    return Verdict(UpstreamUnavailable(), again=True, pause=pause, fresh=fresh)


def test_a_failure_that_is_not_worth_it_is_not_tried_again() -> None:
    assert made()[0].pause(Verdict(UpstreamUnavailable()), 0, NOW, DEADLINE) is None


def test_there_is_one_retry() -> None:
    retries, _ = made()
    assert retries.pause(again(), 0, NOW, DEADLINE) is not None
    assert retries.pause(again(), 1, NOW, DEADLINE) is None
    assert retries.pause(again(fresh=True), 1, NOW, DEADLINE) is None


def test_the_pause_is_spread_over_the_whole_span() -> None:
    retries, _ = made(share=1)
    pauses = [retries.pause(again(), 0, NOW, DEADLINE) or 0.0 for _ in range(300)]
    assert 0 <= min(pauses) < 0.005
    assert 0.045 < max(pauses) <= 0.05 <= CAP
    assert statistics.stdev(pauses) > 0.01


def test_the_upstreams_own_pause_comes_before_ours() -> None:
    pause = made()[0].pause(again(1.5), 0, NOW, DEADLINE)
    assert pause is not None
    assert 1.5 <= pause <= 1.55


def test_a_longer_pause_than_a_caller_should_wait_is_no_retry() -> None:
    assert made()[0].pause(again(LONGEST_WAIT + 0.1), 0, NOW, DEADLINE) is None


def test_a_pause_beyond_the_deadline_is_no_retry() -> None:
    retries, traffic = made()
    assert retries.pause(again(1.0), 0, NOW, NOW + 1.0) is None
    assert traffic.retries(NOW) == (1000, 0)


def test_a_stale_connection_is_replaced_at_once_and_on_no_budget() -> None:
    retries, traffic = made(share=0, calls=0)
    assert [retries.pause(again(fresh=True), 0, NOW, DEADLINE) for _ in range(10)] == [0.0] * 10
    assert traffic.retries(NOW) == (0, 0)


@pytest.mark.parametrize(
    ("share", "calls", "allowed"),
    [(0.2, 100, 20), (0.2, 1000, 200), (0.2, 5, FLOOR), (0.0, 1000, FLOOR), (1.0, 50, 50)],
)
def test_the_budget_is_a_share_of_the_first_calls_and_never_below_the_floor(
    share: float, calls: int, allowed: int
) -> None:
    retries, traffic = made(share, calls)
    granted = 0
    for _ in range(2 * calls):
        if retries.pause(again(), 0, NOW, DEADLINE) is not None:
            granted += 1
            traffic.called("one", NOW)  # the retry itself was answered; it earns no further one
    assert granted == allowed


def test_the_budget_is_free_again_after_ten_seconds() -> None:
    retries, traffic = made(calls=10)
    for _ in range(FLOOR):
        assert retries.pause(again(), 0, NOW, DEADLINE) is not None
    assert retries.pause(again(), 0, NOW, DEADLINE) is None
    traffic.called("one", NOW + 10)
    assert retries.pause(again(), 0, NOW + 10, DEADLINE + 10) is not None
