"""Names of enterprises: read off a customer, since the API has no call for an enterprise."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from custgraph.errors import UpstreamError
from support.documents import many, one, resource
from support.scripted import CRASH, NOT_ALLOWED, NOT_FOUND, Call, Reply, Scripted, scripted


def shown(customer_id: int, enterprise_id: int, *, included: bool = True) -> Reply:
    document: dict[str, Any] = one(customer_id, enterprise_id=enterprise_id, balance=0)
    if included:
        name = {"id": enterprise_id, "name": f"Farm {enterprise_id}"}
        document["included"] = [{"id": str(enterprise_id), "type": "enterprise", "attributes": name}]
    return 200, document


def honest(call: Call) -> Reply:
    """Customer 10·n + 1 is enterprise n's."""
    if call.id is not None:
        return shown(call.id, call.id // 10)
    enterprise_id = int(call.get("enterprise_id"))
    return 200, many(resource(10 * enterprise_id + 1, enterprise_id=enterprise_id))


async def names(fake: Scripted, *references: tuple[int, int | None]) -> list[str | None]:
    loader = fake.context().enterprise_names
    return await asyncio.gather(*(loader.ask_through(*reference) for reference in references))


async def test_a_known_customer_of_each_saves_the_look_for_one() -> None:
    async with scripted(honest) as fake:
        rows = [(2, 21), (3, 31), (2, 22), (2, 23), (3, 32)]
        assert await names(fake, *rows) == ["Farm 2", "Farm 3", "Farm 2", "Farm 2", "Farm 3"]
        assert sorted(call.target for call in fake.calls) == ["/21?include=enterprise", "/31?include=enterprise"]


async def test_without_one_a_list_of_one_row_finds_it() -> None:
    async with scripted(honest) as fake:
        assert await names(fake, (2, None)) == ["Farm 2"]
        assert [call.target for call in fake.calls] == [
            "?enterprise_id=2&page=1&per_page=1",
            "/21?include=enterprise",
        ]


@pytest.mark.parametrize("gone", [NOT_FOUND, NOT_ALLOWED, shown(29, 7)], ids=["deleted", "hidden", "moved"])
async def test_a_customer_that_is_no_longer_its_own_is_no_source(gone: Reply) -> None:
    async with scripted(lambda call: gone if call.id == 29 else honest(call)) as fake:
        assert await names(fake, (2, 29)) == ["Farm 2"]
        assert [call.id for call in fake.calls] == [29, None, 21]


async def test_there_is_none_where_no_customer_is_visible() -> None:
    async with scripted(lambda _call: (200, many())) as fake:
        assert await names(fake, (2, None)) == [None]
        assert len(fake.calls) == 1


async def test_there_is_none_where_customers_are_gone_as_soon_as_listed() -> None:
    async with scripted(lambda call: NOT_FOUND if call.id else honest(call)) as fake:
        assert await names(fake, (2, 21)) == [None]
        assert len(fake.calls) == 2


async def test_an_upstream_that_includes_none_is_not_asked_twice() -> None:
    async with scripted(lambda call: shown(call.id or 0, 2, included=False)) as fake:
        assert await names(fake, (2, 21)) == [None]
        assert len(fake.calls) == 1


async def test_a_failure_is_its_enterprises_alone() -> None:
    async with scripted(lambda call: CRASH if call.id == 31 else honest(call)) as fake:
        loader = fake.context().enterprise_names
        good, bad = await asyncio.gather(loader.ask_through(2, 21), loader.ask_through(3, 31), return_exceptions=True)
        assert (good, type(bad)) == ("Farm 2", UpstreamError)
