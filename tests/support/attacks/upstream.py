"""The upstream behind an attacked gateway, in a process of its own: an honest one, which counts who asks it."""

from __future__ import annotations

import asyncio
import multiprocessing
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection

from support.upstream import FakeUpstream, Tenant

ATTACKER, BYSTANDER = Tenant(1, 250), Tenant(2)


class Upstream:
    """The running upstream; `url` is what the gateway is given."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self.url: str = pipe.recv()

    def calls(self) -> int:
        """How many calls came with the attacker's credential so far."""
        self._pipe.send(None)
        count: int = self._pipe.recv()[ATTACKER.token]
        return count


@contextmanager
def upstream() -> Iterator[Upstream]:
    """Runs it for the time of a block."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_run, args=(theirs,), daemon=True)
    process.start()
    theirs.close()  # so that a process that ends is noticed
    try:
        yield Upstream(ours)
    finally:
        process.terminate()
        process.join()


def _run(pipe: Connection) -> None:
    asyncio.run(_serve(pipe))


async def _serve(pipe: Connection) -> None:
    async with FakeUpstream([ATTACKER, BYSTANDER]) as fake:
        pipe.send(fake.url())
        while True:
            await asyncio.to_thread(pipe.recv)
            pipe.send(Counter(call.token for call in fake.ledger.calls))
