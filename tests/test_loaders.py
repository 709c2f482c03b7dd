"""Loaders: what is batched, and that nobody's failure or cancellation costs another anything."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest
from graphql import (
    GraphQLField,
    GraphQLInt,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    execute,
    parse,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from custgraph.batches import Batches
from custgraph.loaders import BatchLoader
from support.eventually import eventually


class Doubles(BatchLoader[int, int]):
    """Doubles numbers; 13 is an error.

    Attributes:
        batches: the batches so far.
        gate: open; closed, it holds up whatever is under way.
    """

    def __init__(self, batches: Batches | None = None) -> None:
        super().__init__(batches or Batches(), asyncio.get_running_loop())
        self.batches: list[list[int]] = []
        self.gate = asyncio.Event()
        self.gate.set()

    def load(self, key: int) -> asyncio.Future[int]:
        """Gives a future of the key's value, for one waiter."""
        return self.ask(key).wait(asyncio.get_running_loop())

    async def batch_load_fn(self, keys: list[int]) -> list[int | Exception]:
        self.batches.append(keys)
        await self.gate.wait()
        return [ValueError(key) if key == 13 else 2 * key for key in keys]


@pytest.fixture
async def loader() -> AsyncIterator[Doubles]:
    doubles = Doubles()
    yield doubles
    doubles.close()


async def ticks(count: int = 5) -> None:
    """Lets everything that is ready run."""
    for _ in range(count):
        await asyncio.sleep(0)


class TestBatches:
    async def test_keys_of_one_moment_are_one_batch_each_once_in_order(self, loader: Doubles) -> None:
        assert await asyncio.gather(*map(loader.load, [3, 1, 3, 2, 1])) == [6, 2, 6, 4, 2]
        assert loader.batches == [[3, 1, 2]]

    async def test_tasks_that_start_with_the_first_key_add_theirs(self, loader: Doubles) -> None:
        async def later(key: int) -> int:
            return await loader.load(key)

        values = await asyncio.gather(loader.load(1), later(2), asyncio.create_task(later(3)))
        assert list(values) == [2, 4, 6]
        assert [sorted(batch) for batch in loader.batches] == [[1, 2, 3]]

    async def test_a_batch_has_200_keys_at_most(self, loader: Doubles) -> None:
        keys = list(range(1000, 1450))
        assert await loader.ask_all(keys) == [2 * key for key in keys]
        assert loader.batches == [keys[:200], keys[200:400], keys[400:]]

    async def test_a_known_key_is_not_asked_for_again(self, loader: Doubles) -> None:
        assert [await loader.load(1), await loader.load(1)] == [2, 2]
        assert loader.batches == [[1]]

    async def test_a_key_under_way_is_not_asked_for_again(self, loader: Doubles) -> None:
        loader.gate.clear()
        early = loader.load(1)
        await ticks()
        late = loader.load(1)
        loader.gate.set()
        assert [await early, await late] == [2, 2]
        assert loader.batches == [[1]]

    async def test_an_error_is_its_keys_alone(self, loader: Doubles) -> None:
        [one, error, two] = await asyncio.gather(*map(loader.load, [1, 13, 2]), return_exceptions=True)
        assert (one, str(error), two) == (2, "13", 4)
        with pytest.raises(ValueError, match="13"):
            await loader.load(13)
        assert loader.batches == [[1, 13, 2]]

    async def test_a_batch_that_fails_is_asked_for_again(self) -> None:
        class Failing(Doubles):
            async def batch_load_fn(self, keys: list[int]) -> list[int | Exception]:
                if not self.batches:
                    self.batches.append(keys)
                    raise OSError
                return await super().batch_load_fn(keys)

        loader = Failing()
        failed = await asyncio.gather(loader.load(1), loader.load(2), return_exceptions=True)
        assert [type(value) for value in failed] == [OSError, OSError]
        assert await loader.load(1) == 2


class TestCancellation:
    @pytest.mark.parametrize("cancelled", [0, 1])
    @pytest.mark.parametrize("under_way", [False, True])
    async def test_costs_no_other_waiter_the_value(self, loader: Doubles, *, cancelled: int, under_way: bool) -> None:
        loader.gate.clear()
        waiters = [loader.load(1), loader.load(1)]
        if under_way:
            await ticks()
        waiters.pop(cancelled).cancel()
        loader.gate.set()
        assert await waiters[0] == 2
        assert await loader.load(1) == 2
        assert loader.batches == [[1]]

    async def test_of_the_only_waiter_leaves_the_key_loadable(self, loader: Doubles) -> None:
        task = asyncio.ensure_future(asyncio.wait_for(loader.load(1), timeout=5))
        await ticks(1)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        assert await loader.load(1) == 2
        assert loader.batches == [[1]]

    async def test_by_graphql_core_leaves_the_sibling_its_value(self, loader: Doubles) -> None:
        """A null that bubbles cancels what is still under way below it; the same key is wanted elsewhere."""

        async def bad(*_: object) -> int:
            await ticks(2)
            raise ValueError

        name = GraphQLField(GraphQLInt, resolve=lambda *_: loader.load(1))
        inner = GraphQLObjectType("Inner", {"bad": GraphQLField(GraphQLNonNull(GraphQLInt), resolve=bad), "name": name})
        query = GraphQLObjectType("Query", {"inner": GraphQLField(inner, resolve=lambda *_: {}), "name": name})
        loader.gate.clear()
        running = asyncio.ensure_future(execute(GraphQLSchema(query), parse("{ inner { bad name } name }")))  # type: ignore[arg-type]  # it awaits
        await ticks(20)
        loader.gate.set()
        result = await running
        assert result.data == {"inner": None, "name": 2}
        assert len(result.errors or ()) == 1

    async def test_leaves_no_exception_unretrieved(self, loader: Doubles) -> None:
        complaints: list[dict[str, Any]] = []
        asyncio.get_running_loop().set_exception_handler(lambda _loop, context: complaints.append(context))
        loader.load(13).cancel()
        loader.load(13)  # nobody waits for it
        await ticks()
        loader.load(13)
        await ticks()
        loader.clear_all()
        gc.collect()
        assert complaints == []
        asyncio.get_running_loop().create_future().set_exception(ValueError())
        gc.collect()
        assert len(complaints) == 1  # this is how it would show

    async def test_close_ends_what_runs_and_whoever_waits(self, loader: Doubles) -> None:
        loader.gate.clear()
        before = asyncio.all_tasks()
        waiters = [loader.load(1), loader.load(2)]
        await ticks()
        waiters.append(loader.load(3))  # not yet under way
        loader.close()
        await eventually(lambda: asyncio.all_tasks() == before)
        assert all(waiter.cancelled() for waiter in waiters)
        assert loader.batches == [[1, 2]]

    async def test_close_ends_what_was_cleared_too(self, loader: Doubles) -> None:
        loader.gate.clear()
        waiter = loader.load(1)
        await ticks()
        loader.clear_all()
        loader.close()
        assert waiter.cancelled()

    async def test_close_changes_nothing_that_is_known(self, loader: Doubles) -> None:
        waiter = loader.load(1)
        await ticks()
        loader.close()
        assert await waiter == 2

    async def test_close_forgets_those_it_cancelled(self, loader: Doubles) -> None:
        loader.load(1)
        loader.close()
        assert await loader.load(1) == 2


class TestKnownValues:
    async def test_a_value_that_replaces_what_is_known_is_not_asked_for(self, loader: Doubles) -> None:
        loader.replace(1, 77)
        assert await loader.load(1) == 77
        await loader.load(2)
        loader.replace(2, 78)
        assert await loader.load(2) == 78
        assert loader.batches == [[2]]

    async def test_what_was_asked_for_before_a_write_is_no_answer_to_what_is_asked_after(self, loader: Doubles) -> None:
        loader.gate.clear()
        early = loader.load(1)
        await ticks()
        loader.clear_all()
        late = loader.load(1)
        loader.gate.set()
        assert [await early, await late] == [2, 2]
        assert loader.batches == [[1], [1]]


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("load"), st.integers(10, 16)),
        st.tuples(st.just("cancel"), st.integers(0, 30)),
        st.tuples(st.just("tick"), st.integers(1, 4)),
        st.tuples(st.sampled_from(["open", "shut"]), st.just(0)),
    ),
    max_size=40,
)


@given(STEPS)
@settings(max_examples=300)
async def test_every_waiter_that_stays_gets_its_keys_outcome_and_each_key_is_asked_once(
    steps: list[tuple[str, int]],
) -> None:
    loader = Doubles()
    waiters: list[tuple[int, asyncio.Future[int]]] = []
    given_up = set()
    for step, number in steps:
        match step:
            case "load":
                waiters.append((number, loader.load(number)))
            case "cancel" if number < len(waiters) and waiters[number][1].cancel():
                given_up.add(number)
            case "tick":
                await ticks(number)
            case "open":
                loader.gate.set()
            case "shut":
                loader.gate.clear()
    loader.gate.set()
    staying = [waiter for number, waiter in enumerate(waiters) if number not in given_up]
    outcomes = await asyncio.gather(*(future for _, future in staying), return_exceptions=True)
    assert [str(value) for value in outcomes] == [str(13 if key == 13 else 2 * key) for key, _ in staying]
    await ticks()  # what everybody has given up runs on
    asked = [key for batch in loader.batches for key in batch]
    assert sorted(asked) == sorted({key for key, _ in waiters})
    loader.close()


async def test_many_keys_have_one_answer() -> None:
    loader = Doubles()
    one = loader.load(2)
    outcomes = await loader.ask_all([1, 13, 2, 1])
    assert loader.batches == [[2, 1, 13]]
    assert (outcomes[0], outcomes[2:]) == (2, [4, 2])
    assert isinstance(outcomes[1], Exception)
    assert await one == 4
    assert await loader.ask_all([]) == []
    assert await loader.ask_all([1, 2]) == [2, 4]


async def test_nobody_else_minds_when_who_waits_for_many_is_cancelled() -> None:
    loader = Doubles()
    many = asyncio.ensure_future(loader.ask_all([1, 2]))
    await ticks(1)
    one = loader.load(2)
    many.cancel()
    assert await one == 4


async def test_what_is_loaded_alone_waits_for_nobody_and_comes_as_it_does_together(loader: Doubles) -> None:
    assert await loader.load_alone(4) == 8
    assert loader.batches == [[4]]
    outcomes = await loader.load_all_alone([1, 13, 1])
    assert (outcomes[0], str(outcomes[1]), outcomes[2]) == (2, "13", 2)
    assert loader.batches == [[4], [1, 13]]
    with pytest.raises(ValueError, match="13"):
        await loader.load_alone(13)


async def test_what_is_known_or_under_way_is_not_loaded_alone_again(loader: Doubles) -> None:
    loader.replace(1, 100)
    assert await loader.load_alone(1) == 100
    assert await loader.load_all_alone([1, 2]) == [100, 4]
    assert loader.batches == [[2]]


async def test_more_keys_than_a_batch_takes_are_batches_though_loaded_alone(loader: Doubles) -> None:
    keys = list(range(100, 350))
    assert await loader.load_all_alone(keys) == [2 * key for key in keys]
    assert [len(batch) for batch in loader.batches] == [200, 50]


async def test_keys_of_a_batch_that_was_cancelled_are_asked_for_again() -> None:
    batches = Batches()
    batches.held = True
    loader = Doubles(batches)
    loader.gate.clear()
    many, one = loader.ask_all([1, 2]), loader.ask(1)
    loading = batches.only()
    assert loading is not None
    task = asyncio.ensure_future(loading)
    await ticks()
    task.cancel()
    await ticks()
    assert task.cancelled()
    for answer in (many, one):
        assert answer.done()
        with pytest.raises(asyncio.CancelledError):
            answer.result()
    loader.gate.set()
    assert await loader.load(1) == 2


async def test_close_settles_a_batch_that_was_never_begun() -> None:
    batches = Batches()
    batches.held = True
    loader = Doubles(batches)
    waiter = loader.load(1)
    loader.close()
    assert waiter.cancelled()


async def test_an_older_batch_that_fails_leaves_a_newer_value() -> None:
    class Failing(Doubles):
        async def batch_load_fn(self, keys: list[int]) -> list[int | Exception]:
            await self.gate.wait()
            raise KeyError(*keys)

    loader = Failing()
    loader.gate.clear()
    early = loader.load(1)
    await ticks()
    loader.replace(1, 77)
    loader.gate.set()
    with pytest.raises(KeyError):
        await early
    assert await loader.load(1) == 77


@pytest.mark.parametrize("error", [KeyError("1"), asyncio.CancelledError()])
async def test_of_keys_loaded_one_by_one_none_goes_on_when_one_breaks(error: BaseException) -> None:
    loader, begun = Doubles(), list[int]()

    async def load(key: int) -> int:
        begun.append(key)
        if key == 1:
            raise error
        await asyncio.Event().wait()
        return key

    before = asyncio.all_tasks()
    with pytest.raises(type(error)):
        await loader.each([1, 2, 3], load)
    await eventually(lambda: asyncio.all_tasks() == before)
    assert begun == [1, 2, 3]
