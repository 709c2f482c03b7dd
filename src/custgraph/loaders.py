"""Loaders: what the fields of one request ask for by key, asked of the upstream together."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from typing import Any, Generic, TypeVar, cast

from aiodataloader import dispatch_queue_batch
from msgspec import UNSET

from custgraph.batches import Answer, Batches, Gathered
from custgraph.errors import CustgraphError, Forbidden, NotFound
from custgraph.rest import MAX_PER_PAGE, Customer, ListQuery, UpstreamSession

K = TypeVar("K")
V = TypeVar("V")

CONCURRENT_KEYS = 8
"""Keys that one loader asks for one by one, at once."""


class BatchLoader(Generic[K, V]):
    """A loader whose waiters may be cancelled without harm to others, and whose work ends with its request.

    It has what aiodataloader asks of a loader when it dispatches a batch: `batch_load_fn` and `clear`. aiodataloader's
    own `DataLoader` has one future for all who wait for a key, and loads no batch in the task of who asks.

    Args:
        batches: those of the request's other loaders.
        loop: the request's.
    """

    def __init__(self, batches: Batches, loop: asyncio.AbstractEventLoop) -> None:
        self._answers: dict[K, Answer] = {}
        self._batches = batches
        self._loop = loop
        self._queue: list[Answer] = []
        self._tasks: list[tuple[asyncio.Task[None], list[Answer]]] = []
        self._gate: asyncio.Semaphore | None = None

    @abstractmethod
    async def batch_load_fn(self, keys: list[K]) -> list[V | Exception]:
        """Loads up to 200 keys: gives each one's value, or why it could not be had."""

    def ask(self, key: K) -> Answer:
        """Asks for a key, unless somebody has; gives what becomes of it."""
        answer = self._answers.get(key)
        if answer is None:
            answer = self._answers[key] = Answer(key)
            queue = self._queue
            if queue and len(queue) < MAX_PER_PAGE:
                queue.append(answer)
            else:
                self._queue = queue = [answer]
                self._batches.add(self, queue)
        return answer

    def ask_all(self, keys: Iterable[K]) -> Answer:
        """Does the same for many keys: gives each one's value, or its error in the value's place."""
        return Gathered([self.ask(key) for key in keys])

    def load_alone(self, key: K) -> Awaitable[V]:
        """Gives a key's value when asked, for a caller who knows that nobody has asked or asks for another one now."""
        return self.ask(key) if self._answers else self.load_one(key)

    def load_all_alone(self, keys: list[K]) -> Awaitable[list[V | Exception]]:
        """Does the same for many keys: each one's value, or its error in the value's place."""
        different = list(dict.fromkeys(keys))
        if self._answers or len(different) > MAX_PER_PAGE:
            return self.ask_all(keys)
        return self._load_all_alone(keys, different)

    async def load_one(self, key: K) -> V:
        """Loads one key's value."""
        (outcome,) = await self.batch_load_fn([key])
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def _load_all_alone(self, keys: list[K], different: list[K]) -> list[V | Exception]:
        outcomes = await self.batch_load_fn(different)
        if len(different) == len(keys):
            return outcomes
        found = dict(zip(different, outcomes, strict=True))
        return [found[key] for key in keys]

    def replace(self, key: K, value: V) -> None:
        """Takes a value that is newer than what may be known."""
        answer = self._answers[key] = Answer(key)
        answer.set_result(value)

    def clear(self, key: K) -> None:
        """Forgets a key whose batch has failed, but no newer value of it; aiodataloader calls this."""
        answer = self._answers.get(key)
        if answer is not None and not answer.done():
            del self._answers[key]

    def clear_all(self) -> None:
        """Forgets all keys; who waits for one gets what was asked for."""
        self._answers = {}

    def close(self) -> None:
        """Ends what still runs, and cancels whoever still waits."""
        for task, batch in self._tasks:
            task.cancel()
            for answer in batch:
                answer.cancel()
        for answer in self._queue:
            answer.cancel()
        self._tasks = []
        self._queue = []
        self._answers = {}

    def begin(self, batch: list[Answer]) -> None:
        """Loads a batch in a task of its own, once the tasks that are ready now have added their keys."""
        self._tasks.append((self._loop.create_task(self._run_later(batch)), batch))

    async def run(self, batch: list[Answer]) -> None:
        """Loads a batch now, in the caller's task."""
        if self._queue is batch:
            self._queue = []
        try:
            await dispatch_queue_batch(cast("Any", self), cast("Any", batch))
        except asyncio.CancelledError:
            for answer in batch:
                self.clear(cast("K", answer.key))  # who asks again is not told of this
                answer.cancel()
            raise

    async def each(self, keys: list[K], load: Callable[[K], Awaitable[V]]) -> list[V | Exception]:
        """Loads every key by itself, a few at once: gives each one's value or error, in the keys' order.

        When nobody waits any more, or one raises what is no `CustgraphError`, the others end, too.
        """
        if self._gate is None:
            self._gate = asyncio.Semaphore(CONCURRENT_KEYS)
        gate = self._gate

        async def one(key: K) -> V | Exception:
            async with gate:
                return await outcome(load, key)

        tasks = [self._loop.create_task(one(key)) for key in keys]
        try:
            return await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()

    async def _run_later(self, batch: list[Answer]) -> None:
        await asyncio.sleep(0)
        await self.run(batch)


class CustomerByIdLoader(BatchLoader[int, Customer | None]):
    """Customers by id, None where there is none: one list call for up to 200 ids.

    The list hides customers that a call for one shows: those it lacks are asked for one by one. So is every customer
    where the upstream does not search, and each that lists without the balance that is wanted.
    """

    def __init__(self, session: UpstreamSession, batches: Batches, *, balance: bool) -> None:
        super().__init__(batches, session.loop)
        self._session = session
        self._balance = balance

    async def batch_load_fn(self, keys: list[int]) -> list[Customer | Exception | None]:
        """Loads up to 200 customers."""
        if len(keys) == 1:
            return [await outcome(self.load_one, keys[0])]
        found: dict[int, Customer | Exception | None] = {**(await self._list(keys))}
        if len(found) < len(keys):
            missing = [key for key in keys if key not in found]
            found.update(zip(missing, await self.each(missing, self.load_one), strict=True))
        return [found[key] for key in keys]

    async def _list(self, keys: list[int]) -> dict[int, Customer]:
        found = await self._session.list_by_ids(keys, balance=self._balance) or {}
        if self._balance:
            return {key: customer for key, customer in found.items() if customer.balance is not UNSET}
        return found

    async def load_one(self, key: int) -> Customer | None:
        """Asks for one customer."""
        try:
            return await self._session.show_customer(key)
        except NotFound:
            return None


class EnterpriseNameByIdLoader(BatchLoader[int, str | None]):
    """Names of enterprises by id, None where the caller can see no customer of one.

    The API has no call for an enterprise: a customer's answer tells the name of the enterprise that it belongs to.
    """

    def __init__(self, session: UpstreamSession, batches: Batches) -> None:
        super().__init__(batches, session.loop)
        self._session = session
        self._customer_ids: dict[int, int] = {}

    def ask_through(self, enterprise_id: int, customer_id: int | None) -> Answer:
        """Asks for a name; a known customer of the enterprise saves the call that would look for one."""
        if customer_id is not None:
            self._customer_ids.setdefault(enterprise_id, customer_id)
        return self.ask(enterprise_id)

    async def batch_load_fn(self, keys: list[int]) -> list[str | Exception | None]:
        """Loads up to 200 names, each with a call of its own, or with one more that looks for a customer."""
        return await self.each(keys, self._name)

    async def _name(self, enterprise_id: int) -> str | None:
        customer_id = self._customer_ids.get(enterprise_id)
        if customer_id is not None:
            with suppress(NotFound, Forbidden):
                return await self._name_by(customer_id, enterprise_id)
        page = await self._session.list_customers(ListQuery(enterprise_id=enterprise_id, per_page=1))
        with suppress(NotFound, Forbidden):
            return await self._name_by(page.rows[0].id, enterprise_id) if page.rows else None
        return None

    async def _name_by(self, customer_id: int, enterprise_id: int) -> str | None:
        """Reads a name off a customer's answer; None where the upstream includes no enterprises.

        Raises:
            NotFound: the customer is gone, or another enterprise's by now.
            Forbidden: it is not this caller's to see any more.
        """
        enterprise = await self._session.show_enterprise(customer_id)
        if enterprise is not None and enterprise.id != enterprise_id:
            raise NotFound
        return None if enterprise is None else enterprise.name


async def outcome(load: Callable[[K], Awaitable[V]], key: K) -> V | Exception:
    """Loads a key: gives its value, or its error as a value."""
    try:
        return await load(key)
    except CustgraphError as error:
        return error
