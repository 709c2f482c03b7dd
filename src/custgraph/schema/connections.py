"""Connections of customers: which calls one needs, and what becomes of the rows."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
from graphql import FieldNode

from custgraph.errors import UpstreamBadResponse, UpstreamCannotSearch, UpstreamError
from custgraph.rest import Customer, ListQuery, UpstreamSession
from custgraph.schema import keyset, offsets
from custgraph.schema.filters import Conditions, CustomerFilter, conditions_of
from custgraph.schema.lookahead import Fragments, selects
from custgraph.schema.pagination import Slice, Window

if TYPE_CHECKING:
    from custgraph.schema.context import Context


class Edge(msgspec.Struct, frozen=True, gc=False):
    """A customer's place in a list."""

    cursor: str
    node: Customer


class PageBounds(msgspec.Struct, frozen=True, gc=False):
    """A page's place in its list."""

    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


class Connection(msgspec.Struct, frozen=True, gc=False):
    """One page of a list; edges and cursors are made when they are asked for.

    Attributes:
        slice: the page; None when nothing of it was wanted.
        total_count: how many customers the whole list has; None when that was not wanted.
    """

    slice: Slice | None
    total_count: int | None = None

    @property
    def nodes(self) -> list[Customer]:
        """The customers."""
        return list(self._slice.rows)

    @property
    def edges(self) -> list[Edge]:
        """The customers with their cursors."""
        page = self._slice
        return [Edge(page.cursor(index), row) for index, row in enumerate(page.rows)]

    @property
    def page_info(self) -> PageBounds:
        """The page's place."""
        page = self._slice
        return PageBounds(
            page.has_next,
            page.has_previous,
            page.cursor(0) if page.rows else None,
            page.cursor(-1 + len(page.rows)) if page.rows else None,
        )

    @property
    def bad_rows(self) -> int:
        """How many rows were dropped as unusable."""
        return self.slice.bad_rows if self.slice else 0

    @property
    def _slice(self) -> Slice:
        if self.slice is None:
            raise UpstreamBadResponse
        return self.slice


@dataclass(frozen=True, slots=True)
class ConnectionWants:
    """What of a connection is selected."""

    page: bool = True
    total: bool = False
    balance: bool = False


def lacking_rows(connection: Connection) -> UpstreamBadResponse | None:
    """Tells of rows that were dropped, so that a page that lacks them does not pass for whole."""
    count = connection.bad_rows
    if not count:
        return None
    return UpstreamBadResponse(f"The upstream service gave {count} row(s) that cannot be used; they are left out.")


def connection_wants(nodes: list[FieldNode], fragments: Fragments, variables: Mapping[str, Any]) -> ConnectionWants:
    """Looks ahead from a connection's field."""
    total = selects(nodes, fragments, variables, ("totalCount",))
    return ConnectionWants(
        page=not total or selects(nodes, fragments, variables, ("nodes",), ("edges",), ("pageInfo",)),
        total=total,
        balance=selects(nodes, fragments, variables, ("nodes", "balance"), ("edges", "node", "balance")),
    )


async def read_connection(
    context: Context,
    wants: ConnectionWants,
    *,
    enterprise_id: int | None = None,
    search: str | None = None,
    filter: CustomerFilter | None = None,  # noqa: A002 - the argument's name in the schema
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
) -> Connection:
    """Reads one page of customers, and the list's size when it is wanted: the two calls go side by side.

    Raises:
        InvalidArgument: an argument breaks a rule.
        UpstreamError: the upstream failed, or is asked to filter and does not search.
    """
    window = Window.of(first, after, last, before)
    found = conditions_of(filter, search)
    if found.nothing:
        return Connection(Slice((), has_next=False, has_previous=False), 0)
    session = context.session
    if found.conditions:
        await session.ensure_search()
    base = ListQuery(enterprise_id=enterprise_id, conditions=found.conditions, balance=wants.balance)
    if wants.page and not _needs_total_call(wants, window, session):
        page = await _read_window(session, base, window)
        if not wants.total or page.total is not None:
            return Connection(page, page.total if wants.total else None)
        return Connection(page, await _read_total(session, base))
    if not wants.page:
        return Connection(None, await _read_total(session, base))
    page, total = await asyncio.gather(_read_window(session, base, window), _read_total(session, base))
    return Connection(page, total)


def _needs_total_call(wants: ConnectionWants, window: Window, session: UpstreamSession) -> bool:
    """A page without cursors tells the total; so does every page of an upstream that does not search."""
    return wants.total and (window.after is not None or window.before is not None) and session.searches is not False


async def _read_total(session: UpstreamSession, base: ListQuery) -> int:
    page = await session.list_customers(
        ListQuery(enterprise_id=base.enterprise_id, conditions=base.conditions, per_page=1)
    )
    if page.total is None:
        raise UpstreamBadResponse
    return page.total


async def _read_window(session: UpstreamSession, base: ListQuery, window: Window) -> Slice:
    """Reads by conditions on `id` where the upstream searches, else by page numbers."""
    if await _may_search(session, base, window):
        try:
            page = await keyset.read_window(session, base, window)
        except UpstreamCannotSearch:
            if base.conditions:
                raise
            page = None
        if page is not None:
            return page
    return await offsets.read_window(session, base, window)


async def _may_search(session: UpstreamSession, base: ListQuery, window: Window) -> bool:
    """Whether conditions can be tried. Rows behind a cursor prove themselves; an order from the end does not."""
    if base.conditions or session.searches is not None:
        return session.searches is not False
    if window.backward or window.before is not None:
        try:
            await session.ensure_search()
        except UpstreamError:
            if session.searches is None:
                raise
            return False
    return True


__all__ = [
    "Conditions",
    "Connection",
    "ConnectionWants",
    "Edge",
    "PageBounds",
    "connection_wants",
    "lacking_rows",
    "read_connection",
]
