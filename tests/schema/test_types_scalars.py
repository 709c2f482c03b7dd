"""Decimals and moments, as they are written."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from graphql import GraphQLError, is_scalar_type, is_specified_scalar_type
from hypothesis import given
from hypothesis import strategies as st

from custgraph.config import Settings
from custgraph.schema import build_blueprint
from custgraph.schema.scalars import DATE_TIME, DECIMAL, write_date_time, write_decimal

OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
# The grammar of the scalar's specification: three digits of a second, `Z` for UTC.
DATE_TIME_TEXT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(Z|[+-]\d\d:\d\d)")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("12.50", "12.50"),
        ("-0.00", "-0.00"),
        ("1E+3", "1000"),
        ("1E-7", "0.0000001"),
        ("123456789012345678.901", "123456789012345678.901"),
    ],
)
def test_a_decimal_keeps_every_digit_and_has_no_exponent(value: str, text: str) -> None:
    assert write_decimal(Decimal(value)) == text


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_a_decimal_reads_back_as_it_was(value: Decimal) -> None:
    text = write_decimal(value)
    assert "E" not in text
    assert Decimal(text) == value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (datetime(2022, 3, 12, 15, 55, tzinfo=timezone(timedelta(hours=11))), "2022-03-12T15:55:00.000+11:00"),
        (datetime(2022, 3, 12, 15, 55, 1, 20_999, tzinfo=UTC), "2022-03-12T15:55:01.020Z"),
        (datetime(2022, 3, 12, tzinfo=timezone(timedelta(hours=-3, minutes=-30))), "2022-03-12T00:00:00.000-03:30"),
    ],
)
def test_a_moment_has_milliseconds_and_its_offset(value: datetime, text: str) -> None:
    assert write_date_time(value) == text


@given(st.datetimes(min_value=datetime(1000, 1, 1), timezones=OFFSETS))  # noqa: DTZ001 - the offset comes with it
def test_a_moment_reads_back_to_the_millisecond(value: datetime) -> None:
    text = write_date_time(value)
    assert DATE_TIME_TEXT.fullmatch(text)
    again = datetime.fromisoformat(text)
    assert again.utcoffset() == value.utcoffset()
    assert timedelta() <= value - again < timedelta(milliseconds=1)


@pytest.mark.parametrize("scalar", [DATE_TIME, DECIMAL])
def test_they_are_for_answers_alone(scalar: object) -> None:
    parse_value = scalar.parse_value  # type: ignore[attr-defined]
    with pytest.raises((ValueError, GraphQLError), match="answers"):
        parse_value("1")


def test_no_scalar_of_ours_needs_to_know_where_a_variable_came_from() -> None:
    scalars = [type_ for type_ in build_blueprint(Settings()).schema.type_map.values() if is_scalar_type(type_)]
    own = {scalar.name: scalar.coerce_input_literal for scalar in scalars if not is_specified_scalar_type(scalar)}
    assert own == {"DateTime": None, "Decimal": None, "_Any": None}
