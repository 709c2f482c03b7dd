"""What the resolvers of one HTTP request share: the upstream session, the loaders, the notes on partial failures."""

from __future__ import annotations

from collections.abc import Awaitable

from graphql import GraphQLError

from custgraph.batches import Batches
from custgraph.credentials import Caller
from custgraph.errors import QueryTooComplex, Unauthenticated
from custgraph.loaders import CustomerByIdLoader, EnterpriseNameByIdLoader
from custgraph.operation import OperationKind
from custgraph.rest import Customer, Upstream

MAX_PAGES = 100
"""Pages of lists that one operation may read by number, from an upstream that does not search."""


class Context:
    """Made for each HTTP request, by `app`; implements `custgraph.operation.OperationContext`.

    Attributes:
        session: the upstream, bound to the caller.
        request_id: the id that the answer and every upstream call carry.
        kind: of the operation that runs, or ran last; None before.
        credential_key: tells credentials apart; empty without one.
        alone: whether what the operation's root asks for cannot be loaded together with anything.
        batches: of the loaders.
        notes: located errors that cost no field, such as a row that was dropped; the executor reports them.
    """

    __slots__ = (
        "_balances",
        "_customers",
        "_enterprise_names",
        "_pages",
        "alone",
        "batches",
        "credential_key",
        "kind",
        "notes",
        "request_id",
        "session",
        "sole",
        "traceparent",
        "wants_cost",
    )

    def __init__(self, upstream: Upstream, caller: Caller) -> None:
        self.session = upstream.session(caller)
        self.request_id = caller.request_id
        self.credential_key = caller.credential.key if caller.credential else ""
        self.traceparent = caller.traceparent
        self.kind: OperationKind | None = None
        self.notes: list[GraphQLError] = []
        self.wants_cost = False
        self.sole = False
        self.alone = False
        self.batches = Batches()
        self._customers: CustomerByIdLoader | None = None
        self._balances: CustomerByIdLoader | None = None
        self._enterprise_names: EnterpriseNameByIdLoader | None = None
        self._pages = 0

    def begin(self, kind: OperationKind, *, alone: bool, brief: bool) -> None:
        """Starts the operation's deadline."""
        self.kind = kind
        self.alone = alone and self.sole
        self.session.begin(kind, brief=brief and self.sole)

    def customers(self, *, balance: bool) -> CustomerByIdLoader:
        """The loader of customers by id; the one with balances costs the upstream more."""
        if balance:
            if self._balances is None:
                self._balances = CustomerByIdLoader(self.session, self.batches, balance=True)
            return self._balances
        if self._customers is None:
            self._customers = CustomerByIdLoader(self.session, self.batches, balance=False)
        return self._customers

    def root_customer(self, id_: int, *, balance: bool) -> Awaitable[Customer | None]:
        """Loads a customer for a root field."""
        loader = self.customers(balance=balance)
        return loader.load_alone(id_) if self.alone else loader.ask(id_)

    def root_customers(self, ids: list[int], *, balance: bool) -> Awaitable[list[Customer | Exception | None]]:
        """Loads customers for a root field: each one, or why it could not be had."""
        loader = self.customers(balance=balance)
        return loader.load_all_alone(ids) if self.alone else loader.ask_all(ids)

    @property
    def enterprise_names(self) -> EnterpriseNameByIdLoader:
        """The loader of enterprises' names."""
        if self._enterprise_names is None:
            self._enterprise_names = EnterpriseNameByIdLoader(self.session, self.batches)
        return self._enterprise_names

    def count_page(self) -> None:
        """Counts a page that has to be read by its number.

        Raises:
            QueryTooComplex: the operation has read `MAX_PAGES` already.
        """
        self._pages += 1
        if self._pages > MAX_PAGES:
            raise QueryTooComplex(
                f"The upstream service does not search, and this needs more than {MAX_PAGES} pages of its lists.",
                limit=MAX_PAGES,
            )

    def forget(self) -> None:
        """Drops what the loaders hold, after a write: customers, and the names read through them."""
        for loader in (self._customers, self._balances, self._enterprise_names):
            if loader is not None:
                loader.clear_all()

    def remember(self, customer_id: int, customer: Customer | None) -> None:
        """Takes what a write answered, which has no balance; None where the customer is gone."""
        self.customers(balance=False).replace(customer_id, customer)

    def close(self) -> None:
        """Ends what still runs; called when the answer was sent or the client has gone."""
        for loader in (self._customers, self._balances, self._enterprise_names):
            if loader is not None:
                loader.close()

    def require_credential(self) -> None:
        """Refuses an anonymous caller before anything else is looked at.

        Raises:
            Unauthenticated: the request carried no credential.
        """
        if not self.credential_key:
            raise Unauthenticated
