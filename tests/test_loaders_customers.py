"""Customers by id: one list call for up to 200, and what becomes of those that it does not give."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest

from custgraph.batches import Batches
from custgraph.credentials import Caller
from custgraph.errors import Forbidden, Unauthenticated, UpstreamError
from custgraph.loaders import CONCURRENT_KEYS, CustomerByIdLoader
from support.documents import errors, many, one, resource
from support.scripted import CRASH, NOT_ALLOWED, NOT_FOUND, Call, Reply, Scripted, scripted


def found(call: Call, ids: Sequence[int]) -> Reply:
    """A list of these, with balances where they are asked for."""
    extra: dict[str, Any] = {"balance": 1.5} if call.get("extra_fields[customer]") == "balance" else {}
    return 200, many(*(resource(id_, **extra) for id_ in ids))


def honest(call: Call) -> Reply:
    """Has every customer, and lists them with the greatest id first: order must not matter."""
    if call.id is not None:
        return 200, one(call.id, balance=2.5)
    return found(call, sorted(call.ids, reverse=True))


def loader_of(fake: Scripted, *, balance: bool = False) -> CustomerByIdLoader:
    return fake.context().customers(balance=balance)


async def loaded(loader: CustomerByIdLoader, ids: Sequence[int]) -> list[Any]:
    """What comes of each: an id, None, or an error."""
    outcomes = await asyncio.gather(*map(loader.ask, ids), return_exceptions=True)
    return [getattr(outcome, "id", outcome) for outcome in outcomes]


async def test_one_id_is_shown() -> None:
    async with scripted(honest) as fake:
        assert await loaded(loader_of(fake), [7]) == [7]
        assert [call.id for call in fake.calls] == [7]


async def test_450_ids_are_three_lists_and_rows_are_matched_by_id() -> None:
    async with scripted(honest) as fake:
        ids = list(range(1, 451))
        assert await loaded(loader_of(fake), ids) == ids
        assert sorted(len(call.ids) for call in fake.calls) == [50, 200, 200]


async def test_an_id_that_the_list_lacks_is_asked_for_by_itself() -> None:
    def answer(call: Call) -> Reply:
        if call.id is None:
            return found(call, [id_ for id_ in call.ids if id_ < 10])
        return {10: NOT_FOUND, 11: NOT_ALLOWED, 12: CRASH}.get(call.id) or (200, one(call.id))

    async with scripted(answer) as fake:
        *known, gone, foreign, broken, hidden = await loaded(loader_of(fake), [1, 2, 10, 11, 12, 13])
        assert (known, gone, hidden) == ([1, 2], None, 13)
        assert (type(foreign), type(broken)) == (Forbidden, UpstreamError)
        assert sorted(call.id for call in fake.calls if call.id) == [10, 11, 12, 13]


async def test_few_are_asked_for_by_themselves_at_once() -> None:
    under_way, most, gate = set[int](), 0, asyncio.Event()

    async def answer(call: Call) -> Reply:
        nonlocal most
        if call.id is None:
            return found(call, [])
        under_way.add(call.id)
        most = max(most, len(under_way))
        if len(under_way) == CONCURRENT_KEYS:
            gate.set()
        await gate.wait()
        await asyncio.sleep(0)
        under_way.remove(call.id)
        return 200, one(call.id)

    async with scripted(answer) as fake:
        ids = list(range(1, 301))
        assert await loaded(loader_of(fake), ids) == ids
        assert most == CONCURRENT_KEYS


async def test_a_list_that_fails_fails_its_own_ids_alone() -> None:
    async with scripted(lambda call: CRASH if 201 in call.ids else honest(call)) as fake:
        outcomes = await loaded(loader_of(fake), range(1, 451))
        assert outcomes[:200] == list(range(1, 201))
        assert Counter(map(type, outcomes[200:400])) == {UpstreamError: 200}
        assert outcomes[400:] == list(range(401, 451))


async def test_an_upstream_that_does_not_search_is_asked_for_each_from_then_on() -> None:
    def answer(call: Call) -> Reply:
        return found(call, range(1, 201)) if call.id is None else honest(call)

    async with scripted(answer) as fake:
        assert await loaded(loader_of(fake), [5, 900, 6]) == [5, 900, 6]
        assert [call.id for call in fake.calls[1:]] == [5, 900, 6]
        fake.calls.clear()
        assert await loaded(loader_of(fake), [7, 8]) == [7, 8]
        assert [call.id for call in fake.calls] == [7, 8]


async def test_a_row_that_nobody_asked_for_is_dropped() -> None:
    """The upstream searches, as its probe shows, and echoes somebody else's customer all the same."""

    def answer(call: Call) -> Reply:
        if call.ids == [0]:
            return found(call, [])
        return found(call, [*call.ids, 666]) if call.id is None else NOT_FOUND

    async with scripted(answer) as fake:
        loader = loader_of(fake)
        assert await loaded(loader, [1, 2, 3]) == [1, 2, 3]
        assert await loaded(loader, [666]) == [None]


async def test_an_unknown_credential_is_told_for_every_id() -> None:
    refusal = 401, errors("Invalid API key (some-token) specified.")
    async with scripted(lambda _call: refusal) as fake:
        assert Counter(map(type, await loaded(loader_of(fake), [1, 2, 3]))) == {Unauthenticated: 3}
        assert len(fake.calls) == 1


async def test_no_credential_means_no_call() -> None:
    async with scripted(honest) as fake:
        loader = CustomerByIdLoader(fake.upstream.session(Caller(None, "test")), Batches(), balance=False)
        assert Counter(map(type, await loaded(loader, [1, 2]))) == {Unauthenticated: 2}
        assert fake.calls == []


class TestBalances:
    async def test_are_asked_for_only_when_they_are_wanted(self) -> None:
        async with scripted(honest) as fake:
            customers = await loader_of(fake).ask_all([1, 2])
            with_balances = await loader_of(fake, balance=True).ask_all([1, 2])
            assert [call.get("extra_fields[customer]") for call in fake.calls] == ["", "balance"]
            assert [str(customer.balance) for customer in customers if customer] == ["UNSET", "UNSET"]
            assert [customer.balance for customer in with_balances if customer] == [Decimal("1.5"), Decimal("1.5")]

    @pytest.mark.parametrize("refuses", [True, False])
    async def test_are_shown_one_by_one_where_lists_do_not_tell_them(self, *, refuses: bool) -> None:
        def answer(call: Call) -> Reply:
            if call.id is not None:
                return honest(call)
            if refuses and call.get("extra_fields[customer]"):
                return 422, errors("Unsupported fields: balance")
            return 200, many(*map(resource, call.ids))

        async with scripted(answer) as fake:
            for _ in range(2):
                fake.calls.clear()
                customers = await loader_of(fake, balance=True).ask_all([1, 2])
                assert [customer.balance for customer in customers if customer] == [Decimal("2.5"), Decimal("2.5")]
            assert [call.id for call in fake.calls] == [1, 2]  # the lists were not asked again

    async def test_refused_to_two_lists_at_once_fail_neither(self) -> None:
        def answer(call: Call) -> Reply:
            if call.get("extra_fields[customer]"):
                return 422, errors("Unsupported fields: balance")
            return honest(call)

        async with scripted(answer) as fake:
            ids = list(range(1, 251))
            assert await loaded(loader_of(fake, balance=True), ids) == ids
