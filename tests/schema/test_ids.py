"""Ids: only what the upstream could have given out gets through."""

from __future__ import annotations

from base64 import urlsafe_b64encode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from custgraph.errors import InvalidArgument
from custgraph.schema.ids import node_id, parse_id, parse_ids, parse_node_id

IDS = st.integers(1, 2**63 - 1)
TYPES = st.sampled_from(["Customer", "Enterprise"])
HOSTILE = (
    *("", "0", "01", "-1", "+1", " 1", "1 ", "1\n", "1.0", "1e3", "1_000", "0x1", "10" * 15),
    *("1/../2", "..", "%2e%2e", "1?x=y", "1#f", "1;a", "1\r\nX: y", "//evil", "http://evil/", "1\0"),
    *("\N{FULLWIDTH DIGIT ONE}", "\N{ARABIC-INDIC DIGIT ONE}", "1\N{COMBINING ENCLOSING KEYCAP}"),
)


@given(IDS)
def test_an_id_is_its_decimal_digits(id_: int) -> None:
    assert parse_id(str(id_), "id") == id_


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_id_is_refused(text: str) -> None:
    with pytest.raises(InvalidArgument) as refused:
        parse_id(text, "enterpriseId")
    assert refused.value.extensions == {"argument": "enterpriseId"}


@given(st.text())
def test_whatever_is_read_says_the_same_number_again(text: str) -> None:
    """No two texts are the same id, so none slips past a check or a cache that another was held against."""
    try:
        id_ = parse_id(text, "id")
    except InvalidArgument:
        assert not (text.isascii() and text.isdecimal() and text[0] != "0" and len(text) < 20)
    else:
        assert str(id_) == text


def test_200_ids_are_read_in_order_and_one_more_is_too_many() -> None:
    ids = [str(id_) for id_ in range(300, 100, -1)]
    assert parse_ids(ids, "ids") == list(range(300, 100, -1))
    with pytest.raises(InvalidArgument):
        parse_ids([*ids, "1"], "ids")


@given(TYPES, IDS)
def test_a_node_id_is_read_as_it_was_made(type_name: str, id_: int) -> None:
    assert parse_node_id(node_id(type_name, id_)) == (type_name, id_)


@given(TYPES, IDS, TYPES, IDS)
def test_a_node_id_is_one_things_alone(type_name: str, id_: int, other_name: str, other_id: int) -> None:
    same = (type_name, id_) == (other_name, other_id)
    assert (node_id(type_name, id_) == node_id(other_name, other_id)) == same


@given(st.text() | st.binary().map(lambda raw: urlsafe_b64encode(raw).decode()))
@example("1")
@example("Customer:1")
@example(node_id("Customer", 1) + "\n")
@example(node_id("Customer", 1).rstrip("="))
@example(node_id("Customer", 1)[:-1] + "\N{FULLWIDTH EQUALS SIGN}")
@example(node_id("PageInfo", 1))
@example(node_id("Customer", 0))
@example(node_id("Customer", 10**19))
@example(urlsafe_b64encode(b"Customer:01").decode())
@example(urlsafe_b64encode(b"Customer:1 ").decode())
@example(urlsafe_b64encode(b"customer:1").decode())
@example("\ud800")
def test_any_other_node_id_is_refused(text: str) -> None:
    with pytest.raises(InvalidArgument) as refused:
        parse_node_id(text)
    assert refused.value.extensions == {"argument": "nodeId"}
