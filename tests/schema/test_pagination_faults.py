"""Lists from upstreams that are odd, broken or hostile: few calls, and no row that cannot be vouched for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from custgraph.errors import QueryTooComplex, UpstreamBadResponse, UpstreamCannotSearch
from custgraph.schema.connections import Connection, ConnectionWants, lacking_rows, read_connection
from custgraph.schema.filters import CustomerFilter, CustomerStringFilter
from custgraph.schema.pagination import Cursor
from support.documents import many, resource
from support.lists import ids
from support.scripted import Call, Reply, Scripted, scripted

ALL = ConnectionWants(page=True, total=True)
FEW = 50


def rows(ids: Iterable[int], total: int | None = None) -> Reply:
    return 200, many(*map(resource, ids), total=total)


def page_of(call: Call, ids: list[int]) -> list[int]:
    """The page that is asked for; search conditions are ignored."""
    page, per_page = int(call.get("page", "1")), int(call.get("per_page"))
    return ids[(page - 1) * per_page : page * per_page]


async def read(fake: Scripted, **arguments: Any) -> Connection:
    return await read_connection(fake.context(), ALL, **arguments)


@pytest.mark.parametrize("backward", [True, False])
async def test_an_upstream_that_repeats_a_page_is_found_out(*, backward: bool) -> None:
    async with scripted(lambda _call: rows(range(1, 51), 1200)) as fake:
        place = (await read(fake, **{"last" if backward else "first": 50})).page_info
        arguments = {"last": 50, "before": place.start_cursor} if backward else {"first": 50, "after": place.end_cursor}
        with pytest.raises(UpstreamBadResponse):
            await read(fake, **arguments)
        assert len(fake.calls) < FEW


@pytest.mark.parametrize("searches", [True, False])
@pytest.mark.parametrize("backward", [True, False])
async def test_an_upstream_that_boasts_of_a_thousand_million_pages_is_read_to_its_real_end(
    *, searches: bool, backward: bool
) -> None:
    def answer(call: Call) -> Reply:
        there = list(range(1, 121))
        if searches:
            low, high = int(call.get("q[id_gt]", "0")), int(call.get("q[id_lt]", "1000"))
            there = [id_ for id_ in there if low < id_ < high and call.ids != [0]]
            there = there[::-1] if call.get("q[s]") else there
        return rows(page_of(call, there), 50 * 10**9)

    async with scripted(answer) as fake:
        found: list[int] = []
        cursor, goes_on = None, True
        while goes_on:
            arguments = {"last": 50, "before": cursor} if backward else {"first": 50, "after": cursor}
            page = (await read(fake, **arguments)).slice
            found += [row.id for row in (page.rows[::-1] if backward else page.rows)]
            goes_on = page.has_previous if backward else page.has_next
            cursor = page.cursor(0 if backward else -1) if page.rows else None
            assert len(fake.calls) < FEW
            fake.calls.clear()
        assert found == (list(range(120, 0, -1)) if backward else list(range(1, 121)))


async def test_a_list_without_an_end_is_read_a_window_at_a_time() -> None:
    def answer(call: Call) -> Reply:
        start = (int(call.get("page")) - 1) * int(call.get("per_page"))
        return rows(range(start + 1, start + 1 + int(call.get("per_page"))), 10**9)

    async with scripted(answer) as fake:
        fake.upstream.searches = False
        assert ids(await read(fake, first=3, after=Cursor(500, 499).encode())) == [501, 502, 503]
        assert len(fake.calls) == 1


@pytest.mark.parametrize("searches", [None, False])
async def test_rows_in_no_order_are_no_page(searches: bool | None) -> None:
    async with scripted(lambda _call: rows([3, 1, 2])) as fake:
        fake.upstream.searches = searches
        with pytest.raises(UpstreamBadResponse):
            await read(fake)


@pytest.mark.parametrize("searches", [None, False])
async def test_a_list_that_does_not_say_how_long_it_is_is_no_list(searches: bool | None) -> None:
    async with scripted(lambda _call: (200, {"data": [resource(1)]})) as fake:
        fake.upstream.searches = searches
        with pytest.raises(UpstreamBadResponse):
            await read(fake)


@pytest.mark.parametrize("searches", [None, False])
async def test_bad_rows_are_left_out_and_told_of(searches: bool | None) -> None:
    async with scripted(lambda _call: (200, many(resource(1), resource(2, email=7), resource(3)))) as fake:
        fake.upstream.searches = searches
        page = await read(fake)
        remark = lacking_rows(page)
        assert (ids(page), page.total_count, page.slice.has_next) == ([1, 3], 3, False)
        assert remark is not None
        assert "1 row(s)" in remark.message


@pytest.mark.parametrize("searches", [None, False])
async def test_a_page_of_bad_rows_alone_fails_for_it_has_no_cursor_to_go_on_from(searches: bool | None) -> None:
    async with scripted(lambda _call: (200, many(resource(1, email=7), total=9))) as fake:
        fake.upstream.searches = searches
        with pytest.raises(UpstreamBadResponse):
            await read(fake, first=1)


async def test_another_enterprises_rows_are_left_out() -> None:
    async with scripted(lambda _call: (200, many(resource(1), resource(2, enterprise_id=9)))) as fake:
        page = await read(fake, enterprise_id=2)
        assert (ids(page), page.slice.bad_rows) == ([1], 1)


@pytest.mark.parametrize(
    "arguments",
    [
        {"search": "ann"},
        {"filter": CustomerFilter(ids=["1", "2", "3"])},  # type: ignore[list-item]  # an ID is a str
        {"filter": CustomerFilter(email=CustomerStringFilter(ends_with="example.com"))},
    ],
    ids=["search", "ids", "email"],
)
@pytest.mark.parametrize("wants", [ALL, ConnectionWants(page=False, total=True)], ids=["page", "total"])
async def test_a_filter_that_is_ignored_gives_an_error_and_no_row(
    arguments: dict[str, Any], wants: ConnectionWants
) -> None:
    """Even where all rows of the first page happen to pass it."""
    async with scripted(lambda call: rows(page_of(call, list(range(1, 6))), 5)) as fake:
        for _ in range(2):
            with pytest.raises(UpstreamCannotSearch):
                await read_connection(fake.context(), wants, first=3, **arguments)
        assert [call.ids for call in fake.calls] == [[0]]  # it was tried once


@pytest.mark.parametrize(
    "arguments", [{"last": 3}, {"last": 1}, {"before": Cursor(5).encode()}, {"after": Cursor(5).encode()}], ids=str
)
async def test_what_rows_can_prove_takes_no_probe(arguments: dict[str, Any]) -> None:
    def answer(call: Call) -> Reply:
        low, high = int(call.get("q[id_gt]", "0")), int(call.get("q[id_lt]", "1000"))
        there = [id_ for id_ in range(1, 10) if low < id_ < high and call.ids != [0]]
        return rows((there[::-1] if call.get("q[s]") else there)[: int(call.get("per_page"))], len(there))

    async with scripted(answer) as fake:
        await read_connection(fake.context(), ConnectionWants(), **arguments)
        probes = 1 if arguments == {"last": 1} else 0  # one row is in any order
        assert len(fake.calls) == 1 + probes


async def test_an_operation_reads_100_pages_by_number_at_most() -> None:
    async with scripted(lambda call: rows(page_of(call, list(range(1, 1001))), 1000)) as fake:
        fake.upstream.searches = False
        context = fake.context()
        cursors = [Cursor(offset + 1, offset).encode() for offset in range(101)]
        for cursor in cursors[:100]:
            await read_connection(context, ALL, first=1, after=cursor)
        with pytest.raises(QueryTooComplex) as refused:
            await read_connection(context, ALL, first=1, after=cursors[100])
        assert (len(fake.calls), refused.value.extensions) == (100, {"limit": 100})
