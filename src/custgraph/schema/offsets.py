"""Windows of a list from an upstream with `page` and `per_page` alone.

The list is in the order of ids, so a cursor's id says exactly which rows lie behind it. The offset in a cursor only
says where to look first: rows that were deleted or came to light since then have shifted the others, and the page that
counts is the one whose rows enclose the id by now.

The promise: a walk from cursor to cursor gives each customer at most once, in ascending order. It misses none that was
there all the time, unless one ahead of it goes in the middle of a window that takes several pages.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

from msgspec.structs import replace

from custgraph.errors import UpstreamBadResponse
from custgraph.rest import MAX_PER_PAGE, Customer, CustomerPage, ListQuery
from custgraph.schema.pagination import Slice, Window, is_usable

if TYPE_CHECKING:
    from custgraph.schema.context import Context

_BEYOND = 2**63
"""Greater than every id, and than the number of every page."""


async def read_window(context: Context, base: ListQuery, window: Window) -> Slice:
    """Reads a window: in one call, where there is a page size of which one page holds it.

    The row of the cursor belongs to it: where that still has its place, nothing was shifted.

    Raises:
        UpstreamBadResponse: the pages make no sense.
        QueryTooComplex: the operation has read too many pages.
    """
    cursor = window.before if window.backward else window.after
    if cursor is None:
        read = _read_end if window.backward else _read_start
        return await read(context, base, window)
    offset, size = cursor.offset, MAX_PER_PAGE
    if offset is not None:
        size = _page_size(offset - window.size, offset) if window.backward else _page_size(offset, offset + window.size)
    pages = _Pages(context, base, size)
    return await pages.window(await pages.enclosing(cursor.id, offset), window)


async def _read_start(context: Context, base: ListQuery, window: Window) -> Slice:
    return await _Pages(context, base, window.size).window(1, window)


async def _read_end(context: Context, base: ListQuery, window: Window) -> Slice:
    """Reads from the end, which a first page has to tell."""
    pages = _Pages(context, base, MAX_PER_PAGE)
    await pages.read(1)
    end = max(pages.total - 1, 0)
    if pages.last > 1:
        pages = _Pages(context, base, _page_size(end + 1 - window.size, end))
    return await pages.window(await pages.enclosing(_BEYOND, end), window)


def _page_size(first: int, last: int) -> int:
    """Finds the least page size of which one page holds the offsets `first` to `last`; the largest, if none does."""
    first = max(first, 0)
    for size in range(last - first + 1, MAX_PER_PAGE):
        if first // size == last // size:
            return size
    return MAX_PER_PAGE


class _Pages:
    """The pages of one list, all of one size, as far as they were read.

    Attributes:
        size: how many rows a page holds: those asked for, or fewer where the upstream gives fewer.
        total: how many rows the list has, by the latest page.
    """

    def __init__(self, context: Context, base: ListQuery, size: int) -> None:
        self.size = self._per_page = size
        self.total = 0
        self._pages = 1
        self._context = context
        self._base = base
        self._read: dict[int, CustomerPage] = {}
        self._end = _BEYOND  # the least number of a page that was empty

    @property
    def last(self) -> int:
        """Number of the last page."""
        return max(min(max(self._pages, -(-self.total // self.size)), self._end - 1), 1)

    async def read(self, number: int) -> list[Customer]:
        """Reads a page; the first is 1."""
        if number not in self._read:
            self._read[number] = await self._ask(number)
        return self._read[number].rows

    async def _ask(self, number: int) -> CustomerPage:
        self._context.count_page()
        page = await self._context.session.list_customers(replace(self._base, page=number, per_page=self._per_page))
        if page.total is None or not is_usable(page):
            raise UpstreamBadResponse
        self.total = page.total
        self._pages = page.pages or 1
        count = len(page.rows) + len(page.bad_rows)
        if not count:
            self._end = min(self._end, number)
        elif number < self.last:
            self.size = min(self.size, count)
        return page

    async def enclosing(self, id_: int, offset: int | None) -> int:
        """Finds the page whose rows enclose an id: no lesser one comes behind it, no greater one ahead of it.

        Args:
            id_: the id.
            offset: where it is likely to be; None where nothing tells.
        """
        near = offset is not None
        number = (offset or 0) // self.size + 1
        await self.read(number)
        number = (offset or 0) // self.size + 1  # again, now that the size is known
        low, high = 1, _BEYOND
        while True:
            rows = await self.read(number)
            high = min(high, self.last)
            if number > 1 and (not rows or rows[0].id > id_):
                high = neighbour = min(high, number - 1)
            elif number < self.last and rows and rows[-1].id < id_:
                low = neighbour = number + 1
            else:
                return number
            if low > high:
                return number
            number = neighbour if near else (low + high) // 2
            near = False

    async def window(self, number: int, window: Window) -> Slice:
        """Reads on from a page, away from the cursor, until the window is full."""
        low = window.after.id if window.after else 0
        high = window.before.id if window.before else _BEYOND
        first = last = number
        rows: dict[int, Customer] = {}
        while True:
            total = self.total
            page = {row.id: row for row in await self.read(number)}
            if page and page.keys() <= rows.keys() and total == self.total:
                raise UpstreamBadResponse  # nothing has shifted, and yet nothing is new
            rows |= page
            inside = sorted(id_ for id_ in rows if low < id_ < high)
            passed = any(id_ <= low if window.backward else id_ >= high for id_ in page)
            number = min(number - 1, self.last) if window.backward else number + 1
            over = number < 1 if window.backward else number > self.last
            if over or passed or len(inside) >= window.size:
                break
            first, last = min(first, number), max(last, number)
        ids = sorted(rows)
        if window.backward:
            chosen = inside[-window.size :]
            start = bisect_left(ids, high) - len(chosen)
        else:
            chosen = inside[: window.size]
            start = bisect_right(ids, low)
        return Slice(
            rows=[rows[id_] for id_ in chosen],
            has_next=start + len(chosen) < len(ids) or last < self.last,
            has_previous=start > 0 or first > 1,
            total=self.total,
            offset=(first - 1) * self.size + start,
            bad_rows=sum(len(page.bad_rows) for number, page in self._read.items() if first <= number <= last),
        )
