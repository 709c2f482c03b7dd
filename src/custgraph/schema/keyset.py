"""Windows of a list from an upstream that searches: one call each, and no row lost or repeated while others write."""

from __future__ import annotations

import operator

from custgraph.errors import UpstreamBadResponse
from custgraph.rest import Condition, CustomerPage, ListQuery, UpstreamSession
from custgraph.schema.pagination import Slice, Window


async def read_window(session: UpstreamSession, base: ListQuery, window: Window) -> Slice | None:
    """Reads a window with conditions on `id`.

    Returns:
        The slice; None when the rows show that the upstream ignored the conditions.
    """
    conditions = base.conditions
    if window.after is not None:
        conditions += (Condition("id", "gt", (str(window.after.id),)),)
    if window.before is not None:
        conditions += (Condition("id", "lt", (str(window.before.id),)),)
    page = await session.list_customers(
        ListQuery(
            enterprise_id=base.enterprise_id,
            conditions=conditions,
            descending=window.backward,
            per_page=window.size,
            balance=base.balance,
        )
    )
    if not _agrees(page, window):
        return None
    if page.total is None:
        raise UpstreamBadResponse
    more = page.total > len(page.rows) + len(page.bad_rows)
    whole = window.after is None and window.before is None
    return Slice(
        rows=page.rows[::-1] if window.backward else page.rows,
        has_next=window.before is not None if window.backward else more or window.before is not None,
        has_previous=more or window.after is not None if window.backward else window.after is not None,
        total=page.total if whole else None,
        bad_rows=len(page.bad_rows),
    )


def _agrees(page: CustomerPage, window: Window) -> bool:
    """Holds the rows against the cursors and the order that were asked for."""
    ids = [row.id for row in page.rows]
    in_order = all(map(operator.gt if window.backward else operator.lt, ids, ids[1:]))
    return (
        in_order
        and len(ids) <= window.size
        and (window.after is None or all(id_ > window.after.id for id_ in ids))
        and (window.before is None or all(id_ < window.before.id for id_ in ids))
    )
