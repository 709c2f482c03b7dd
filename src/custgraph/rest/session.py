"""The upstream as one HTTP request's caller sees it: the API's calls, under one deadline."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from msgspec import UNSET

from custgraph.credentials import Caller
from custgraph.errors import NotFound, Unauthenticated, UpstreamBadResponse, UpstreamCannotSearch
from custgraph.operation import OperationKind
from custgraph.rest import careful, documents, params
from custgraph.rest.answers import UnsupportedFields
from custgraph.rest.careful import BadDocument
from custgraph.rest.lanes import Lane
from custgraph.rest.line import Line
from custgraph.rest.memory import Memory
from custgraph.rest.pages import Examined, examine, examine_by_ids
from custgraph.rest.params import Condition, ListQuery
from custgraph.rest.records import Customer, CustomerPage, Enterprise
from custgraph.rest.resources import Rows
from custgraph.rest.writes import Writes
from custgraph.telemetry import logger

if TYPE_CHECKING:
    from custgraph.rest.upstream import Upstream

_log = logger("custgraph.rest")


class UpstreamSession:
    """One caller's calls for one HTTP request. Equal reads share one call and its outcome, until a write.

    Every call raises `Unauthenticated`, and nothing is sent, when the caller has no credential; `Overloaded` when no
    slot comes free; and `UpstreamError` or one of its kinds when the upstream fails.
    """

    __slots__ = ("_brief", "_line", "_memory", "_saw_rows", "_trusts_search", "_upstream")

    def __init__(self, upstream: Upstream, caller: Caller, lane: Lane | None) -> None:
        self._upstream = upstream
        self._line = Line(upstream, caller, lane)
        self._memory = Memory()
        self._brief = False
        self._trusts_search = False  # the probe gave no rows: all customers are found by search, or there are none
        self._saw_rows = False

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The event loop of the request."""
        return self._line.loop

    @property
    def calls(self) -> int:
        """Upstream calls sent so far, retries included."""
        return self._line.calls

    @property
    def searches(self) -> bool | None:
        """Whether the upstream searches; None until it is known."""
        return self._upstream.searches

    def begin(self, kind: OperationKind, *, brief: bool = False) -> None:
        """Starts the deadline for an operation of this kind.

        Args:
            kind: query or mutation.
            brief: nobody will look at addresses in this session, which then come as `BriefCustomer` has them.
        """
        upstream = self._upstream
        self._brief = brief
        self._line.begin(upstream.mutation_deadline if kind == "mutation" else upstream.query_deadline)

    def show_customer(self, customer_id: int) -> Coroutine[Any, Any, Customer]:
        """Asks for one customer.

        Raises:
            NotFound: there is none.
            Forbidden: it is not this caller's to see.
        """
        return self._memory.share(customer_id, self._read_customer, customer_id)

    def show_enterprise(self, customer_id: int) -> Coroutine[Any, Any, Enterprise | None]:
        """Asks for one customer with its enterprise; None where the upstream does not include it.

        Raises:
            NotFound: there is no such customer.
            Forbidden: it is not this caller's to see.
        """
        return self._memory.share(("enterprise", customer_id), self._read_enterprise, customer_id)

    def list_customers(self, query: ListQuery) -> Coroutine[Any, Any, CustomerPage]:
        """Asks for one page of customers; rows that cannot be used are dropped and told of in `bad_rows`.

        Raises:
            InvalidArgument: a condition's text cannot be sent.
            UpstreamCannotSearch: the query has search conditions, or an order, and the upstream ignores them.
        """
        return self._memory.share(query, self._read_page, query)

    async def list_by_ids(self, ids: Sequence[int], *, balance: bool) -> dict[int, Customer] | None:
        """Asks for up to 200 customers at once.

        Returns:
            Those that the list shows, by id; None when each has to be shown, because the upstream does not search, or
            its lists do not tell the balances that are wanted.
        """
        if not ids:
            return {}
        upstream = self._upstream
        if self._line.lane is not None and (upstream.searches is False or (balance and not upstream.lists_balances)):
            return None
        query = params.by_ids(ids, balance=balance)
        wanted = frozenset(ids)
        return await self._memory.share(query, lambda asked: self._read_by_ids(asked, wanted), query)

    async def ensure_search(self) -> None:
        """Makes sure that the upstream searches, by asking for nobody: rows would show that conditions are ignored.

        No rows mean that it searches, or that this caller has no customers. Either way this session can trust
        filtered answers; once it sees a row, it is known for the whole process.

        Raises:
            UpstreamCannotSearch: it does not.
        """
        upstream, lane = self._upstream, self._line.lane
        if lane is None:
            raise Unauthenticated
        if upstream.searches is None and not self._trusts_search:
            rows = await self._line.in_time(lane.probes.share("probe", self._probe, lane))
            if upstream.searches is None:
                if rows:
                    upstream.searches = False
                    _log.warning("upstream does not search")
                else:
                    self._trusts_search = True
                    self._learn()
        if upstream.searches is False:
            raise UpstreamCannotSearch

    async def create_customer(self, attributes: Mapping[str, object]) -> Customer:
        """Creates a customer, or updates the one of the same enterprise and email.

        Args:
            attributes: by REST name; `enterprise_id` and `email` are required.

        Raises:
            Refused: the upstream says what to correct.
            OutcomeUnknown: it may have been applied.
        """
        return await self._writes().create(attributes)

    async def update_customer(self, customer_id: int, attributes: Mapping[str, object]) -> Customer:
        """Changes the attributes given, by REST name; one given as None is cleared, one left out keeps its value.

        Raises:
            NotFound: there is no such customer.
            Refused: the upstream says what to correct.
            OutcomeUnknown: it may have been applied.
        """
        return await self._writes().update(customer_id, attributes)

    async def delete_customer(self, customer_id: int) -> None:
        """Deletes a customer.

        Raises:
            NotFound: there is no such customer.
            Refused: the upstream says why not.
            OutcomeUnknown: it may have been applied.
        """
        await self._writes().delete(customer_id)

    def _writes(self) -> Writes:
        return Writes(self._upstream, self._line, self._forget)

    def _forget(self) -> None:
        self._memory.forget()
        self._trusts_search = self._saw_rows = False

    def _read_customer(self, customer_id: int) -> Coroutine[Any, Any, Customer]:
        return self._line.read(f"/customers/{customer_id}", shown_customer, customer_id, self._brief)

    def _read_enterprise(self, customer_id: int) -> Coroutine[Any, Any, Enterprise | None]:
        return self._line.read(f"/customers/{customer_id}?include=enterprise", shown_enterprise, customer_id)

    async def _read_page(self, query: ListQuery) -> CustomerPage:
        if any(condition.predicate == "in" and not condition.values for condition in query.conditions):
            return CustomerPage([], 0)
        if any(condition.attribute != "id" or condition.predicate == "in" for condition in query.conditions):
            await self.ensure_search()  # rows say nothing of the rows behind them, unless they are bounded by id
        rows = await self._list(params.query_string(query), balance=query.balance)
        if len(rows.records) > query.per_page:
            raise UpstreamBadResponse
        examined = examine(rows, query)
        if examined.strays:
            await self._settle_strays(examined, len(rows.records))
        elif query.descending and len(rows.records) == 1 and rows.total != 1:
            await self.ensure_search()  # one row is in any order
        self._saw(rows)
        bad = self._bad_rows(examined)
        return CustomerPage(examined.kept, rows.total, bad, rows.pages)

    async def _read_by_ids(self, query: str, ids: frozenset[int]) -> dict[int, Customer] | None:
        rows = await self._list(query, balance=params.BALANCE in query)
        examined = examine_by_ids(rows, ids)
        if examined.strays:
            try:
                await self._settle_strays(examined, len(rows.records))
            except UpstreamCannotSearch:
                return None
        self._saw(rows)
        self._bad_rows(examined)
        return {customer.id: customer for customer in examined.kept}

    async def _list(self, query: str, *, balance: bool) -> Rows:
        upstream = self._upstream
        asked = balance and upstream.lists_balances
        if balance and not asked:
            query = query.removesuffix(f"&{params.BALANCE}")
        try:
            rows = await self._line.read(f"/customers?{query}", documents.decode_rows, self._brief)
        except UnsupportedFields:
            if not asked:
                raise
            upstream.lists_balances = False
            return await self._list(query, balance=True)
        except NotFound:
            raise UpstreamBadResponse from None  # a list that is not there is no list of nobody
        if asked and rows.records and (first := rows.records[0]) is not None and first.balance is UNSET:
            upstream.lists_balances = False
        return rows

    async def _settle_strays(self, examined: Examined, count: int) -> None:
        """Finds out why there are rows that the conditions rule out: an upstream that ignores them, or a fault.

        Raises:
            UpstreamCannotSearch: it ignores them.
            UpstreamBadResponse: it searches, and yet most of the rows are strays.
        """
        upstream = self._upstream
        most = 2 * len(examined.strays) > count
        if upstream.searches is None and most and not self._trusts_search:
            upstream.searches = False
            _log.warning("upstream does not search")
        await self.ensure_search()
        if most:
            upstream.searches = None
            self._trusts_search = False
            raise UpstreamBadResponse

    def _bad_rows(self, examined: Examined) -> tuple[int, ...]:
        bad = (*examined.bad, *examined.strays)
        if bad:
            _log.error(
                "rows dropped",
                request_id=self._line.request_id,
                unsound=len(examined.bad) - examined.foreign,
                foreign=examined.foreign,
                not_asked_for=len(examined.strays),
            )
        return tuple(sorted(bad))

    async def _probe(self, lane: Lane) -> bool:
        """Asks for nobody; says whether rows came all the same. No operation is charged for what all learn from."""
        self._line.allowance += 1
        try:
            return bool((await self._list(params.PROBE, balance=False)).records)
        finally:
            lane.probes.forget()

    def _saw(self, rows: Rows) -> None:
        if rows.records and not self._saw_rows:
            self._saw_rows = True
            self._learn()

    def _learn(self) -> None:
        """Rows for one question and none for the probe: the upstream tells them apart."""
        if self._saw_rows and self._trusts_search and self._upstream.searches is None:
            self._upstream.searches = True


def shown_customer(body: bytes, customer_id: int, brief: bool) -> Customer:
    """Decodes the answer of show, which must be about the customer that was asked for."""
    customer = documents.decode_customer(body, brief)
    if customer.id != customer_id:
        raise BadDocument("another customer than asked for")
    return customer


def shown_enterprise(body: bytes, customer_id: int) -> Enterprise | None:
    """Decodes the answer of show with its enterprise."""
    customer, enterprise = careful.read_enterprise(body)
    if customer.id != customer_id:
        raise BadDocument("another customer than asked for")
    return enterprise


__all__ = ["Condition", "UpstreamSession"]
