"""Windows of a list from an upstream with `page` and `per_page` alone.

The list is in the order of ids, so a cursor's id says exactly which rows lie behind it; its offset only says where to
look first. Rows that were deleted meanwhile shift the others to the left: the look goes on to the left until it has
passed the cursor, so nothing is lost or repeated as far as the pages themselves were read at one moment.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from custgraph.errors import UpstreamBadResponse
from custgraph.rest import MAX_PER_PAGE, Customer, ListQuery, UpstreamSession
from custgraph.schema.pagination import Cursor, Slice, Window

MAX_PAGES = 100


@dataclass(slots=True)
class _Pages:
    """The pages of one list, all of one size, as far as they were read."""

    session: UpstreamSession
    base: ListQuery
    size: int
    total: int = 0
    bad_rows: int = 0
    rows: dict[int, Customer] = field(default_factory=dict)
    seen: set[int] = field(default_factory=set)

    async def read(self, number: int) -> None:
        """Reads one page (from 1) into `rows`, by offset."""
        if number in self.seen:
            return
        if len(self.seen) >= MAX_PAGES:
            raise UpstreamBadResponse
        page = await self.session.list_customers(replace_page(self.base, number, self.size))
        if page.total is None or len(page.rows) > self.size:
            raise UpstreamBadResponse
        self.seen.add(number)
        self.total = page.total
        self.bad_rows += len(page.bad_rows)
        start = (number - 1) * self.size
        bad = set(page.bad_rows)
        places = (place for place in range(self.size) if place not in bad)
        self.rows.update((start + place, row) for place, row in zip(places, page.rows, strict=False))

    async def cover(self, start: int, stop: int) -> None:
        """Reads all pages that hold offsets from `start` up to, not with, `stop`."""
        for number in range(max(start, 0) // self.size + 1, max(stop - 1, 0) // self.size + 2):
            await self.read(number)

    def ordered(self) -> list[tuple[int, Customer]]:
        """Gives the rows read, each id once, in the order of ids; a row that moved counts where it was seen last."""
        by_id = {row.id: offset for offset, row in sorted(self.rows.items())}
        return sorted(((offset, self.rows[offset]) for offset in by_id.values()), key=lambda item: item[1].id)


def replace_page(base: ListQuery, page: int, per_page: int) -> ListQuery:
    """Gives the query of another page."""
    return ListQuery(enterprise_id=base.enterprise_id, page=page, per_page=per_page)


async def read_window(session: UpstreamSession, base: ListQuery, window: Window) -> Slice:
    """Reads a window with the fewest calls: one where a page size exists whose page holds it all.

    Raises:
        UpstreamBadResponse: the pages make no sense, or would never end.
    """
    if window.backward:
        return await _read_backward(session, base, window)
    return await _read_forward(session, base, window)


async def _read_forward(session: UpstreamSession, base: ListQuery, window: Window) -> Slice:
    after = window.after
    start = 0 if after is None else await _locate(session, base, after)
    pages = _Pages(session, base, _page_size(start, start + window.size + (after is not None)))
    await pages.cover(start, start + window.size + (after is not None))
    while after is not None and (low := _first_page(pages)) > 1 and not _reaches_down(pages, after.id):
        await pages.read(low - 1)
    while len(_between(pages, window)) < window.size and _last_page(pages) * pages.size < pages.total:
        await pages.read(_last_page(pages) + 1)
    chosen = _between(pages, window)
    return _slice(pages, chosen[: window.size], window)


async def _read_backward(session: UpstreamSession, base: ListQuery, window: Window) -> Slice:
    before = window.before
    if before is None:
        stop = (await session.list_customers(replace_page(base, 1, MAX_PER_PAGE))).total or 0
    else:
        stop = await _locate(session, base, before) + 1
    start = max(stop - window.size - (before is not None), 0)
    pages = _Pages(session, base, MAX_PER_PAGE if stop <= MAX_PER_PAGE else _page_size(start, stop))
    await pages.cover(start, stop)
    while before is not None and not _reaches_up(pages, before.id) and _last_page(pages) * pages.size < pages.total:
        await pages.read(_last_page(pages) + 1)
    while len(_between(pages, window)) < window.size and (low := _first_page(pages)) > 1:
        await pages.read(low - 1)
    chosen = _between(pages, window)
    return _slice(pages, chosen[-window.size :], window)


async def _locate(session: UpstreamSession, base: ListQuery, cursor: Cursor) -> int:
    """Says near which offset the cursor's row is: its hint, or a search by halves over whole pages."""
    if cursor.offset is not None:
        return cursor.offset
    low, high = 1, None
    while high is None or low < high:
        middle = low if high is None else (low + high) // 2
        page = await session.list_customers(replace_page(base, middle, MAX_PER_PAGE))
        if high is None:
            high = max(1, -(-(page.total or 0) // MAX_PER_PAGE))
        if not page.rows or page.rows[-1].id >= cursor.id:
            high = middle
        else:
            low = min(middle + 1, high)
    return (low - 1) * MAX_PER_PAGE


def _page_size(start: int, stop: int) -> int:
    """Finds the smallest page size of which one page holds the whole window; the largest there is, if none does."""
    for size in range(max(stop - start, 1), MAX_PER_PAGE + 1):
        if start // size == (stop - 1) // size:
            return size
    return MAX_PER_PAGE


def _between(pages: _Pages, window: Window) -> list[tuple[int, Customer]]:
    low = window.after.id if window.after else 0
    high = window.before.id if window.before else float("inf")
    return [item for item in pages.ordered() if low < item[1].id < high]


def _first_page(pages: _Pages) -> int:
    return min(pages.seen)


def _last_page(pages: _Pages) -> int:
    return max(pages.seen)


def _reaches_down(pages: _Pages, id_: int) -> bool:
    return any(row.id <= id_ for row in pages.rows.values())


def _reaches_up(pages: _Pages, id_: int) -> bool:
    return any(row.id >= id_ for row in pages.rows.values())


def _slice(pages: _Pages, chosen: list[tuple[int, Customer]], window: Window) -> Slice:
    first = chosen[0][0] if chosen else None
    behind = chosen[-1][0] + 1 if chosen else 0
    return Slice(
        rows=[row for _, row in chosen],
        has_next=behind < pages.total if chosen else window.before is not None,
        has_previous=first > 0 if first is not None else window.after is not None,
        total=pages.total,
        offset=first,
        bad_rows=pages.bad_rows,
    )
