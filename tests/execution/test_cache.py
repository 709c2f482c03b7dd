"""The cache of documents: bounded whatever comes, and not to be emptied by strangers."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from custgraph.config import Settings
from custgraph.execution.cache import BoundedCache
from support.shop import Shop, codes


def test_what_was_put_is_got() -> None:
    cache: BoundedCache[int] = BoundedCache(10, 100)
    assert cache.get("a") is None
    cache.put("a", 1, 5)
    assert [cache.get("a"), cache.get("a"), cache.get("a")] == [1, 1, 1]
    assert (len(cache), cache.weight) == (1, 5)


def test_what_is_heavier_than_all_is_not_kept() -> None:
    cache: BoundedCache[int] = BoundedCache(10, 100)
    cache.put("small", 1, 1)
    cache.put("big", 2, 101)
    assert cache.get("big") is None
    assert cache.get("small") == 1


def test_a_flood_of_strangers_leaves_what_is_asked_for_again() -> None:
    cache: BoundedCache[int] = BoundedCache(100, 10_000)
    for index in range(60):
        cache.put(f"own {index}", index, 10)
        cache.get(f"own {index}")
    for index in range(10_000):
        cache.put(f"stranger {index}", index, 10)
    assert all(cache.get(f"own {index}") == index for index in range(60))


def test_the_least_recently_used_goes_first() -> None:
    cache: BoundedCache[int] = BoundedCache(3, 100)
    for name in "abc":
        cache.put(name, 0, 1)
    cache.put("d", 0, 1)
    assert cache.get("a") is None
    for name in "bcd":
        assert cache.get(name) == 0


steps = st.lists(
    st.tuples(st.sampled_from("abcdefgh"), st.integers(1, 12), st.booleans()),
    max_size=60,
)


@given(steps, st.integers(1, 5), st.integers(1, 30))
def test_the_bounds_hold_and_nothing_is_made_up(
    actions: list[tuple[str, int, bool]], max_count: int, max_weight: int
) -> None:
    cache: BoundedCache[int] = BoundedCache(max_count, max_weight)
    values: dict[str, int] = {}
    for number, (name, weight, reads) in enumerate(actions):
        got = cache.get(name)
        assert got is None or got == values[name]
        if not reads and got is None:
            cache.put(name, number, weight)
            values[name] = number
        assert len(cache) <= max_count
        assert 0 <= cache.weight <= max_weight
    assert cache.weight == 0 or len(cache) > 0


async def test_hostile_variety_cannot_grow_what_an_executor_keeps() -> None:
    shop = Shop(settings=Settings(document_cache=50, document_cache_tokens=500))
    documents = shop.executor._preparer._documents
    await shop.ask("{ own: __typename }")
    await shop.ask("{ own: __typename }")
    for index in range(300):
        padding = " " * (index * 40 % 16_000)
        await shop.ask(f"{{ a{index}: __typename {padding}}}")
        await shop.ask(f"{{ wrong{index} {padding}}}")
        await shop.ask(f"{{ item(id: {index}) {{ a: id b: id c: id d: id }} {padding}}}")
        assert len(documents) <= 50
        assert documents.weight <= 500
    assert documents.get("{ own: __typename }") is not None


async def test_texts_that_are_too_long_are_not_kept() -> None:
    shop = Shop()
    assert codes(await shop.ask("{ __typename }" + " " * 1_000_000)) == ["QUERY_TOO_COMPLEX"]
    assert len(shop.executor._preparer._documents) == 0


async def test_refusals_are_kept_too_and_carry_each_requests_own_id() -> None:
    shop = Shop()
    first = await shop.ask("{ nothing }")
    shop.context.request_id = "request-2"
    second = await shop.ask("{ nothing }")
    assert codes(first) == codes(second)
    assert first.errors is not None
    assert second.errors is not None
    assert first.errors[0]["extensions"]["requestId"] == "request-1"
    assert second.errors[0]["extensions"]["requestId"] == "request-2"
