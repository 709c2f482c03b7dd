"""Amounts of money: which decimals are believed."""

from __future__ import annotations

from decimal import Decimal

from custgraph import strict_json


def is_amount(amount: Decimal) -> bool:
    """Says whether it is a finite number of at most some 20 digits before and 40 after the point."""
    text = str(amount)
    if len(text) <= 20 and "E" not in text:  # the usual ones, of which the rest need not be asked
        return amount.is_finite()
    return amount.is_finite() and abs(amount.adjusted()) <= 20 and len(text) <= strict_json.MAX_DIGITS
