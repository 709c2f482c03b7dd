"""Loose JSON values, cast the way the real service casts them."""

from __future__ import annotations

import re

from .errors import Crash
from .params import bounded, to_i

_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def text_of(value: object) -> str | None:
    """A scalar as a text. What no database can store raises `Crash`, as with the real service."""
    if value is None or isinstance(value, str):
        text = value
    elif isinstance(value, bool):
        text = "t" if value else "f"
    else:
        text = str(value)
    if text is not None and _UNSTORABLE.search(text):
        raise Crash
    return text


def integer_of(value: object) -> int | None:
    """A scalar as an integer; None for null and an empty text."""
    if isinstance(value, str):
        return to_i(value) if value.strip() else None
    return bounded(int(value)) if isinstance(value, int | float) else None


def is_number(value: object) -> bool:
    """Whether a value is null, a number, or a text that says one in plain decimals."""
    if value is None:
        return True
    if isinstance(value, bool):
        return False
    return isinstance(value, int | float) or bool(_NUMBER.fullmatch(str(value)))
