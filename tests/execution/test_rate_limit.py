"""The rate limit: what one credential may spend, and when it may spend again."""

from __future__ import annotations

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from custgraph.config import Settings
from custgraph.execution import rate_windows
from custgraph.execution.rate import WINDOW, seconds_until
from custgraph.execution.rate_windows import BoundedWindows, Window
from custgraph.operation import OperationResult
from support.shop import Context, Shop, codes

FIVE = "{ page(first: 3) { items { id } } }"


def limited(budget: int) -> Shop:
    return Shop(settings=Settings(rate_limit=budget))


async def ask(shop: Shop, query: str, credential: str = "ada") -> OperationResult:
    return await shop.ask(query, context=Context(credential, wants_cost=True))


async def test_a_budget_is_spent_in_cost() -> None:
    shop = limited(12)
    left = []
    for _ in range(2):
        result = await ask(shop, FIVE)
        assert result.extensions is not None
        left.append(result.extensions["cost"])
    assert left == [
        {"requested": 5, "budget": 12, "remaining": 7, "upstreamCalls": 1},
        {"requested": 5, "budget": 12, "remaining": 2, "upstreamCalls": 1},
    ]
    refused = await ask(shop, FIVE)
    assert (refused.executed, refused.status, codes(refused)) == (False, 429, ["RATE_LIMITED"])
    assert refused.errors is not None
    told = refused.errors[0]["extensions"]
    assert (told["requested"], told["budget"], told["remaining"]) == (5, 12, 2)
    assert refused.headers == (("retry-after", str(told["retryAfter"])),)
    assert 1 <= told["retryAfter"] <= 2 * WINDOW
    assert (await ask(shop, "{ __typename }")).executed  # what is left is not lost


async def test_credentials_have_budgets_of_their_own() -> None:
    shop = limited(5)
    assert (await ask(shop, FIVE, "ada")).executed
    assert not (await ask(shop, FIVE, "ada")).executed
    assert (await ask(shop, FIVE, "bob")).executed
    assert (await ask(shop, FIVE, "")).executed
    assert not (await ask(shop, FIVE, "")).executed


async def test_nothing_runs_when_the_budget_is_spent() -> None:
    shop = limited(10)
    context = Context()
    for _ in range(10):
        await shop.ask(FIVE, context=context)
    assert context.began == ["query", "query"]


async def test_what_can_never_be_afforded_is_too_complex() -> None:
    result = await ask(limited(4), FIVE)
    assert codes(result) == ["QUERY_TOO_COMPLEX"]
    assert result.errors is not None
    assert result.errors[0]["extensions"]["setting"] == "CUSTGRAPH_RATE_LIMIT"
    assert result.headers == ()


async def test_what_is_refused_for_other_reasons_costs_nothing() -> None:
    shop = limited(5)
    for query in ("{ nothing }", "{", "{ a: __typename b: __typename c: item(id: {}) { id } }"):
        assert not (await ask(shop, query)).executed
    assert (await ask(shop, FIVE)).executed


async def test_many_at_once_do_not_overspend() -> None:
    shop = limited(100)
    results = await asyncio.gather(*(ask(shop, FIVE) for _ in range(50)))
    assert sum(result.executed for result in results) == 20


async def test_memory_is_bounded_whatever_credentials_come() -> None:
    windows = BoundedWindows()
    for index in range(rate_windows.MAX_KEYS + 100):
        assert await windows.acquire_sliding_window_entry(f"key {index}", 10, WINDOW, 3)
    assert await windows.reset() == rate_windows.MAX_KEYS


def test_a_window_moves_on_with_the_clock() -> None:
    window = Window(start=100.0, current=7)
    window.shift(159.9, 60)
    assert (window.current, window.previous) == (7, 0)
    window.shift(160.0, 60)
    assert (window.current, window.previous, window.start) == (0, 7, 160.0)
    window.shift(400.0, 60)
    assert (window.current, window.previous, window.start) == (0, 0, 400.0)


@given(st.integers(0, 100), st.integers(0, 100), st.floats(0.01, 60), st.integers(0, 100))
def test_the_wait_is_long_enough_and_no_longer(previous: int, current: int, left: float, room: int) -> None:
    def spent_after(wait: float) -> float:
        """What counts as spent if nothing more is spent."""
        if wait < left:
            return previous * (left - wait) / WINDOW + current
        return current * max(0.0, left + WINDOW - wait) / WINDOW

    wait = seconds_until(room, previous, left, current, left + WINDOW)
    assert wait >= 1
    assert spent_after(wait) <= room + 1e-6
    if wait > 1:
        assert spent_after(wait - 1) > room - 1e-6
