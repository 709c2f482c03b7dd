"""Loaders: what the fields of one request ask for by key, asked of the upstream together."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from typing import Any, Generic, Self, TypeVar

from aiodataloader import DataLoader, dispatch_queue_batch
from msgspec import UNSET

from custgraph.errors import CustgraphError, Forbidden, NotFound
from custgraph.rest import MAX_PER_PAGE, Customer, ListQuery, UpstreamSession

K = TypeVar("K")
V = TypeVar("V")

CONCURRENT_KEYS = 8
"""Keys that one loader asks for one by one, at once."""


class Answer(Generic[V]):
    """What becomes of one key. It stands in aiodataloader's queue, its own future, for the futures of all who wait.

    Everyone has a future of their own: graphql-core cancels sibling fields when a non-null error bubbles, and with one
    future for all, that would cancel every field that waits for the key.
    """

    __slots__ = ("_error", "_value", "_waiters", "key")

    def __init__(self, key: object) -> None:
        self._waiters: list[asyncio.Future[V] | Gathering[V]] | None = []
        self._value: V | None = None
        self._error: Exception | None = None
        self.key = key

    @property
    def future(self) -> Self:
        """Itself."""
        return self

    @property
    def outcome(self) -> V | Exception:
        """The value, or the error in its place, once it is known."""
        return self._value if self._error is None else self._error  # type: ignore[return-value]  # known by now

    def done(self) -> bool:
        """Says whether it is known."""
        return self._waiters is None

    def set_result(self, value: V) -> None:
        """Makes the value known."""
        self._value = value
        self._settle()

    def set_exception(self, error: Exception) -> None:
        """Makes known why there is no value."""
        self._error = error
        self._settle()

    def tell(self, waiter: asyncio.Future[V] | Gathering[V]) -> None:
        """Settles who is not done waiting: now, or when the answer is known."""
        if self._waiters is not None:
            self._waiters.append(waiter)
        elif self._error is None:
            waiter.set_result(self._value)  # type: ignore[arg-type]  # known by now
        else:
            waiter.set_exception(self._error)
            waiter.exception()  # counts as retrieved, should nobody wait any more

    def cancel(self) -> None:
        """Cancels all who wait."""
        for waiter in self._waiters or ():
            waiter.cancel()

    def _settle(self) -> None:
        waiters, self._waiters = self._waiters, None
        for waiter in waiters or ():
            if not waiter.done():
                self.tell(waiter)


class Gathering(Generic[V]):
    """Waits for many answers with one future."""

    __slots__ = ("_answers", "_left", "future")

    def __init__(self, answers: list[Answer[V]], future: asyncio.Future[list[V | Exception]]) -> None:
        self._answers = answers
        self._left = len(answers)
        self.future = future
        for answer in answers:
            answer.tell(self)
        if not answers:
            future.set_result([])

    def done(self) -> bool:
        """Says whether nobody waits any more."""
        return self.future.done()

    def set_result(self, _value: V) -> None:
        """Counts one answer."""
        self._left -= 1
        if not self._left and not self.future.done():
            self.future.set_result([answer.outcome for answer in self._answers])

    def set_exception(self, _error: Exception) -> None:
        """Counts one answer that is an error."""
        self.set_result(None)  # type: ignore[arg-type]  # only counted

    def exception(self) -> None:
        """Has none of its own."""

    def cancel(self) -> None:
        """Cancels who waits."""
        self.future.cancel()


class BatchLoader(DataLoader[K, Any], Generic[K, V]):
    """A loader whose waiters may be cancelled without harm to others, and whose work ends with its request."""

    max_batch_size = MAX_PER_PAGE
    _queue: list[Any]  # of answers

    def __init__(self) -> None:
        self._answers: dict[K, Answer[V]] = {}
        self._batches: list[tuple[asyncio.Task[None], list[Answer[V]]]] = []
        # What the base's __init__ sets: that one looks into the source of `batch_load_fn` too, for every request anew.
        self.loop = asyncio.get_running_loop()
        self._cache = self._answers  # type: ignore[assignment]  # see Answer
        self._queue = []

    def get_cache_key(self, key: K) -> K:
        """Gives the key itself."""
        return key

    @abstractmethod
    async def batch_load_fn(self, keys: list[K]) -> list[V | Exception]:
        """Loads up to 200 keys: gives each one's value, or why it could not be had."""

    def load(self, key: K) -> asyncio.Future[V]:
        """Gives a future of the key's value, for one waiter."""
        waiter: asyncio.Future[V] = self.loop.create_future()
        self._answer(key).tell(waiter)
        return waiter

    def load_all(self, keys: Iterable[K]) -> asyncio.Future[list[V | Exception]]:
        """Gives a future of every key's value, or of its error in the value's place, for one waiter."""
        return Gathering([self._answer(key) for key in keys], self.loop.create_future()).future

    def load_alone(self, key: K) -> Awaitable[V]:
        """Gives a key's value when asked, for a caller who knows that nobody has asked or asks for another one now."""
        return self.load(key) if self._answers else self._load_alone(key)

    def load_all_alone(self, keys: list[K]) -> Awaitable[list[V | Exception]]:
        """Does the same for many keys: each one's value, or its error in the value's place."""
        different = list(dict.fromkeys(keys))
        if self._answers or len(different) > self.max_batch_size:
            return self.load_all(keys)
        return self._load_all_alone(keys, different)

    async def _load_alone(self, key: K) -> V:
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

    def _answer(self, key: K) -> Answer[V]:
        """Finds what becomes of a key; asks for it where nobody has yet."""
        answer = self._answers.get(key)
        if answer is None:
            answer = self._answers[key] = Answer(key)
            queue = self._queue
            if not queue or len(queue) == self.max_batch_size:
                queue = self._queue = []
                self._batches.append((self.loop.create_task(self._dispatch(queue)), queue))
            queue.append(answer)
        return answer

    def prime(self, key: K, value: V) -> Self:
        """Takes a value, unless the key is known or asked for already."""
        answer: Answer[V] = Answer(key)
        answer.set_result(value)
        self._answers.setdefault(key, answer)
        return self

    def replace(self, key: K, value: V) -> None:
        """Takes a value that is newer than what may be known."""
        self.clear(key).prime(key, value)

    def close(self) -> None:
        """Ends what still runs, and cancels whoever still waits."""
        for task, batch in self._batches:
            task.cancel()
            for answer in batch:
                answer.cancel()
        self._batches.clear()
        self._queue = []
        self.clear_all()

    async def _dispatch(self, batch: list[Any]) -> None:
        """Loads one batch, once the tasks that were ready with its first key have added theirs."""
        await asyncio.sleep(0)
        if self._queue is batch:
            self._queue = []
        await dispatch_queue_batch(self, batch)


class CustomerByIdLoader(BatchLoader[int, Customer | None]):
    """Customers by id, None where there is none: one list call for up to 200 ids.

    The list hides customers that a call for one shows: those it lacks are asked for one by one. So is every customer
    where the upstream does not search, and each that lists without the balance that is wanted.
    """

    def __init__(self, session: UpstreamSession, *, balance: bool) -> None:
        super().__init__()
        self._session = session
        self._balance = balance
        self._gate = asyncio.Semaphore(CONCURRENT_KEYS)

    async def batch_load_fn(self, keys: list[int]) -> list[Customer | Exception | None]:
        """Loads up to 200 customers."""
        if len(keys) == 1:
            return [await outcome(self._show, keys[0])]
        found: dict[int, Customer | Exception | None] = {**(await self._list(keys))}
        if len(found) < len(keys):
            missing = [key for key in keys if key not in found]
            found.update(zip(missing, await each(missing, self._show, self._gate), strict=True))
        return [found[key] for key in keys]

    async def _list(self, keys: list[int]) -> dict[int, Customer]:
        found = await self._session.list_by_ids(keys, balance=self._balance) or {}
        if self._balance:
            return {key: customer for key, customer in found.items() if customer.balance is not UNSET}
        return found

    async def _show(self, key: int) -> Customer | None:
        try:
            return await self._session.show_customer(key)
        except NotFound:
            return None


class EnterpriseNameByIdLoader(BatchLoader[int, str | None]):
    """Names of enterprises by id, None where the caller can see no customer of one.

    The API has no call for an enterprise: a customer's answer tells the name of the enterprise that it belongs to.
    """

    def __init__(self, session: UpstreamSession) -> None:
        super().__init__()
        self._session = session
        self._customer_ids: dict[int, int] = {}
        self._gate = asyncio.Semaphore(CONCURRENT_KEYS)

    def load_through(self, enterprise_id: int, customer_id: int | None) -> asyncio.Future[str | None]:
        """Loads a name; a known customer of the enterprise saves the call that would look for one."""
        if customer_id is not None:
            self._customer_ids.setdefault(enterprise_id, customer_id)
        return self.load(enterprise_id)

    async def batch_load_fn(self, keys: list[int]) -> list[str | Exception | None]:
        """Loads up to 200 names, each with a call of its own, or with one more that looks for a customer."""
        return await each(keys, self._name, self._gate)

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


async def each(keys: Iterable[K], load: Callable[[K], Awaitable[V]], gate: asyncio.Semaphore) -> list[V | Exception]:
    """Loads every key by itself, as many at once as pass the gate: each one's value or error, in the keys' order."""

    async def one(key: K) -> V | Exception:
        async with gate:
            return await outcome(load, key)

    return await asyncio.gather(*map(one, keys))


async def outcome(load: Callable[[K], Awaitable[V]], key: K) -> V | Exception:
    """Loads a key: gives its value, or its error as a value."""
    try:
        return await load(key)
    except CustgraphError as error:
        return error
