"""What fields cost: one table for the limiter and for the directives in the SDL.

Weights are those of IBM's GraphQL cost directives: an object 1, a leaf 0, unless said here. Upstream calls are the most
that an upstream which searches can be asked for, retries aside; what one that does not search needs beyond that counts
against the same limit when it is asked.
"""

from __future__ import annotations

from collections.abc import Mapping

from custgraph.config import Settings
from custgraph.schema.ids import MAX_IDS
from custgraph.schema.pagination import DEFAULT_SIZE, MAX_SIZE
from custgraph.steps import Bill, FieldName, Price

_WRITE = 10  # as cost analysers weigh mutations

# One list call for 200 customers, whichever fields ask for them; one more for each that the list hides.
_CUSTOMER = Bill(loader="customer", batch=MAX_IDS, per_key=1)

# Through a customer that is known; if that one has gone, a list call for another, and that one.
_NAME = Bill(calls=3)

_CONNECTION = Price(
    slicing=("first", "last"),
    assumed=DEFAULT_SIZE,
    most=MAX_SIZE,
    sized=("edges", "nodes"),
    bill=Bill(calls=1, selected={"totalCount": 1}),
)


def prices_of(settings: Settings) -> Mapping[FieldName, Price]:
    """Gives the price of every field that has another than the default."""
    limit = settings.max_representations
    return {
        ("Query", "customer"): Price(bill=_CUSTOMER),
        ("Query", "customersByIds"): Price(slicing=("ids",), assumed=MAX_IDS, most=MAX_IDS, bill=_CUSTOMER),
        ("Query", "customers"): _CONNECTION,
        ("Query", "enterprisesByIds"): Price(slicing=("ids",), assumed=MAX_IDS, most=MAX_IDS),
        ("Query", "node"): Price(bill=_CUSTOMER),
        ("Query", "_entities"): Price(slicing=("representations",), assumed=limit, most=limit, bill=_CUSTOMER),
        ("Enterprise", "customers"): _CONNECTION,
        ("Enterprise", "name"): Price(weight=1, bill=_NAME),
        ("Customer", "balance"): Price(weight=1),  # no call: it comes with the customer
        # The write and the read that settles a doubt; its answer has no balance, which is one more read.
        ("Mutation", "createCustomer"): Price(weight=_WRITE, bill=Bill(calls=2, selected={"customer": 1})),
        # Besides, the read that makes a PUT whole.
        ("Mutation", "updateCustomer"): Price(weight=_WRITE, bill=Bill(calls=3, selected={"customer": 1})),
        ("Mutation", "deleteCustomer"): Price(weight=_WRITE, bill=Bill(calls=2)),
    }
