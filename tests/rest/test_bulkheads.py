"""Slots for upstream calls: limits, turns, patience, and nothing lost when somebody leaves."""

from __future__ import annotations

import asyncio
import random

import pytest

from custgraph.errors import Overloaded
from custgraph.rest.lanes import Bulkheads, Lane
from support.clock import jumping, now
from support.fakewire import FakeWire


def lane(name: str = "one") -> Lane:
    return Lane(f"key-of-{name}", FakeWire().channel(name))


def filled(limit: int, *lanes: Lane, queue: int = 128, lane_limit: int = 16) -> Bulkheads:
    """Bulkheads whose slots these lanes hold."""
    bulkheads = Bulkheads(limit, lane_limit, queue, 1.0)
    for holder in lanes:
        assert bulkheads.take(holder)
    return bulkheads


async def wait(bulkheads: Bulkheads, lane: Lane, got: list[Lane] | None = None, patience: float = 99.0) -> None:
    await bulkheads.wait(lane, now() + patience)
    if got is not None:
        got.append(lane)


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def test_a_lane_takes_no_more_than_its_share() -> None:
    bulkheads, one, two = Bulkheads(64, 16, 128, 1.0), lane(), lane("two")
    assert [bulkheads.take(one) for _ in range(17)] == [True] * 16 + [False]
    assert bulkheads.take(two)


def test_all_lanes_take_no_more_than_there_are() -> None:
    bulkheads = Bulkheads(64, 16, 128, 1.0)
    taken = sum(bulkheads.take(one) for one in [lane(str(n)) for n in range(5)] for _ in range(16))
    assert (taken, bulkheads.active) == (64, 64)


@jumping
async def test_a_slot_given_back_goes_to_the_one_who_waits() -> None:
    one = lane()
    bulkheads = filled(1, one)
    waiting = asyncio.create_task(wait(bulkheads, one))
    await settle()
    bulkheads.release(one)
    assert (bulkheads.active, bulkheads.take(one)) == (1, False)  # it was not up for grabs
    await waiting


@jumping
async def test_patience_ends_after_its_time_or_at_the_deadline() -> None:
    one = lane()
    bulkheads = filled(1, one)
    for patience, end in ((99.0, 1.0), (0.25, 0.25)):
        started = now()
        with pytest.raises(Overloaded) as overloaded:
            await wait(bulkheads, one, patience=patience)
        assert now() - started == pytest.approx(end)
        assert overloaded.value.extensions == {"retryAfter": 1}
    assert (bulkheads.waiting, len(one.waiters), bulkheads._waiting) == (0, 0, {})


@jumping
async def test_lanes_take_turns() -> None:
    one, two, three, holder = lane("1"), lane("2"), lane("3"), lane("holder")
    bulkheads = filled(1, holder)
    got: list[Lane] = []
    tasks = [asyncio.create_task(wait(bulkheads, who, got)) for who in (one, one, one, two, two, three)]
    await settle()
    bulkheads.release(holder)
    for count in range(1, 7):
        await settle()
        assert len(got) == count
        bulkheads.release(got[-1])
    assert got == [one, two, three, one, two, one]
    await asyncio.gather(*tasks)


@jumping
async def test_a_full_queue_sheds_the_newest_of_the_lane_with_most_in_it() -> None:
    busy, other, holder = lane("busy"), lane("other"), lane("holder")
    bulkheads = filled(1, holder, queue=4)
    crowd = [asyncio.create_task(wait(bulkheads, busy)) for _ in range(4)]
    await settle()
    with pytest.raises(Overloaded):
        await wait(bulkheads, busy)
    late = asyncio.create_task(wait(bulkheads, other))
    await settle()
    assert [task.done() for task in (*crowd, late)] == [False, False, False, True, False]
    for task in (*crowd, late):
        task.cancel()
    outcomes = await asyncio.gather(*crowd, late, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes].count(Overloaded) == 1
    assert bulkheads.waiting == 0


@jumping
async def test_one_who_leaves_as_a_slot_comes_free_does_not_keep_it_from_the_next() -> None:
    one = lane()
    bulkheads = filled(1, one)
    got: list[Lane] = []
    leaves, stays = (asyncio.create_task(wait(bulkheads, one, got)) for _ in range(2))
    await settle()
    leaves.cancel()
    bulkheads.release(one)  # before the one who leaves could learn of it
    await asyncio.gather(leaves, stays, return_exceptions=True)
    assert (got, bulkheads.active, bulkheads.waiting) == ([one], 1, 0)


@jumping
async def test_one_who_leaves_just_after_a_slot_was_given_gives_it_back() -> None:
    one = lane()
    bulkheads = filled(1, one)
    leaves = asyncio.create_task(wait(bulkheads, one))
    await settle()
    bulkheads.release(one)
    leaves.cancel()
    await asyncio.gather(leaves, return_exceptions=True)
    assert (leaves.cancelled(), bulkheads.active, one.active) == (True, 0, 0)


@pytest.mark.parametrize("seed", range(5))
def test_whatever_happens_no_slot_is_lost_and_no_limit_passed(seed: int) -> None:
    @jumping
    async def main() -> None:
        dice = random.Random(seed)  # noqa: S311 - repeatable
        lanes = [lane(str(number)) for number in range(6)]
        bulkheads = Bulkheads(8, 3, 20, 1.0)

        async def one_call(who: Lane) -> None:
            await asyncio.sleep(dice.random() * 5)
            if not bulkheads.take(who):
                await bulkheads.wait(who, now() + dice.random() * 2)
            assert bulkheads.active <= 8
            assert who.active <= 3
            try:
                await asyncio.sleep(dice.choice([0.0, 0.01, 0.3]))
            finally:
                bulkheads.release(who)

        calls = [asyncio.create_task(one_call(dice.choice(lanes))) for _ in range(400)]
        for call in calls:
            if dice.random() < 0.3:
                asyncio.get_running_loop().call_at(now() + dice.random() * 6, call.cancel)
        outcomes = await asyncio.gather(*calls, return_exceptions=True)
        assert {type(outcome) for outcome in outcomes} <= {type(None), Overloaded, asyncio.CancelledError}
        assert (bulkheads.active, bulkheads.waiting, bulkheads._waiting) == (0, 0, {})
        assert all(who.active == 0 and not who.waiters for who in lanes)

    main()
