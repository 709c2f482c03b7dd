"""Strict JSON at speed: msgspec reads it, and a count proves that no member was lost.

Of two members of one name a decoder keeps the last and says nothing, so that a filter in front and this gateway might
read two different queries. The proof: each member of the text has one colon behind a quote, whitespace aside, and no
such colon can hide; if there are as many of them as members in the decoded value, no name came twice. Text that fails
the count, mostly for such a colon within a string, is left to `strict_json`, which takes its time and tells what is
wrong.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from custgraph import strict_json
from custgraph.strict_json import NotStrictJson

MAX_DEPTH: Final = 64
MAX_VALUES: Final = 20_000
"""Commas and opening brackets, those in strings included: what a text can hold at most, known without reading it."""

_TOO_MANY_DIGITS: Final = 10 ** (strict_json.MAX_DIGITS - 1)
_WHITESPACE: Final = b" \t\r\n"
_UNPROVEN: Final = -(1 << 60)

_decode = msgspec.json.Decoder().decode


def read_json(text: bytes) -> Any:
    """Reads one JSON text.

    Raises:
        NotStrictJson: it is none that every reader reads alike, see `strict_json.loads`, or has too many values.
    """
    if len(text) > MAX_VALUES and text.count(b",") + text.count(b"[") + text.count(b"{") > MAX_VALUES:
        raise NotStrictJson(f"more than {MAX_VALUES} values")
    try:
        value = _decode(text)
        if is_proven(value, text):
            return value
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        pass
    return strict_json.loads(text, max_depth=MAX_DEPTH, decimals=False)


def is_proven(value: Any, text: bytes) -> bool:
    """Says whether the value, decoded from the text, has every member of it, and is within the limits."""
    return _count(value, MAX_DEPTH) == text.translate(None, _WHITESPACE).count(b'":')


def _count(value: Any, levels: int) -> int:
    """Counts the members of all objects; far below zero where `strict_json` has to judge depth or digits."""
    kind = type(value)
    if kind is dict:
        members, items = len(value), value.values()
    elif kind is list:
        members, items = 0, value
    else:
        return _UNPROVEN if kind is int and not -_TOO_MANY_DIGITS < value < _TOO_MANY_DIGITS else 0
    if not levels:
        return _UNPROVEN
    for item in items:
        kind = type(item)
        if kind is dict or kind is list or kind is int:
            members += _count(item, levels - 1)
    return members
