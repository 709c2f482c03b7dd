"""What becomes of values: as graphql-core writes them, or graphql-core does it."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from custgraph.errors import Forbidden
from support.toy import Toy
from support.toyschema import Author, Book, Context, Imprint, Mood

AT = datetime(2022, 3, 12, 15, 55, tzinfo=timezone(timedelta(hours=11)))
ALL = """{
  book(id: 1) {
    kind: __typename id title subtitle pages rating mood printedAt tags grid shout price
    author { ...A } coauthors { ...A }
  }
}
fragment A on Author { id name __typename }"""

GOOD = [
    Book(1),
    Book(2**62, "", "", 0, 0.0, Mood.GRUMPY, AT, ["a", "b"], [], Author(1, None), [], Decimal("1.50")),
    Book(1, rating=-1e308, grid=[[1, None], []], coauthors=[Author(1, "A"), Author(2, None)], tags=[""]),
    Book(1, pages=2**31 - 1, rating=5e-324, mood=Mood.CALM),
    Book(1, pages=-(2**31)),
    None,
]
UNUSUAL: list[Any] = [
    Book(None),  # type: ignore[arg-type]  # as all below, not what the class promises
    Book(1, None),  # type: ignore[arg-type]
    Book(1, pages=2**31),
    Book(1, pages=None),  # type: ignore[arg-type]
    Book(1, rating=float("nan")),
    Book(1, rating=float("-inf")),
    Book(1, tags=None),  # type: ignore[arg-type]
    Book(1, tags=["a", None]),  # type: ignore[list-item]
    Book(1, coauthors=[Author(1, "A"), None]),  # type: ignore[list-item]
    Book(1, coauthors=[Book(1)]),  # type: ignore[list-item]
    Book(1, coauthors=[Author(1, "A"), Forbidden()]),  # type: ignore[list-item]
    Book(1, mood="sulky"),  # type: ignore[arg-type]
    Book(1, printed_at="yesterday"),  # type: ignore[arg-type]
    Author(1, "a writer is no book"),
    Forbidden(),
    object(),
    7,
    "a book",
    [Book(1)],
    {"id": 1, "title": "Emma"},
    UNSET,
]


@pytest.mark.parametrize("value", GOOD, ids=repr)
async def test_what_a_record_promises_is_written_as_graphql_core_writes_it(value: Any) -> None:
    toy = Toy()
    await toy.both(ALL, values={"book 1": value})
    assert toy.fell_back == 0


@pytest.mark.parametrize("value", UNUSUAL, ids=repr)
async def test_anything_unusual_is_left_to_graphql_core(value: Any) -> None:
    toy = Toy()
    await toy.both(ALL, values={"book 1": value})
    assert toy.fell_back == 1


@pytest.mark.parametrize(
    ("value", "gives_up"),
    [
        ([], False),
        (None, True),
        ([None], False),
        ([Book(1), None, Book(2)], False),
        ((Book(1), Book(2)), False),
        ({Book(1).title: Book(1)}, True),
        ([Book(1), Author(1, None)], True),
        ([Book(1), Forbidden(), Book(3)], True),
        (Book(1), True),
    ],
)
async def test_lists(value: Any, *, gives_up: bool) -> None:
    toy = Toy()
    await toy.both('{ books(ids: ["1"]) { id title } }', values={"books 1": value})
    assert toy.fell_back == gives_up


async def test_an_iterator_is_left_to_graphql_core_untouched() -> None:
    toy = Toy()
    context = Context(values={"books 1": iter([Book(1), Book(2)])})
    result = await toy.planned('{ books(ids: ["1"]) { id } }', context=context)
    assert (result.data, toy.fell_back) == ({"books": [{"id": "1"}, {"id": "2"}]}, 1)


@pytest.mark.parametrize(
    ("value", "gives_up"),
    [
        ("done", False),
        ("", False),
        (None, True),
        (7, False),
        (True, False),
        (1.5, False),
        (Decimal("1.50"), False),
        (b"bytes", True),
        (["a"], True),
        (Forbidden(), True),
        (ValueError("a value, not raised"), True),
    ],
)
async def test_leaves_that_a_read_brings(value: Any, *, gives_up: bool) -> None:
    toy = Toy()
    await toy.both("{ late }", values={"late 0": value})
    assert toy.fell_back == gives_up


async def test_abstract_types_are_told_apart_by_their_records() -> None:
    toy = Toy()
    query = """{
      anything { __typename ... on Thing { id } ... on Book { title shout } ... on Author { name books { id } } }
      thing(id: 11) { id ... on Book { title } ... on Author { name } }
    }"""
    result = await toy.both(query)
    assert result.data is not None
    assert result.data["thing"] == {"id": "11", "name": "Jane"}
    assert toy.fell_back == 0
    await toy.both(query, values={"anything": [Book(1), "a stranger"]})
    assert toy.fell_back == 1


async def test_keys_come_in_the_order_of_the_document_whatever_comes_first() -> None:
    toy = Toy()
    result = await toy.both(
        """{ z: late version ...F book(id: 1) { sequel { id } title: subtitle a: id } a: __typename }
        fragment F on Query { book(id: 1) { title: subtitle id } late(after: 1) }"""
    )
    assert result.data is not None
    assert list(result.data) == ["z", "version", "book", "late", "a"]
    assert list(result.data["book"]) == ["title", "id", "sequel", "a"]


@given(st.datetimes(timezones=st.timezones()), st.decimals(allow_nan=False, allow_infinity=False), st.floats())
async def test_scalars_are_written_by_the_schemas_own_functions(at: datetime, amount: Decimal, rating: float) -> None:
    await Toy().both(ALL, values={"book 1": Book(1, printed_at=at, price=amount, rating=rating)})


@pytest.mark.parametrize(
    "selection",
    [
        "name code share",
        "code name",
        "code name share __typename",
        "kind: __typename code name share",
        "code: name name: code share",
        "c: code n: name s: share",
        "code name share",
        "...F share",
    ],
)
@pytest.mark.parametrize("imprint", [Imprint("P", None, 1.0), Imprint(None, None, None), None])
async def test_records_that_are_written_as_they_are(selection: str, imprint: Imprint | None) -> None:
    query = (
        "{ book(id: 1) { imprint { "
        + selection
        + " } } }"
        + (" fragment F on Imprint { code name }" if "F" in selection else "")
    )
    toy = Toy()
    result = await toy.both(query, values={"book 1": Book(1, imprint=imprint)})
    expected = await toy.generally(query, context=Context(values={"book 1": Book(1, imprint=imprint)}))
    assert json.dumps(result.data) == json.dumps(expected.data)  # in the same order, too
    assert toy.fell_back == 0
