"""Connections of customers: which calls one needs, and what becomes of the rows."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
from graphql import FieldNode
from msgspec.structs import replace

from custgraph.errors import UpstreamBadResponse, UpstreamCannotSearch
from custgraph.rest import Customer, ListQuery
from custgraph.schema import keyset, offsets
from custgraph.schema.filters import CustomerFilter, conditions_of
from custgraph.schema.lookahead import Fragments, selects
from custgraph.schema.pagination import EMPTY, Slice, Window

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
        slice: the page; empty when nothing of it was wanted.
        total_count: how many customers the whole list has; None when that was not wanted.
    """

    slice: Slice = EMPTY
    total_count: int | None = None

    @property
    def nodes(self) -> Sequence[Customer]:
        """The customers."""
        return self.slice.rows

    @property
    def edges(self) -> list[Edge]:
        """The customers with their cursors."""
        return [Edge(self.slice.cursor(index), row) for index, row in enumerate(self.slice.rows)]

    @property
    def page_info(self) -> PageBounds:
        """The page's place."""
        page = self.slice
        count = len(page.rows)
        return PageBounds(
            page.has_next,
            page.has_previous,
            page.cursor(0) if count else None,
            page.cursor(count - 1) if count else None,
        )


@dataclass(frozen=True, slots=True)
class ConnectionWants:
    """What of a connection is selected."""

    page: bool = True
    total: bool = False
    balance: bool = False


def lacking_rows(connection: Connection) -> UpstreamBadResponse | None:
    """Tells of rows that were dropped, so that a page that lacks them does not pass for whole."""
    count = connection.slice.bad_rows
    if not count:
        return None
    return UpstreamBadResponse(f"The upstream service gave {count} row(s) that cannot be used; they are left out.")


def connection_wants(nodes: list[FieldNode], fragments: Fragments, variables: Mapping[str, Any]) -> ConnectionWants:
    """Looks ahead from a connection's field."""
    return ConnectionWants(
        page=selects(nodes, fragments, variables, ("nodes",), ("edges",), ("pageInfo",)),
        total=selects(nodes, fragments, variables, ("totalCount",)),
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
        return Connection(total_count=0)
    base = ListQuery(enterprise_id=enterprise_id, conditions=found.conditions, balance=wants.balance)
    if not wants.page:
        return Connection(total_count=await _read_total(context, base) if wants.total else None)
    if not wants.total or window.is_open or context.session.searches is False:
        page = await _read_page(context, base, window)
        return Connection(page, page.total)
    return Connection(*await _together(_read_page(context, base, window), _read_total(context, base)))


async def _read_page(context: Context, base: ListQuery, window: Window) -> Slice:
    """Reads by conditions on `id`, or by page numbers where the upstream does not search; then filters fail there."""
    session = context.session
    if session.searches is not False:
        with suppress(UpstreamCannotSearch):
            return await keyset.read_window(session, base, window)
    return await offsets.read_window(context, base, window)


async def _read_total(context: Context, base: ListQuery) -> int:
    page = await context.session.list_customers(replace(base, per_page=1, balance=False))
    if page.total is None:
        raise UpstreamBadResponse
    return page.total


async def _together(page: Awaitable[Slice], total: Awaitable[int]) -> tuple[Slice, int]:
    """Awaits both at once; when one fails, or nobody waits any more, the other ends, too."""
    tasks = asyncio.ensure_future(page), asyncio.ensure_future(total)
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
