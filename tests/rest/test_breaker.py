"""The circuit breaker: what opens it, who may try, and what closes it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from custgraph.rest.answers import Weight
from custgraph.rest.breaker import FLAP, HEAD_START, LONGEST_REST, Breaker
from custgraph.rest.traffic import Traffic

REST = 5.0
ONE, TWO, THREE = object(), object(), object()


def made() -> Breaker:
    return Breaker(Traffic(), 5, REST)


def fail(breaker: Breaker, *whose: object, at: float = 100.0, weight: Weight = Weight.GATEWAY) -> None:
    for who in whose:
        breaker.failed(who, at, weight, trial=False)


def opened(at: float = 100.0) -> Breaker:
    breaker = made()
    fail(breaker, *[ONE] * 5, at=at, weight=Weight.CONNECT)
    assert breaker.open
    return breaker


def try_it(breaker: Breaker, at: float, *, good: bool, who: object = ONE, weight: Weight = Weight.CONNECT) -> None:
    assert breaker.admits(who, at, write=False)
    breaker.begin_trial(at)
    if good:
        breaker.succeeded(who, at, trial=True)
    else:
        breaker.failed(who, at, weight, trial=True)


def close(breaker: Breaker, at: float) -> None:
    for _ in range(3):
        assert breaker.open
        try_it(breaker, at, good=True)
    assert not breaker.open


def test_failures_to_connect_in_a_row_open_it() -> None:
    breaker = made()
    fail(breaker, *[ONE] * 4, weight=Weight.CONNECT)
    assert not breaker.open
    fail(breaker, ONE, weight=Weight.CONNECT)
    assert breaker.open


def test_a_success_between_them_starts_the_row_anew() -> None:
    breaker = made()
    for _ in range(5):
        fail(breaker, *[ONE] * 4, weight=Weight.CONNECT)
        for _ in range(9):
            breaker.succeeded(ONE, 100.0, trial=False)
    assert not breaker.open


def test_one_credential_alone_cannot_open_it() -> None:
    breaker = made()
    fail(breaker, *[ONE] * 500)
    fail(breaker, *[ONE] * 500, weight=Weight.FAILURE)
    assert not breaker.open


def test_two_credentials_with_failures_in_a_row_open_it() -> None:
    breaker = made()
    fail(breaker, ONE, ONE, ONE, ONE, TWO)
    assert breaker.open


def test_one_credential_that_always_fails_does_not_open_it_for_those_who_are_well() -> None:
    breaker = made()
    for _ in range(100):
        fail(breaker, *[ONE] * 9, weight=Weight.FAILURE)
        breaker.succeeded(TWO, 100.0, trial=False)
    fail(breaker, TWO, weight=Weight.FAILURE)
    assert not breaker.open


def test_half_of_twenty_calls_open_it() -> None:
    breaker = made()
    for who in (ONE, TWO):
        for _ in range(5):
            breaker.succeeded(who, 100.0, trial=False)
    fail(breaker, *[ONE, TWO] * 4, ONE, weight=Weight.FAILURE)
    assert not breaker.open
    fail(breaker, TWO, weight=Weight.FAILURE)
    assert breaker.open


def test_nineteen_failures_are_too_few_to_judge_by() -> None:
    breaker = made()
    fail(breaker, *[ONE, TWO] * 9, ONE, weight=Weight.FAILURE)
    assert not breaker.open


def test_failures_of_eleven_seconds_ago_do_not_count() -> None:
    breaker = made()
    fail(breaker, *[ONE, TWO] * 9, weight=Weight.FAILURE)
    fail(breaker, ONE, TWO, at=111.0, weight=Weight.FAILURE)
    assert not breaker.open


def test_open_it_admits_nobody_until_it_has_rested() -> None:
    breaker = opened(at=100.0)
    assert not breaker.admits(ONE, 104.9, write=False)
    assert breaker.rest_left(104.0) == 1.0
    assert breaker.admits(ONE, 105.0, write=False)


def test_a_write_never_tries() -> None:
    assert not opened().admits(ONE, 1000.0, write=True)


def test_one_tries_at_a_time() -> None:
    breaker = opened()
    breaker.begin_trial(105.0)
    assert not breaker.admits(TWO, 105.0, write=False)
    breaker.abandon_trial()
    assert breaker.admits(TWO, 105.0, write=False)


def test_three_good_tries_close_it() -> None:
    breaker = opened()
    for _ in range(2):
        try_it(breaker, 105.0, good=True)
    assert breaker.open
    try_it(breaker, 105.0, good=True)
    assert not breaker.open


def test_calls_that_were_under_way_when_it_opened_do_not_close_it() -> None:
    breaker = opened()
    for _ in range(10):
        breaker.succeeded(ONE, 101.0, trial=False)
    assert breaker.open


def test_a_bad_try_opens_it_again_and_good_ones_before_it_do_not_count() -> None:
    breaker = opened()
    try_it(breaker, 105.0, good=True)
    try_it(breaker, 105.0, good=True)
    try_it(breaker, 106.0, good=False)
    assert not breaker.admits(ONE, 110.9, write=False)
    close(breaker, 111.0)


def test_a_try_that_stalls_does_not_put_off_the_next() -> None:
    breaker = opened()
    breaker.begin_trial(105.0)
    breaker.failed(ONE, 109.0, Weight.GATEWAY, trial=True)
    assert breaker.admits(ONE, 110.0, write=False)


def test_after_a_failure_that_may_be_its_own_a_credential_lets_the_others_try_first() -> None:
    breaker = opened()
    try_it(breaker, 105.0, good=False, who=ONE, weight=Weight.FAILURE)
    assert not breaker.admits(ONE, 110.0, write=False)
    assert breaker.admits(TWO, 110.0, write=False)
    assert breaker.admits(ONE, 110.0 + HEAD_START, write=False)


def test_what_it_recovered_from_does_not_count_again() -> None:
    breaker = made()
    fail(breaker, *[ONE, TWO] * 100, weight=Weight.FAILURE)
    close(breaker, 105.0)
    fail(breaker, ONE, TWO, at=105.0, weight=Weight.FAILURE)
    assert not breaker.open


def test_a_circuit_that_flaps_rests_longer_each_time_up_to_a_limit() -> None:
    breaker, at, rests = opened(), 100.0, []
    for _ in range(6):
        at += breaker.rest_left(at)
        close(breaker, at)
        fail(breaker, *[ONE] * 5, at=at, weight=Weight.CONNECT)
        rests.append(breaker.rest_left(at))
    assert rests == [10.0, 20.0, LONGEST_REST, LONGEST_REST, LONGEST_REST, LONGEST_REST]
    at += LONGEST_REST
    close(breaker, at)
    fail(breaker, *[ONE] * 5, at=at + FLAP, weight=Weight.CONNECT)
    assert breaker.rest_left(at + FLAP) == REST


def test_an_outage_of_a_minute_does_not_lengthen_the_rest() -> None:
    breaker, at = opened(), 100.0
    for _ in range(12):
        at += breaker.rest_left(at)
        try_it(breaker, at, good=False)
    assert breaker.rest_left(at) == REST


@given(st.lists(st.tuples(st.sampled_from(Weight), st.floats(0, 3))))
def test_no_failures_of_one_credential_open_it_but_those_to_connect(history: list[tuple[Weight, float]]) -> None:
    breaker, at = made(), 100.0
    for weight, later in history:
        at += later
        if weight is Weight.NONE:
            breaker.succeeded(ONE, at, trial=False)
        elif weight is not Weight.CONNECT:
            breaker.failed(ONE, at, weight, trial=False)
    assert not breaker.open
