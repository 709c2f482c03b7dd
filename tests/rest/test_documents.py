"""Documents to records: the table of odd values, and that the fast way and the careful way never differ."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import UNSET

from custgraph import strict_json
from custgraph.rest.careful import BadDocument, read_customer, read_enterprise, read_rows
from custgraph.rest.documents import Tally, decode_customer, decode_rows
from custgraph.rest.records import Customer, Enterprise
from custgraph.rest.resources import decode_many, decode_one
from support.documents import ADDRESS, compact, many, one, resource
from support.oddjson import odd_texts


def test_every_attribute_is_there() -> None:
    customer = decode_customer(compact(one(7, balance=12.5, billing_address=None)))
    shipping = customer.shipping_address
    assert shipping is not None
    assert {name: getattr(customer, name) for name in Customer.__struct_fields__ if name != "shipping_address"} == {
        "id": 7,
        "enterprise_id": 2,
        "first_name": "Alice",
        "last_name": "Springs",
        "code": "BUYER1",
        "email": "alice7@example.com",
        "allow_charges": False,
        "tags": ["staff", "discount"],
        "terms_and_conditions_accepted_at": datetime(2022, 3, 12, 15, 55, tzinfo=timezone(timedelta(hours=11))),
        "billing_address": None,
        "balance": Decimal("12.5"),
    }
    assert (shipping.latitude, shipping.longitude, shipping.postal_code) == (-37.8173751, 144.964803195704, "1234")
    assert (shipping.region and shipping.region.code, shipping.country and shipping.country.name) == (
        "Vic",
        "Australia",
    )


def test_a_balance_that_is_not_there_is_unset() -> None:
    assert decode_customer(compact(one())).balance is UNSET


@pytest.mark.parametrize("text", ["12.50", "0", "-0.01", "1234567890123.45", '"7.10"', "5", "1e2"])
def test_a_balance_is_exact(text: str) -> None:
    body = compact(one(balance="B")).replace(b'"B"', text.encode())
    assert str(decode_customer(body).balance) == str(Decimal(json.loads(text, parse_float=Decimal)))


@pytest.mark.parametrize(
    "text", ["null", "true", '""', '"x"', '"NaN"', '"Infinity"', "1e99", '"1e-99"', "[]", "9" * 70, "0." + "1" * 70]
)
def test_a_balance_that_is_no_amount_is_refused(text: str) -> None:
    body = compact(one(balance="B")).replace(b'"B"', text.encode())
    with pytest.raises(BadDocument):
        decode_customer(body)


@pytest.mark.parametrize(
    ("text", "degrees"),
    [("-37.8", -37.8), ('"-37.8"', -37.8), ("144", 144.0), ('"144"', 144.0), ("null", None), ('"1.5e1"', 15.0)],
)
def test_degrees_are_numbers_or_numeric_text(text: str, degrees: float | None) -> None:
    body = compact(one(shipping_address={**ADDRESS, "latitude": "L"})).replace(b'"L"', text.encode())
    address = decode_customer(body).shipping_address
    assert address is not None
    assert (address.latitude, type(address.latitude)) == (degrees, type(degrees))


@pytest.mark.parametrize(
    "text", ['""', '"x"', '"NaN"', '"1e999"', '" 1"', '"1_0"', '"\u0661"', "true", "[]", "1e999", "NaN", '"0x10"']
)
def test_degrees_that_are_no_number_are_refused(text: str) -> None:
    body = compact(one(shipping_address={**ADDRESS, "latitude": "L"})).replace(b'"L"', text.encode())
    with pytest.raises(BadDocument):
        decode_customer(body)


def test_members_missing_in_an_address_are_null() -> None:
    customer = decode_customer(compact(one(shipping_address={"locality": "Melbourne", "region": {}})))
    address = customer.shipping_address
    assert address is not None
    assert (address.locality, address.phone, address.country) == ("Melbourne", None, None)
    assert address.region is not None
    assert (address.region.code, address.region.name) == (None, None)


UNKNOWN_MEMBERS = {
    "at the top": {**one(), "jsonapi": {"version": "1.0"}},
    "in the resource": {"data": {**resource(), "links": {"self": "x"}}},
    "in the attributes": one(notes="some", more={"a": [1]}),
    "in an address": one(shipping_address={**ADDRESS, "fax": None}),
    "in a place": one(shipping_address={**ADDRESS, "region": {"code": "a", "name": "b", "id": 3}}),
    "no relationships": {"data": {k: v for k, v in resource().items() if k != "relationships"}},
    "meta and links": {**one(), "meta": {}, "links": {"self": "x,y", "z": {"href": "a:b"}}},
}


@pytest.mark.parametrize("document", UNKNOWN_MEMBERS.values(), ids=UNKNOWN_MEMBERS)
def test_what_is_not_known_does_no_harm(document: dict[str, Any]) -> None:
    assert decode_customer(compact(document)).email == "alice1@example.com"


BAD = {
    "another type": {"data": {**resource(), "type": "order"}},
    "two ids": {"data": {**resource(), "id": "77"}},
    "an id that is a number": {"data": {**resource(), "id": 1}},
    "id zero": one(0),
    "a negative id": one(-1),
    "an id out of reach": one(2**63),
    "an id as text": one(id="1"),
    "no email": one(email=None),
    "tags that are null": one(tags=None),
    "tags that are text": one(tags="a"),
    "a tag that is null": one(tags=[None]),
    "charges as text": one(allow_charges="true"),
    "charges as a number": one(allow_charges=1),
    "a name that is a number": one(first_name=1),
    "a moment without its offset": one(terms_and_conditions_accepted_at="2022-03-12T15:55:00"),
    "a moment that is none": one(terms_and_conditions_accepted_at="yesterday"),
    "a moment as a number": one(terms_and_conditions_accepted_at=1_600_000_000),
    "an address that is a list": one(shipping_address=[]),
    "a region that is text": one(shipping_address={**ADDRESS, "region": "Vic"}),
    "a name over 64 KiB": one(first_name="n" * 65_537),
    "another enterprise's relationship": {
        "data": {**resource(), "relationships": {"enterprise": {"data": {"id": "3", "type": "enterprise"}}}}
    },
    "a list": {"data": [resource()]},
    "null": {"data": None},
    "text": {"data": "x"},
    "nothing": {},
    "an array": [],
    "a number": 1,
}


@pytest.mark.parametrize("document", BAD.values(), ids=BAD)
def test_one_bad_document_is_refused(document: Any) -> None:
    with pytest.raises(BadDocument):
        decode_customer(compact(document))


@pytest.mark.parametrize(
    "row", [v["data"] for v in BAD.values() if type(v) is dict and type(v.get("data")) is dict] + [None, 1, "x", []]
)
def test_one_bad_row_costs_that_row(row: Any) -> None:
    rows = decode_rows(compact(many(resource(1), row, resource(3))))
    assert [record and record.id for record in rows.records] == [1, None, 3]
    assert (rows.sound, rows.total) == (False, 3)


@pytest.mark.parametrize("count", [0, 1, 2, 50])
def test_a_list_has_its_rows_in_order_and_its_total(count: int) -> None:
    rows = decode_rows(compact(many(*map(resource, range(1, count + 1)), total=250)))
    assert [record and record.id for record in rows.records] == list(range(1, count + 1))
    assert (rows.sound, rows.total) == (True, 250)


@pytest.mark.parametrize("meta", [{}, {"pagination": None}, {"pagination": {"results": None}}])
def test_a_total_that_is_not_said_is_none(meta: dict[str, Any]) -> None:
    assert decode_rows(compact({**many(resource()), "meta": meta})).total is None
    assert decode_rows(compact({"data": [resource()]})).total is None


@pytest.mark.parametrize("results", ["3", -1, 1.5, True, [], 2**63])
def test_a_total_that_is_no_count_is_refused(results: Any) -> None:
    with pytest.raises(BadDocument):
        decode_rows(compact({**many(resource()), "meta": {"pagination": {"results": results}}}))


def included(*resources: Any) -> dict[str, Any]:
    return {**one(5), "included": list(resources)}


FARM = {"id": "2", "type": "enterprise", "attributes": {"id": 2, "name": "The Farm"}}


def test_an_included_enterprise_is_told() -> None:
    other = {"id": "9", "type": "enterprise", "attributes": {"id": 9, "name": "Other"}}
    thing = {"id": "1", "type": "order"}
    assert read_enterprise(compact(included(other, thing, FARM)))[1] == Enterprise(2, "The Farm")


@pytest.mark.parametrize("document", [one(5), included()], ids=["not included", "empty"])
def test_an_enterprise_not_included_is_none(document: dict[str, Any]) -> None:
    customer, enterprise = read_enterprise(compact(document))
    assert (customer.id, enterprise) == (5, None)


@pytest.mark.parametrize("item", [{**FARM, "id": "3"}, {**FARM, "attributes": {}}, {"type": "enterprise"}])
def test_an_unsound_enterprise_is_refused(item: dict[str, Any]) -> None:
    with pytest.raises(BadDocument):
        read_enterprise(compact(included(item)))


# The fast way against the careful one, over texts that a tidy writer would not write.

TEXT = st.text(max_size=6) | st.sampled_from(["a,b", 'a":b', '","x":"', "\\", "\ud83d\ude00", '{"a":1}', "12:00", "\0"])
DEGREES = st.none() | st.floats(-180, 180) | st.integers(-180, 180) | st.sampled_from(["1.5", "x", ""])
PLACE = st.none() | st.fixed_dictionaries({"code": st.none() | TEXT, "name": st.none() | TEXT})
ADDRESSES = st.none() | st.fixed_dictionaries(
    {
        **{name: st.none() | TEXT for name in ADDRESS if name not in ("latitude", "longitude", "region", "country")},
        "latitude": DEGREES,
        "longitude": DEGREES,
        "region": PLACE,
        "country": PLACE,
    }
)
RESOURCES = st.builds(
    lambda customer_id, attributes: resource(customer_id, **attributes),
    st.integers(1, 9),
    st.fixed_dictionaries(
        {
            "first_name": st.none() | TEXT,
            "tags": st.lists(TEXT, max_size=3),
            "billing_address": ADDRESSES,
            "terms_and_conditions_accepted_at": st.sampled_from(
                [None, "2022-03-12T15:55:00Z", "2022-03-12T15:55:00+1100"]
            ),
        },
        optional={"balance": st.integers(-5, 5) | st.sampled_from([1.25, "1.25", "NaN", None]), "notes": TEXT},
    ),
)
EXTRAS = st.fixed_dictionaries(
    {}, optional={"meta": st.dictionaries(TEXT, st.integers(), max_size=2), "links": st.dictionaries(TEXT, TEXT)}
)


ONE = st.builds(lambda data, extras: {"data": data, **extras}, RESOURCES, EXTRAS)
MANY = st.builds(lambda data, extras: {"data": data, **extras}, st.lists(RESOURCES, max_size=4), EXTRAS)


def outcome(decode: Any, body: bytes) -> Any:
    try:
        return decode(body)
    except BadDocument:
        return BadDocument


@settings(max_examples=200)
@given(odd_texts(ONE))
def test_both_ways_make_the_same_of_one(body: bytes) -> None:
    assert outcome(decode_customer, body) == outcome(read_customer, body)


@settings(max_examples=150)
@given(odd_texts(MANY))
def test_both_ways_make_the_same_of_many(body: bytes) -> None:
    assert outcome(decode_rows, body) == outcome(read_rows, body)


@settings(max_examples=150)
@given(odd_texts(ONE))
def test_nothing_is_accepted_that_strict_json_refuses(body: bytes) -> None:
    try:
        strict_json.loads(body)
    except strict_json.NotStrictJson:
        assert outcome(decode_customer, body) is BadDocument


@pytest.mark.parametrize("text", ["Alice", "a, b", "a: b", '"a":'])
def test_the_fast_way_is_the_usual_way(text: str) -> None:
    """The samples, and those with commas, colons and quotes in their texts, need no careful reading."""
    row = resource(first_name=text, balance=1.5)
    around: list[dict[str, Any]] = [{}, {"meta": {}}, {"meta": {}, "links": {}}]
    for meta in around:
        body = compact({"data": row, **meta})
        tally = Tally()
        assert tally.add_rows([decode_one(body).data], brief=False)
        tally.add_one(decode_one(body))
        assert tally.agrees_with(body)
    for document in (many(), many(row), many(row, row)):
        without_links = {name: member for name, member in document.items() if name != "links"}
        for body in map(compact, (document, without_links)):
            tally = Tally()
            assert tally.add_rows(decode_many(body).data, brief=False)
            tally.add_list(decode_many(body))
            assert tally.agrees_with(body)


@pytest.mark.parametrize("oddity", ['"meta":{"x":1e999}', '"links":{"x":"\\ud800"}', '"links":{"x":{"y":1,"y":2}}'])
def test_a_lone_member_that_is_not_known_is_read_with_care(oddity: str) -> None:
    for document, decode, read in ((one(), decode_customer, read_customer), (many(), decode_rows, read_rows)):
        around = {name: member for name, member in document.items() if name == "data"}
        if decode is decode_rows and "meta" not in oddity:
            around["meta"] = document["meta"]
        body = compact(around)[:-1] + f",{oddity}}}".encode()
        assert outcome(decode, body) == outcome(read, body) == BadDocument


@pytest.mark.parametrize("text", ["1e999", "-1e999", "1e10"])
def test_degrees_out_of_reach_are_the_same_both_ways(text: str) -> None:
    body = compact(one(shipping_address={**ADDRESS, "latitude": "L"})).replace(b'"L"', text.encode())
    assert outcome(decode_customer, body) == outcome(read_customer, body)


@given(st.lists(st.tuples(st.integers(1, 2), st.integers(1, 2)), max_size=6), st.booleans())
def test_each_row_is_related_to_its_own_enterprise(enterprises: list[tuple[int, int]], wordy: bool) -> None:
    """Relationships are the same text in many rows, and are read once for each enterprise."""
    rows = []
    for customer_id, (enterprise_id, related_id) in enumerate(enterprises, 1):
        row = resource(customer_id, enterprise_id=enterprise_id)
        row["relationships"] = resource(enterprise_id=related_id)["relationships"]
        if wordy and customer_id % 2:
            row["relationships"]["enterprise"]["links"]["related"] += "?"
        rows.append(row)
    body = compact(many(*rows))
    assert decode_rows(body) == read_rows(body)
    assert decode_rows(body).sound == all(enterprise == related for enterprise, related in enterprises)
