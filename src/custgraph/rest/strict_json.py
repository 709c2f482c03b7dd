"""JSON read by the strictest of readings, at leisure: what the fast decoders are measured against."""

from __future__ import annotations

import json
import math
from decimal import Decimal
from typing import Any

MAX_DEPTH = 32
MAX_DIGITS = 64  # of one integer


class NotStrictJson(ValueError):
    """The text is not JSON that every reader reads alike."""


def loads(text: bytes) -> Any:
    """Reads one JSON text; numbers with a point or an exponent come as `Decimal`, exact.

    Raises:
        NotStrictJson: not UTF-8, a byte order mark, trailing text, a name twice in an object, NaN or Infinity, a
            number of too many digits, half a surrogate pair, a control character in a string, or nesting deeper
            than `MAX_DEPTH`.
    """
    try:
        value = json.loads(
            text.decode("utf-8"),
            object_pairs_hook=_object,
            parse_constant=_constant,
            parse_float=_decimal,
            parse_int=_integer,
        )
    except NotStrictJson:
        raise
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise NotStrictJson(type(error).__name__) from None  # its own text may quote the answer
    _check_values(value)
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise NotStrictJson("a name twice in one object")
    return members


def _constant(name: str) -> Any:
    raise NotStrictJson(f"{name} is not JSON")


def _decimal(digits: str) -> Decimal:
    number = Decimal(digits)
    if math.isinf(float(number)):
        raise NotStrictJson("a number out of reach")
    return number


def _integer(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise NotStrictJson("a number of too many digits")
    return int(digits)


def _check_values(value: Any) -> None:
    """Walks level by level, so that no nesting can exhaust the stack."""
    level = [value]
    for depth in range(MAX_DEPTH + 1):
        below: list[Any] = []
        for item in level:
            if depth == MAX_DEPTH and type(item) in (dict, list):
                raise NotStrictJson("nested too deep")
            if type(item) is dict:
                below += item.keys()
                below += item.values()
            elif type(item) is list:
                below += item
            elif type(item) is str and not _is_text(item):
                raise NotStrictJson("half a surrogate pair")
        if not below:
            return
        level = below


def _is_text(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
