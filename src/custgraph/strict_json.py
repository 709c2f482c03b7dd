"""JSON read by the strictest of readings, at leisure: what the fast decoders are measured against."""

from __future__ import annotations

import json
import math
from decimal import Decimal
from typing import Any

MAX_DEPTH = 32
MAX_DIGITS = 64  # of one integer


class NotStrictJson(ValueError):
    """The text is not JSON that every reader reads alike.

    Its text names the fault and quotes nothing.

    Attributes:
        where: the place, as a path such as `$.variables.ids[3]` or as `byte 17`; empty when it is not known. A path
            has names of the text in it.
    """

    def __init__(self, fault: str, where: str = "") -> None:
        super().__init__(fault)
        self.where = where


class _Flaw:
    """Stands in a value for something that may not be there, until the walk that knows the path finds it."""

    __slots__ = ("fault",)

    def __init__(self, fault: str) -> None:
        self.fault = fault


def loads(text: bytes, *, max_depth: int = MAX_DEPTH, decimals: bool = True) -> Any:
    """Reads one JSON text.

    Args:
        text: the bytes.
        max_depth: how deep arrays and objects may be nested.
        decimals: gives numbers with a point or an exponent as exact `Decimal`, else as `float`.

    Raises:
        NotStrictJson: not UTF-8, a byte order mark, trailing text, a name twice in an object, NaN or Infinity, a
            number of too many digits, half a surrogate pair, a control character in a string, or nesting deeper
            than `max_depth`.
    """
    try:
        value = json.loads(
            text.decode("utf-8"),
            object_pairs_hook=_object,
            parse_constant=_constant,
            parse_float=_decimal if decimals else _float,
            parse_int=_integer,
        )
    except UnicodeDecodeError as error:
        raise NotStrictJson("not UTF-8", f"byte {error.start}") from None
    except json.JSONDecodeError as error:
        raise NotStrictJson(_SYNTAX_FAULTS.get(error.msg, "not JSON"), f"character {error.pos}") from None
    except RecursionError:
        raise NotStrictJson("nested too deep") from None
    except (ValueError, ArithmeticError):
        raise NotStrictJson("not JSON") from None  # the error's own text may quote the input
    if not _is_sound(value, max_depth):
        raise _find_flaw(value, max_depth)
    return value


# What the standard decoder says, in its words and ours; anything else is "not JSON".
_SYNTAX_FAULTS = {
    "Unexpected UTF-8 BOM (decode using utf-8-sig)": "a byte order mark",
    "Extra data": "text behind the value",
    "Invalid control character at": "a control character in a string",
    "Unterminated string starting at": "a string without end",
    "Expecting ',' delimiter": "no comma where one is needed",
    "Expecting ':' delimiter": "no colon where one is needed",
    "Expecting property name enclosed in double quotes": "no name where one is needed",
    "Expecting value": "no value where one is needed",
}


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any] | _Flaw:
    members = dict(pairs)
    if len(members) != len(pairs):
        return _Flaw("a name twice in one object")
    return members


def _constant(name: str) -> _Flaw:
    return _Flaw(f"{name}, which is not JSON")


def _decimal(digits: str) -> Decimal | _Flaw:
    try:
        number = Decimal(digits)
        endless = math.isinf(float(number))
    except ArithmeticError:
        endless = True
    return _Flaw("a number out of reach") if endless else number


def _float(digits: str) -> float | _Flaw:
    number = float(digits)
    return _Flaw("a number out of reach") if math.isinf(number) else number


def _integer(digits: str) -> int | _Flaw:
    return _Flaw("a number of too many digits") if len(digits) > MAX_DIGITS else int(digits)


def _is_sound(value: Any, max_depth: int) -> bool:
    """Walks level by level, so that no nesting can exhaust the stack."""
    level, depth = [value], 0
    while level:
        below: list[Any] = []
        for item in level:
            kind = type(item)
            if kind is _Flaw or (kind is str and not _is_text(item)):
                return False
            if kind is dict:
                below += item.keys()
                below += item.values()
            elif kind is list:
                below += item
            else:
                continue
            if depth == max_depth:
                return False
        level, depth = below, depth + 1
    return True


def _is_text(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


_Link = tuple[Any, str | int] | None
"""A place: its parent's link and its name or number there. Written out only for the one place that is told."""


def _find_flaw(value: Any, max_depth: int) -> NotStrictJson:
    """Walks again, with paths, to the first flaw in the order of the text."""
    stack: list[tuple[Any, _Link, int]] = [(value, None, 0)]
    while stack:
        item, link, depth = stack.pop()
        kind = type(item)
        if kind is _Flaw:
            return NotStrictJson(item.fault, _path(link))
        if kind is str and not _is_text(item):
            return NotStrictJson("half a surrogate pair", _path(link))
        if kind is not dict and kind is not list:
            continue
        if depth == max_depth:
            return NotStrictJson("nested too deep", _path(link))
        if kind is dict and not all(map(_is_text, item)):
            return NotStrictJson("half a surrogate pair in a name", _path(link))
        inner = item.items() if kind is dict else enumerate(item)
        stack += [(each, (link, name), depth + 1) for name, each in reversed(list(inner))]
    raise AssertionError("there is a flaw")


def _path(link: _Link) -> str:
    parts: list[str] = []
    while link is not None:
        link, name = link
        parts.append(f"[{name}]" if isinstance(name, int) else f".{name}")
    return "$" + "".join(reversed(parts))
