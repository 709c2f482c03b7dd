"""The alarm: it rings at its time or before, once for each time, and never when stopped."""

from __future__ import annotations

import asyncio

from custgraph.alarm import Alarm
from support.clock import jumping


@jumping
async def test_it_rings_at_the_earliest_time_that_was_set_and_once() -> None:
    loop, rung = asyncio.get_running_loop(), list[float]()
    alarm, start = Alarm(loop, lambda: rung.append(loop.time())), loop.time()
    for seconds in (5, 9, 3, 4):
        alarm.set(start + seconds)
    await asyncio.sleep(20)
    assert rung == [start + 3]
    alarm.set(start + 30)
    await asyncio.sleep(20)
    assert rung == [start + 3, start + 30]


@jumping
async def test_it_may_be_set_anew_while_it_rings() -> None:
    loop, rung = asyncio.get_running_loop(), list[float]()

    def ring() -> None:
        rung.append(loop.time() - start)
        if len(rung) < 3:
            alarm.set(loop.time() + 1)

    alarm, start = Alarm(loop, ring), loop.time()
    alarm.set(start + 1)
    await asyncio.sleep(10)
    assert rung == [1, 2, 3]


@jumping
async def test_stopped_it_is_silent() -> None:
    loop, rung = asyncio.get_running_loop(), list[float]()
    alarm = Alarm(loop, lambda: rung.append(loop.time()))
    alarm.set(loop.time() + 1)
    alarm.stop()
    alarm.set(loop.time() + 2)
    await asyncio.sleep(5)
    assert rung == []
