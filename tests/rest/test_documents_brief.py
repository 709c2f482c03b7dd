"""Documents of which nobody wants the addresses: what is read of them is what would be read otherwise."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custgraph.rest.careful import BadDocument
from custgraph.rest.documents import decode_customer, decode_rows
from custgraph.rest.records import BriefCustomer, Customer
from support.documents import ADDRESS, compact, many, one, resource
from support.oddjson import odd_texts

decode_brief_customer = partial(decode_customer, brief=True)
decode_brief_rows = partial(decode_rows, brief=True)

TEXT = st.text(max_size=6) | st.sampled_from(["a,b", 'a":b', '","x":"', "\\", '{"a":1}'])
ODD_ADDRESSES = st.sampled_from(
    [
        None,
        ADDRESS,
        {**ADDRESS, "phone": "1, 2", "fax": '":'},
        {**ADDRESS, "latitude": "x"},
        {"region": {}},
        {},
        [],
        [ADDRESS],
        "text, with commas",
        7,
    ]
)
RESOURCES = st.builds(
    resource,
    st.integers(1, 9),
    first_name=st.none() | TEXT,
    tags=st.lists(TEXT, max_size=3),
    billing_address=ODD_ADDRESSES,
    shipping_address=ODD_ADDRESSES,
)


def outcome(decode: Any, body: bytes) -> Any:
    try:
        return decode(body)
    except BadDocument:
        return BadDocument


def read(customer: Customer | None) -> dict[str, Any] | None:
    """All that a caller may look at."""
    names = [name for name in Customer.__struct_fields__ if not name.endswith("_address")]
    return None if customer is None else {name: getattr(customer, name) for name in names}


def without_addresses(row: dict[str, Any]) -> dict[str, Any]:
    attributes = {**row["attributes"], "billing_address": None, "shipping_address": None}
    return {**row, "attributes": attributes}


@settings(max_examples=200)
@given(odd_texts(st.builds(lambda data: {"data": data}, RESOURCES)))
def test_what_a_whole_reading_takes_is_the_same(body: bytes) -> None:
    whole, brief = outcome(decode_customer, body), outcome(decode_brief_customer, body)
    if whole is not BadDocument:
        assert read(brief) == read(whole)


@settings(max_examples=150)
@given(odd_texts(st.builds(lambda rows: many(*rows), st.lists(RESOURCES, max_size=4))))
def test_what_a_whole_reading_takes_of_a_list_is_the_same(body: bytes) -> None:
    whole, brief = outcome(decode_rows, body), outcome(decode_brief_rows, body)
    if whole is not BadDocument and whole.sound:
        assert list(map(read, brief.records)) == list(map(read, whole.records))
        assert (brief.total, brief.pages, brief.sound) == (whole.total, whole.pages, True)


@given(RESOURCES)
def test_only_an_address_can_be_at_fault_unnoticed(row: dict[str, Any]) -> None:
    without = decode_customer(compact({"data": without_addresses(row)}))
    brief = outcome(decode_brief_customer, compact({"data": row}))
    [listed] = decode_brief_rows(compact(many(row))).records
    for customer in (brief, listed):
        if isinstance(customer, Customer):
            assert read(customer) == read(without)
        else:  # its texts look like members, and so it was read whole
            assert outcome(decode_customer, compact({"data": row})) is BadDocument


@pytest.mark.parametrize(
    "member",
    [
        '"first_name":"another"',
        '"billing_address":{"phone":"1, 2"}',
        '"shipping_address":null',
        '"id":9',
        '"notes":"x,y"',
    ],
)
def test_a_member_more_is_noticed(member: str) -> None:
    plain = compact(one())
    body = plain.replace(b'"first_name":', f'{member},"first_name":'.encode(), 1)
    assert not isinstance(outcome(decode_brief_customer, body), BriefCustomer)
    assert isinstance(decode_brief_customer(plain), BriefCustomer)
    rows = outcome(
        decode_brief_rows, compact(many(resource())).replace(b'"first_name":', f'{member},"first_name":'.encode())
    )
    assert rows is BadDocument or not any(isinstance(row, BriefCustomer) for row in rows.records)


@pytest.mark.parametrize("text", ["Alice", "a, b", "a: b", '"a":'])
@pytest.mark.parametrize("address", [None, ADDRESS, {**ADDRESS, "phone": '1, 2":', "locality": " "}])
def test_it_is_the_usual_way(text: str, address: Any) -> None:
    row = resource(first_name=text, balance=1.5, billing_address=address)
    assert isinstance(decode_brief_customer(compact({"data": row})), BriefCustomer)
    for document in (many(row), many(row, row)):
        rows = decode_brief_rows(compact(document)).records
        assert all(isinstance(row, BriefCustomer) for row in rows)
