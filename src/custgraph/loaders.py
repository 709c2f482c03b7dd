"""Loaders: what the fields of one request ask for by key, asked of the upstream together."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TypeVar

from aiodataloader import DataLoader

from custgraph.errors import CustgraphError, Forbidden, NotFound
from custgraph.rest import Customer, ListQuery, UpstreamSession

K = TypeVar("K")
V = TypeVar("V")

MAX_BATCH = 200  # the largest page that the upstream gives
CONCURRENT_SHOWS = 8  # single calls of one batch under way at once


class ShieldedLoader(DataLoader[K, V]):
    """A loader whose futures survive the cancellation of one waiter, and whose work ends with its request.

    graphql-core cancels sibling fields when a non-null error bubbles; a bare loader would hand that cancellation
    to every other field that waits for the same key.
    """

    def __init__(self, load_batch: Callable[[list[K]], Awaitable[Sequence[V | Exception]]]) -> None:
        super().__init__(max_batch_size=MAX_BATCH)
        self._load_batch = load_batch
        self._running: set[asyncio.Task[object]] = set()

    async def batch_load_fn(self, keys: list[K]) -> Sequence[V | Exception]:  # type: ignore[override]  # the base says Any
        """Loads one batch; remembers its task so that `close` can end it."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a batch always runs in a task
        self._running.add(task)
        try:
            return await self._load_batch(keys)
        finally:
            self._running.discard(task)

    def load(self, key: K) -> asyncio.Future[V]:
        """Gives a future of the key's value that its waiter may cancel without harm to others."""
        return asyncio.shield(super().load(key))

    def replace(self, key: K, value: V) -> None:
        """Takes a value that is newer than what may be cached."""
        self.clear(key).prime(key, value)

    def close(self) -> None:
        """Ends what still runs: nobody waits for it any more."""
        for task in self._running:
            task.cancel()


class CustomerByIdLoader(ShieldedLoader[int, Customer | None]):
    """Customers by id: one list call for up to 200 ids; what the list does not give is asked for one by one.

    The list hides customers that a single call shows, and an upstream that does not search gives rows that nobody
    asked for: then every id is asked for by itself.
    """

    def __init__(self, session: UpstreamSession, *, balance: bool) -> None:
        async def load_batch(ids: list[int]) -> list[Customer | Exception | None]:
            return await load_customers(session, ids, balance=balance)

        super().__init__(load_batch)


class EnterpriseNameByIdLoader(ShieldedLoader[int, str | None]):
    """Names of enterprises. The API has no enterprise call: a customer's answer tells its enterprise's name."""

    def __init__(self, session: UpstreamSession) -> None:
        self._known_customers: dict[int, int] = {}

        async def load_batch(ids: list[int]) -> list[str | Exception | None]:
            return await each(ids, lambda id_: load_enterprise_name(session, id_, self._known_customers.get(id_)))

        super().__init__(load_batch)

    def load_through(self, enterprise_id: int, customer_id: int | None) -> asyncio.Future[str | None]:
        """Loads a name; a known customer of the enterprise saves the call that would look for one."""
        if customer_id is not None:
            self._known_customers.setdefault(enterprise_id, customer_id)
        return self.load(enterprise_id)


async def load_customers(
    session: UpstreamSession, ids: Sequence[int], *, balance: bool
) -> list[Customer | Exception | None]:
    """Loads up to 200 customers: for each id its record, None where there is none, or why it could not be had."""
    if len(ids) == 1:
        return await each(ids, lambda id_: show(session, id_))
    found = await session.list_by_ids(ids, balance=balance) or {}
    missing = [id_ for id_ in ids if id_ not in found]
    shown = dict(zip(missing, await each(missing, lambda id_: show(session, id_)), strict=True)) if missing else {}
    return [found.get(id_) or shown[id_] for id_ in ids]


async def show(session: UpstreamSession, customer_id: int) -> Customer | None:
    """Asks for one customer; None where there is none."""
    try:
        return await session.show_customer(customer_id)
    except NotFound:
        return None


async def load_enterprise_name(session: UpstreamSession, enterprise_id: int, customer_id: int | None) -> str | None:
    """Finds an enterprise's name through one of its customers; None when the caller can see none of them."""
    if customer_id is not None:
        name = await _name_through(session, enterprise_id, customer_id)
        if name is not None:
            return name
    page = await session.list_customers(ListQuery(enterprise_id=enterprise_id, per_page=1))
    if not page.rows or page.rows[0].id == customer_id:
        return None
    return await _name_through(session, enterprise_id, page.rows[0].id)


async def _name_through(session: UpstreamSession, enterprise_id: int, customer_id: int) -> str | None:
    """Reads the name off one customer; None when that customer is gone or has moved to another enterprise."""
    try:
        enterprise = await session.show_enterprise(customer_id)
    except (NotFound, Forbidden):
        return None
    return enterprise.name if enterprise is not None and enterprise.id == enterprise_id else None


async def each(keys: Iterable[int], load: Callable[[int], Awaitable[V]]) -> list[V | Exception]:
    """Loads every key by itself, a few at a time, and gives each one's value or error in the keys' order."""
    gate = asyncio.Semaphore(CONCURRENT_SHOWS)

    async def one(key: int) -> V | Exception:
        async with gate:
            try:
                return await load(key)
            except CustgraphError as error:
                return error

    keys = list(keys)
    return [await one(keys[0])] if len(keys) == 1 else list(await asyncio.gather(*map(one, keys)))
