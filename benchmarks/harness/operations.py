"""The operations measured: documents of custgraph's schema and the variables that requests rotate through."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Any

ENTERPRISES = 20
PER_ENTERPRISE = 200
CUSTOMERS = ENTERPRISES * PER_ENTERPRISE
CALLERS = 32
"""Requests carry this many different API tokens, because a gateway may bound what one caller does at once."""

ADDRESS = (
    "{ firstName lastName phone streetAddress1 streetAddress2 postalCode locality"
    " region { code name } country { code name } latitude longitude }"
)
SCALARS = ("firstName", "lastName", "code", "email", "allowCharges", "tags", "termsAndConditionsAcceptedAt", "balance")
ALL_FIELDS = f"id enterprise {{ id }} {' '.join(SCALARS)} billingAddress {ADDRESS} shippingAddress {ADDRESS}"
FIVE_FIELDS = "id firstName lastName email balance"
LETTERS = "abcdefghij"

# Tailcall keeps JSON:API's nesting; its answers are brought to one shape before they are compared.
TAILCALL_FIVE = "id attributes { firstName lastName email balance }"
TAILCALL_ALL = (
    f"id attributes {{ enterpriseId {' '.join(SCALARS)} billingAddress {ADDRESS} shippingAddress {ADDRESS} }}"
)

Variables = dict[str, Any]


@dataclass(frozen=True)
class Operation:
    """One operation.

    Attributes:
        name: the short name that the tables use.
        title: what it does, for people.
        documents: the GraphQL documents that requests rotate through; mostly one.
        variables: the variables that requests rotate through.
        tailcall: the document for Tailcall's shape; None where Tailcall cannot serve it.
        paths: the same upstream reads as one GET each, for the pass-through proxies; empty where there is none.
    """

    name: str
    title: str
    documents: tuple[str, ...]
    variables: tuple[Variables, ...]
    tailcall: str | None = None
    paths: tuple[str, ...] = ()


def bodies(operation: Operation, dialect: str) -> list[str]:
    """The request bodies of an operation, as JSON; none where the dialect does not know it."""
    documents = operation.documents if dialect == "graphql" else (operation.tailcall,)
    if documents[0] is None:
        return []
    turns = max(len(documents), len(operation.variables))
    pairs = zip(cycle(documents), cycle(operation.variables), strict=False)
    return [
        json.dumps({"query": document, "variables": variables}, separators=(",", ":"))
        for document, variables in islice(pairs, turns)
    ]


def all_operations() -> dict[str, Operation]:
    """Every operation by name; the same ones in every run."""
    return {operation.name: operation for operation in _operations(random.Random(7))}


def _operations(rng: random.Random) -> Iterator[Operation]:
    ids = [str(rng.randint(1, CUSTOMERS)) for _ in range(200)]
    yield Operation(
        "Q1",
        "`customer(id)`, 5 fields",
        (f"query One($id: ID!) {{ customer(id: $id) {{ {FIVE_FIELDS} }} }}",),
        tuple({"id": id_} for id_ in ids),
        f"query One($id: ID!) {{ customer(id: $id) {{ {TAILCALL_FIVE} }} }}",
        tuple(f"/api/v1/customers/{id_}" for id_ in ids),
    )
    tens = [_ten_ids(rng) for _ in range(200)]
    yield Operation(
        "Q2",
        "10 aliases of `customer(id)`, 8 different ids",
        (_ten_aliases(FIVE_FIELDS),),
        tuple(dict(zip(LETTERS, ten, strict=True)) for ten in tens),
        _ten_aliases(TAILCALL_FIVE),
        tuple(_search(dict.fromkeys(ten)) for ten in tens),
    )
    yield from (_list("Q3", 50), _list("Q4", 200))
    yield Operation("Q5", "`{ __typename }`", ("{ __typename }",), ({},), "{ __typename }")
    fans = [[str(id_) for id_ in rng.sample(range(1, CUSTOMERS + 1), 200)] for _ in range(20)]
    yield Operation(
        "fanout",
        "`customersByIds` of 200 ids, 5 fields",
        (f"query Fan($ids: [ID!]!) {{ customersByIds(ids: $ids) {{ {FIVE_FIELDS} }} }}",),
        tuple({"ids": fan} for fan in fans),
        paths=tuple(_search(fan) for fan in fans),
    )
    yield Operation(
        "nested",
        "`enterprise(id)`, its connection of 20 with cursors, two fragments, a condition",
        (NESTED,),
        tuple({"id": str(e), "first": 20, "addresses": e % 2 == 0, "cursors": True} for e in range(1, ENTERPRISES + 1)),
        paths=tuple(f"/api/v1/customers?enterprise_id={e}&per_page=20" for e in range(1, ENTERPRISES + 1)),
    )
    yield Operation(
        "entities",
        "`_entities` of 50, 4 fields",
        (
            "query Entities($of: [_Any!]!) { _entities(representations: $of)"
            " { ... on Customer { id firstName lastName email } } }",
        ),
        tuple(
            {"of": [{"__typename": "Customer", "id": str(i)} for i in rng.sample(range(1, CUSTOMERS + 1), 50)]}
            for _ in range(50)
        ),
    )
    yield Operation(
        "mutation",
        "`updateCustomer`, 4 fields given",
        (
            "mutation Update($id: ID!, $input: UpdateCustomerInput!) { updateCustomer(id: $id, input: $input)"
            " { customer { id firstName lastName email } userErrors { message } } }",
        ),
        tuple(_update(int(id_)) for id_ in ids),
    )


NESTED = """
query Shop($id: ID!, $first: Int!, $addresses: Boolean!, $cursors: Boolean!) {
  enterprise(id: $id) {
    id
    customers(first: $first) {
      totalCount
      pageInfo { hasNextPage endCursor }
      edges { cursor @include(if: $cursors) node { ...Who ...Where @include(if: $addresses) tags } }
    }
  }
}
fragment Who on Customer { id name: firstName lastName email enterprise { id } }
fragment Where on Customer { billingAddress { ...Place } shippingAddress { ...Place } }
fragment Place on CustomerAddress { streetAddress1 postalCode locality country { code } }
""".strip()


def _ten_ids(rng: random.Random) -> list[str]:
    ids = [str(id_) for id_ in rng.sample(range(1, CUSTOMERS + 1), 8)]
    return [*ids, ids[0], ids[3]]


def _ten_aliases(fields: str) -> str:
    aliases = " ".join(f"{letter}: customer(id: ${letter}) {{ {fields} }}" for letter in LETTERS)
    return f"query Ten({', '.join(f'${letter}: ID!' for letter in LETTERS)}) {{ {aliases} }}"


def _search(ids: Any) -> str:
    wanted = "&".join(f"q%5Bid_in%5D%5B%5D={id_}" for id_ in ids)
    return f"/api/v1/customers?{wanted}&per_page=200&extra_fields%5Bcustomer%5D=balance"


def _list(name: str, rows: int) -> Operation:
    document = "query List($e: ID!, $first: Int!) {{ customers(enterpriseId: $e, first: $first) {{ nodes {{ {} }} }} }}"
    enterprises = range(1, ENTERPRISES + 1)
    return Operation(
        name,
        f"list of {rows}, all fields",
        (document.format(ALL_FIELDS),),
        tuple({"e": str(e), "first": rows} for e in enterprises),
        document.format(TAILCALL_ALL),
        tuple(
            f"/api/v1/customers?enterprise_id={e}&per_page={rows}&extra_fields%5Bcustomer%5D=balance"
            for e in enterprises
        ),
    )


def _update(id_: int) -> Variables:
    """An update to the values that the customer has: the upstream stores nothing, and every answer stays true."""
    enterprise = (id_ - 1) // PER_ENTERPRISE + 1
    given = {"enterpriseId": str(enterprise), "email": f"alice{id_}@example.com"}
    return {"id": str(id_), "input": {**given, "firstName": f"Alice{id_}", "lastName": "Springs"}}
