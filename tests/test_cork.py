"""The cork: what is held back is written in the next turn, in order, once."""

from __future__ import annotations

import asyncio
import time

from custgraph.cork import WINDOW, Cork


class Note:
    """Writes its name when it is uncorked, and then holds another back, if it has one."""

    def __init__(self, name: str, written: list[str], cork: Cork | None = None) -> None:
        self.name, self.written, self.cork = name, written, cork

    def uncork(self) -> None:
        self.written.append(self.name)
        if self.cork is not None:
            self.cork.hold(Note(f"after {self.name}", self.written), asyncio.get_running_loop())


async def test_all_that_one_turn_holds_back_is_written_together_in_the_next() -> None:
    loop, cork, written = asyncio.get_running_loop(), Cork(), list[str]()
    for name in ("a", "b"):
        cork.hold(Note(name, written), loop)
    loop.call_soon(written.append, "work")
    assert written == []
    await asyncio.sleep(0)
    assert written == ["a", "b", "work"]
    await asyncio.sleep(0)
    assert written == ["a", "b", "work"]


async def test_what_is_held_back_while_others_are_written_waits_for_the_turn_after() -> None:
    loop, cork, written = asyncio.get_running_loop(), Cork(), list[str]()
    cork.hold(Note("a", written, cork), loop)
    await asyncio.sleep(0)
    assert written == ["a"]
    await asyncio.sleep(0)
    assert written == ["a", "after a"]


def test_a_loop_that_ended_before_its_turn_does_not_cork_the_next_one_up() -> None:
    cork, written = Cork(), list[str]()
    ended = asyncio.new_event_loop()
    cork.hold(Note("a", written), ended)
    ended.close()

    async def hold() -> None:
        cork.hold(Note("b", written), asyncio.get_running_loop())
        await asyncio.sleep(0)

    asyncio.run(hold())
    assert written == ["a", "b"]


async def test_a_write_that_fails_costs_the_others_nothing() -> None:
    class Broken(Note):
        def uncork(self) -> None:
            raise RuntimeError("broken")

    loop, cork, written, told = asyncio.get_running_loop(), Cork(), list[str](), list[BaseException]()
    loop.set_exception_handler(lambda _loop, context: told.append(context["exception"]))
    for note in (Note("a", written), Broken("b", written), Note("c", written)):
        cork.hold(note, loop)
    await asyncio.sleep(0)
    assert written == ["a", "c"]
    assert [str(error) for error in told] == ["broken"]


def test_holding_back_pays_while_the_thread_computes_nearly_all_the_time() -> None:
    cork, now = Cork(), 1e6
    assert not cork.pays(now)  # it measures from here
    until = time.thread_time() + 2 * WINDOW
    while time.thread_time() < until:
        pass
    now += 2 * WINDOW
    assert cork.pays(now)
    assert cork.pays(now + WINDOW / 2)  # until it measures again
    assert not cork.pays(now + 20 * WINDOW)
    assert Cork(0).pays(now)
