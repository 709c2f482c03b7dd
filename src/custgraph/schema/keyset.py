"""Windows of a list from an upstream that searches: one call each, and no row lost or repeated while others write."""

from __future__ import annotations

from msgspec.structs import replace

from custgraph.errors import UpstreamBadResponse
from custgraph.rest import Condition, ListQuery, UpstreamSession
from custgraph.schema.pagination import Slice, Window, is_usable


async def read_window(session: UpstreamSession, base: ListQuery, window: Window) -> Slice:
    """Reads a window with conditions on `id`.

    Raises:
        UpstreamCannotSearch: the rows show that the upstream ignored the conditions.
        UpstreamBadResponse: the rows make no sense.
    """
    bounds: tuple[Condition, ...] = ()
    if window.after is not None:
        bounds += (Condition("id", "gt", (str(window.after.id),)),)
    if window.before is not None:
        bounds += (Condition("id", "lt", (str(window.before.id),)),)
    page = await session.list_customers(
        replace(base, conditions=base.conditions + bounds, descending=window.backward, per_page=window.size)
    )
    if page.total is None or not is_usable(page, descending=window.backward):
        raise UpstreamBadResponse
    rows = page.rows[::-1] if window.backward else page.rows
    more = bool(rows) and page.total > len(rows) + len(page.bad_rows)
    before, after = window.before is not None, window.after is not None
    return Slice(
        rows=rows,
        # A cursor was a row's: the list goes on where it is, though that row may be the last one and gone by now.
        has_next=before or (more and not window.backward),
        has_previous=after or (more and window.backward),
        total=None if bounds else page.total,
        bad_rows=len(page.bad_rows),
    )
