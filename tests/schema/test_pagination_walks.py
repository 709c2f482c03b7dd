"""Walks from page to page while others write: who is there all the time comes exactly once, in order."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support.lists import People, Person, ids, people

QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
PERSON = st.builds(
    Person,
    st.integers(1, 60),
    st.sampled_from([1, 2]),
    st.sampled_from(["Ann", "Hanna", "Bob"]),
    st.sampled_from([True, True, True, False]),
)
CHANGE = st.tuples(st.lists(PERSON, max_size=3), st.lists(st.integers(1, 60), max_size=4))
"""Who comes, and who goes."""

CHANGES = st.lists(CHANGE, max_size=12)
PEOPLE = st.lists(PERSON, min_size=5, max_size=45, unique_by=lambda person: person.id)
SIZE = st.integers(1, 12)
SCOPE = st.sampled_from([None, 1, 2])
SEARCHING: list[dict[str, Any]] = [{}, {"max_rows": 4}]
DOCUMENTED_ONLY: list[dict[str, Any]] = [{"documented_only": True}, {"documented_only": True, "max_rows": 4}]


@pytest.fixture
async def everybody(request: pytest.FixtureRequest) -> AsyncIterator[People]:
    async with people(**request.param) as everybody:
        yield everybody


class Walk:
    """Reads all pages of a list, one way, while the list changes.

    Attributes:
        pages: ids of each page, as they came.
        stayed: ids that the list had all the time.
    """

    def __init__(self, everybody: People, changes: list[Any], *, backward: bool, size: int, **scope: Any) -> None:
        self.pages: list[list[int]] = []
        self._everybody = everybody
        self._changes = iter(changes)
        self._backward = backward
        self._size = size
        self._scope = scope
        self._name = scope.get("search")
        self.stayed = set(self.listed())

    def listed(self) -> list[int]:
        """Ids that the list has now."""
        return self._everybody.listed(self._scope.get("enterprise_id"), self._name)

    async def change(self) -> None:
        """Lets the next change happen."""
        come, go = next(self._changes, ((), ()))
        await self._everybody.remove(*go)
        self.stayed &= set(self.listed())  # whoever comes back is somebody else
        await self._everybody.add(*come)

    async def run(self) -> list[int]:
        """Walks to the end; gives all ids, ascending if all is well."""
        cursor, goes_on = None, True
        while goes_on:
            if self._backward:
                page = await self._everybody.read(last=self._size, before=cursor, **self._scope)
            else:
                page = await self._everybody.read(first=self._size, after=cursor, **self._scope)
            bounds = page.page_info
            self.pages.append(ids(page))
            cursor = bounds.start_cursor if self._backward else bounds.end_cursor
            goes_on = bounds.has_previous_page if self._backward else bounds.has_next_page
            assert cursor is not None or not goes_on
            await self.change()
        return [id_ for page in (reversed(self.pages) if self._backward else self.pages) for id_ in page]


@pytest.mark.parametrize("everybody", SEARCHING, ids=str, indirect=True)
@given(PEOPLE, CHANGES, SIZE, SCOPE, st.sampled_from([None, "ann"]), st.booleans())
@QUICK
async def test_on_an_upstream_that_searches(
    everybody: People,
    persons: list[Person],
    changes: list[Any],
    size: int,
    enterprise_id: int | None,
    search: str | None,
    backward: bool,
) -> None:
    await everybody.start(persons)
    walk = Walk(everybody, changes, backward=backward, size=size, enterprise_id=enterprise_id, search=search)
    came = await walk.run()
    assert came == sorted(set(came))
    assert walk.stayed <= set(came)


@pytest.mark.parametrize("everybody", DOCUMENTED_ONLY, ids=str, indirect=True)
@given(PEOPLE, CHANGES, SIZE, SCOPE, st.booleans())
@QUICK
async def test_by_page_numbers_with_changes_between_the_windows(
    everybody: People, persons: list[Person], changes: list[Any], size: int, enterprise_id: int | None, backward: bool
) -> None:
    """As good as with search: the cursor's id finds its place again, whatever has shifted."""
    await everybody.start(persons)
    walk = Walk(everybody, changes, backward=backward, size=size, enterprise_id=enterprise_id)
    came = await walk.run()
    assert came == sorted(set(came))
    assert walk.stayed <= set(came)


@pytest.mark.parametrize("everybody", DOCUMENTED_ONLY, ids=str, indirect=True)
@given(PEOPLE, CHANGES, SIZE, SCOPE, st.booleans())
@QUICK
async def test_by_page_numbers_with_changes_within_the_windows_too(
    everybody: People, persons: list[Person], changes: list[Any], size: int, enterprise_id: int | None, backward: bool
) -> None:
    """Somebody may be missed then, but nobody comes twice or out of order, and nobody who was never there."""
    await everybody.start(persons)
    walk = Walk(everybody, changes, backward=backward, size=size, enterprise_id=enterprise_id)
    everybody.meanwhile = walk.change
    ever = {person.id for person in persons} | {person.id for come, _ in changes for person in come}
    came = await walk.run()
    assert came == sorted(set(came))
    assert set(came) <= ever
