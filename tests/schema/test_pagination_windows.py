"""One window of a list that keeps still: rows, flags, cursors and totals are those of the Relay specification."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from custgraph.schema.connections import ConnectionWants
from custgraph.schema.pagination import Cursor
from support.lists import People, Person, ids, people

ALL = ConnectionWants(page=True, total=True)
QUICK = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(params=[{}, {"documented_only": True}, {"documented_only": True, "max_rows": 3}], ids=str)
async def behaviour(request: pytest.FixtureRequest) -> dict[str, Any]:
    return dict(request.param)


@pytest.fixture
async def everybody(behaviour: dict[str, Any]) -> AsyncIterator[People]:
    async with people(**behaviour) as everybody:
        yield everybody


PERSON = st.builds(Person, st.integers(1, 60), st.sampled_from([1, 2]), visible=st.sampled_from([True, True, False]))
CURSOR = st.none() | st.builds(Cursor, st.integers(1, 64), st.none() | st.integers(0, 70) | st.just(10**9 - 1))


@given(
    st.lists(PERSON, max_size=40, unique_by=lambda person: person.id),
    st.sampled_from([None, 1, 2]),
    st.integers(1, 12) | st.just(200),
    st.booleans(),
    CURSOR,
    CURSOR,
    st.booleans(),
)
@QUICK
async def test_any_window(
    everybody: People,
    behaviour: dict[str, Any],
    persons: list[Person],
    enterprise_id: int | None,
    size: int,
    backward: bool,
    after: Cursor | None,
    before: Cursor | None,
    known: bool,
) -> None:
    await everybody.start(persons)
    if known or "max_rows" in behaviour:  # before it is known, a page that was cut short may be all there is
        everybody.upstream.searches = "documented_only" not in behaviour
    arguments: dict[str, Any] = {
        "last" if backward else "first": size,
        "after": after and after.encode(),
        "before": before and before.encode(),
    }
    page = await everybody.read(ALL, enterprise_id=enterprise_id, **arguments)
    listed = everybody.listed(enterprise_id)
    low, high = after.id if after else 0, before.id if before else 100
    inside = [id_ for id_ in listed if low < id_ < high]
    expected = inside[-size:] if backward else inside[:size]
    assert ids(page) == expected
    assert page.total_count == len(listed)
    place = page.page_info
    start = expected[0] if expected else high if backward else low + 1
    stop = expected[-1] if expected else high - 1 if backward else low
    # Where a cursor is, the list is taken to go on: that its row is still there need not be asked.
    assert place.has_previous_page == any(id_ < start for id_ in listed) or (after and place.has_previous_page)
    assert place.has_next_page == any(id_ > stop for id_ in listed) or (before and place.has_next_page)
    cursors = [edge.cursor for edge in page.edges]
    assert [Cursor.decode(cursor, "after").id for cursor in cursors] == expected
    assert (place.start_cursor, place.end_cursor) == ((cursors[0], cursors[-1]) if cursors else (None, None))
