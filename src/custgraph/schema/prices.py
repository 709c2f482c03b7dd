"""What fields cost at most: one table for the limiter and for the directives in the SDL.

Weights are those of IBM's GraphQL cost directives: an object 1, a leaf 0, unless said here. Upstream calls are counted
as an upstream that searches answers them; retries are not.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from custgraph.schema.ids import MAX_IDS
from custgraph.schema.pagination import DEFAULT_SIZE
from custgraph.steps import Bill, FieldName, Price

_WRITE = 10  # as cost analysers weigh mutations

# One list call for 200 customers, and a call for each that the list hides.
_CUSTOMER = Bill(loader="customer", per_key=1)

_CONNECTION = Price(
    slicing=("first", "last"),
    assumed=DEFAULT_SIZE,
    sized=("edges", "nodes"),
    bill=Bill(calls=1, selected={"totalCount": 1}),
)

PRICES: Mapping[FieldName, Price] = MappingProxyType(
    {
        ("Query", "customer"): Price(bill=_CUSTOMER),
        ("Query", "customersByIds"): Price(slicing=("ids",), assumed=MAX_IDS, bill=_CUSTOMER),
        ("Query", "customers"): _CONNECTION,
        ("Query", "enterprisesByIds"): Price(slicing=("ids",), assumed=MAX_IDS),
        ("Query", "node"): Price(bill=_CUSTOMER),
        ("Query", "_entities"): Price(slicing=("representations",), assumed=MAX_IDS, bill=_CUSTOMER),
        ("Enterprise", "customers"): _CONNECTION,
        # Through a known customer, else a list call that finds one and a call that shows it.
        ("Enterprise", "name"): Price(weight=1, bill=Bill(calls=3)),
        # Comes with the record; the upstream computes it from all orders.
        ("Customer", "balance"): Price(weight=1),
        # The write, and the read that settles a doubt; the answer has no balance, which is then one more read.
        ("Mutation", "createCustomer"): Price(weight=_WRITE, bill=Bill(calls=2, selected={"customer": 1})),
        # Besides, the read that fills up a whole PUT.
        ("Mutation", "updateCustomer"): Price(weight=_WRITE, bill=Bill(calls=3, selected={"customer": 1})),
        ("Mutation", "deleteCustomer"): Price(weight=_WRITE, bill=Bill(calls=2)),
    }
)
