"""The window of ten seconds, held against a list of everything that happened."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from custgraph.rest.traffic import SECONDS, Traffic

WHO = ["one", "two", "three"]
Event = tuple[float, str, str]
EVENTS = st.lists(
    st.tuples(st.floats(0, 4), st.sampled_from(["good", "bad", "connect", "retry"]), st.sampled_from(WHO)), max_size=60
)


@given(EVENTS)
def test_the_window_counts_what_happened_in_the_last_ten_clock_seconds(events: list[Event]) -> None:
    traffic, now, happened = Traffic(), 50.0, []
    for later, what, who in events:
        now += later
        happened.append((int(now), what, who))
        if what == "retry":
            traffic.retried(now)
        else:
            traffic.called(who, now)
        if what in ("bad", "connect"):
            traffic.failed(who, now, connect=what == "connect")
    window = [(what, who) for second, what, who in happened if second > int(now) - SECONDS]
    health = traffic.health(now)
    assert health.calls == {w: n for w in WHO if (n := sum(who == w != what != "retry" for what, who in window))}
    assert health.failures == {w: n for w in WHO if (n := sum(x in [("bad", w), ("connect", w)] for x in window))}
    assert health.connect_failures == sum(what == "connect" for what, _ in window)
    retries = sum(what == "retry" for what, _ in window)
    assert traffic.retries(now) == (max(sum(health.calls.values()) - retries, 0), retries)


def test_it_can_start_anew() -> None:
    traffic = Traffic()
    traffic.called("one", 5.0)
    traffic.retried(5.0)
    traffic.forget()
    assert (traffic.retries(5.0), traffic.health(5.0).calls) == ((0, 0), {})
