"""Which amounts are believed: the usual ones, which are told at a glance, by the same rule as all others."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custgraph import strict_json
from custgraph.rest.amounts import is_amount

NUMBERS = st.decimals(allow_nan=True, allow_infinity=True) | st.builds(
    lambda digits, exponent: Decimal(f"{digits}E{exponent}"), st.integers(-(10**70), 10**70), st.integers(-70, 70)
)


@given(NUMBERS)
def test_the_rule(amount: Decimal) -> None:
    fits = amount.is_finite() and abs(amount.adjusted()) <= 20 and len(str(amount)) <= strict_json.MAX_DIGITS
    assert is_amount(amount) == fits


@pytest.mark.parametrize("text", ["0", "-99.25", "0.00", "1E+20", "9" * 20, "9" * 21, "0." + "1" * 38, "1E-20"])
def test_amounts(text: str) -> None:
    assert is_amount(Decimal(text))


@pytest.mark.parametrize("text", ["NaN", "-sNaN", "Infinity", "1E+21", "9" * 22, "1E-21", "1." + "1" * 5_000])
def test_others(text: str) -> None:
    assert not is_amount(Decimal(text))
