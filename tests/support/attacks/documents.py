"""Abuses of GraphQL: documents that would cost much, and values that reach where they should not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from support.attacks.attack import Attack
from support.attacks.requests import MAX_BODY, post

TOO_COMPLEX = frozenset({"QUERY_TOO_COMPLEX"})
NOT_VALID = frozenset({"GRAPHQL_VALIDATION_FAILED"})
REFUSED = frozenset({"QUERY_TOO_COMPLEX", "GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED", "BAD_USER_INPUT"})

IDS = [
    "1/../../../admin",
    "..",
    "%2e%2e",
    "1?token=x",
    "1#f",
    "1;a",
    "1\r\nX: y",
    "//evil",
    "http://evil/",
    "\uff11",
    "",
    "1" + "0" * 30,
    "-1",
    " 1",
    "1 ",
    "+1",
    "01",
    "0",
    "1e3",
    "1\0",
]


def all_documents() -> list[Attack]:
    """All of them."""
    return [
        *(_attack(name, document, REFUSED) for name, document in costly().items()),
        *(_attack(name, document, TOO_COMPLEX) for name, document in over_a_limit().items()),
        *(_attack(name, document, NOT_VALID) for name, document in invalid().items()),
        *values(),
    ]


def _attack(name: str, document: str, codes: frozenset[str], variables: Any = None) -> Attack:
    body = msgspec.json.encode({"query": document, "variables": variables})
    if len(body) > MAX_BODY:
        return Attack(f"document: {name}", post(body), frozenset({413}), frozenset({"BODY_TOO_LARGE"}))
    return Attack(f"document: {name}", post(body), frozenset({400}), codes)


def doubling(levels: int) -> str:
    """Each fragment spreads the next one twice."""
    steps = [f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(levels)]
    return " ".join(["{ ...F0 }", *steps, f"fragment F{levels} on Query {{ __typename }}"])


def nested(levels: int) -> str:
    """Enterprises of customers of enterprises …"""
    return "{ enterprise(id: 1) " + "{ customers { nodes { enterprise " * levels + "{ id }" + " } } }" * levels + " }"


def costly() -> dict[str, str]:
    """Small to send, and dear to whoever expands, nests, validates or compares without a limit."""
    return {
        "18 doubling fragments": doubling(18),
        "27 doubling fragments": doubling(27),
        "80 doubling fragments": doubling(80),
        "3,000 levels": nested(750),
        "a list 10,000 deep": "{ customersByIds(ids: " + "[" * 10_000 + "]" * 10_000 + ") { id } }",
        "an object 2,000 deep": "{ customers(filter: " + "{ids:" * 2_000 + "1" + "}" * 2_000 + ") { totalCount } }",
        "200 by 100 inline fragments": "{" + (" ... on Query {" * 100 + "__typename" + "}" * 100) * 200 + "}",
        "1,000 times __typename": "{" + " __typename" * 1_000 + "}",
        "100,000 comments": "#\n" * 100_000 + "{ __typename }",
        "5,000 comments": "#\n" * 5_000 + "{ __typename }",
        "10,000 fields that are not there": "{" + " ".join(f"f{n}" for n in range(10_000)) + "}",
        "900 fields that are not there": "{" + " ".join(f"f{n}" for n in range(900)) + "}",
        "2,000 variables": "query(" + " ".join(f"$v{n}: Int" for n in range(2_000)) + ") { __typename }",
        "300 unused variables": "query(" + " ".join(f"$v{n}: Int" for n in range(300)) + ") { __typename }",
        "1,000 directives": "{ __typename" + " @include(if: true)" * 1_000 + " }",
        "300 directives on one fragment": "{ ..." + " @skip(if: false)" * 300 + " { __typename } }",
        "a string of 200 KB": '{ customers(search: "' + "x" * 200_000 + '") { totalCount } }',
        "fields that overlap": "{" + " customers(first: 1) { nodes { id } }" * 90 + "}",
        "a field of 90 names that clash": "{ customers {"
        + " ".join(f"a: totalCount(x: {n})" for n in range(90))
        + "} }",
        "fragments that run in a circle": "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
        "a fragment of itself": "{ ...A } fragment A on Query { a: __typename ...A }",
        "a number of 5,000 digits": "{ customers(first: " + "7" * 5_000 + ") { totalCount } }",
        "100 operations of one fragment": " ".join(f"query Q{n} {{ ...F }}" for n in range(200)) + _WIDE,
        "introspection in circles": "{ __schema { types {" + " fields { type {" * 9 + "name" + "} }" * 9 + "} } }",
        "nothing but braces": "{" * 16_000,
        "nothing but brackets": "[" * 16_000,
        "half a document": "{ customer(id: 1",
        "NUL": "{ __typename \0 }",
    }


_WIDE = " fragment F on Query {" + " ".join(f"a{n}: __typename" for n in range(25)) + "}"


def over_a_limit() -> dict[str, str]:
    """One more than may be, straight and by detours."""
    half = " ".join(f"a{n}: __typename" for n in range(16))
    other = " ".join(f"b{n}: __typename" for n in range(16))
    deep = "{ customers { nodes { enterprise " * 5 + "{ id }" + " } } }" * 5
    lists = "customers(first: 200) { nodes { enterprise { customers { totalCount } } } }"
    return {
        "31 aliases": "{" + " ".join(f"a{n}: __typename" for n in range(31)) + "}",
        "32 aliases in two fragments": (
            f"{{ ...A ...B }} fragment A on Query {{ {half} }} fragment B on Query {{ {other} }}"
        ),
        "32 aliases of one fragment, spread twice": (
            f"{{ a: enterprise(id: 1) {{ ...E }} b: enterprise(id: 2) {{ ...E }} }} "
            f"fragment E on Enterprise {{ {half} }}"
        ),
        "31 root fields": "{" + " ".join(f"a{n}: enterprise(id: {n + 1}) {{ id }}" for n in range(31)) + "}",
        "too deep": "{ enterprise(id: 1) " + deep + "}",
        "too deep through a fragment": "{ enterprise(id: 1) { ...E } } fragment E on Enterprise " + deep,
        "too deep through a fragment with a reserved name": (
            "{ enterprise(id: 1) { ...__schema } } fragment __schema on Enterprise " + deep
        ),
        "too deep through a fragment used higher up, too": (
            "{ a: enterprise(id: 1) { ...E } enterprise(id: 1) { customers { nodes { enterprise { ...E } } } } } "
            "fragment E on Enterprise " + "{ customers { nodes { enterprise " * 4 + "{ id }" + " } } }" * 4
        ),
        "hundreds of list calls": "{" + " ".join(f"a{n}: {lists}" for n in range(5)) + "}",
        "introspection that is too deep": (
            "{ __schema { types { fields { type {" + " ofType {" * 13 + " name" + " }" * 13 + " } } } } }"
        ),
    }


def invalid() -> dict[str, str]:
    """What the schema does not have."""
    return {
        "@defer": "{ ... @defer { __typename } }",
        "@stream": "{ customers { nodes @stream { id } } }",
        "an unknown fragment": "{ ...Nothing }",
        "a subscription": "subscription { __typename }",
    }


def values() -> Iterator[Attack]:
    """Arguments that are out of bounds: the field is refused, and nothing is asked of the upstream for it."""
    codes = frozenset({"BAD_USER_INPUT"})

    def attack(name: str, document: str, variables: Any = None) -> Attack:
        body = msgspec.json.encode({"query": document, "variables": variables})
        return Attack(f"value: {name}", post(body), frozenset({200, 400}), codes)

    for bad in IDS:
        yield attack(f"customer {bad!r}", "query($id: ID!) { customer(id: $id) { id } }", {"id": bad})
    yield attack("a write to 1/../2", 'mutation { deleteCustomer(id: "1/../2") { deletedCustomerId } }')
    yield attack("201 ids", "query($ids: [ID!]!) { customersByIds(ids: $ids) { id } }", {"ids": list(range(1, 202))})
    yield attack("first: 201", "{ customers(first: 201) { nodes { id } } }")
    yield attack("first: -1", "{ customers(first: -1) { nodes { id } } }")
    yield attack("first and last", "{ customers(first: 1, last: 1) { nodes { id } } }")
    yield attack("a cursor of somebody else", '{ customers(after: "eHh4") { nodes { id } } }')
    yield attack("a number where text is asked", "query($a: String) { customers(search: $a) { totalCount } }", {"a": 1})
    yield attack("an id of an object", "query($id: ID!) { customer(id: $id) { id } }", {"id": {"a": 1}})
    yield attack("a variable left out", "query($id: ID!) { customer(id: $id) { id } }")
