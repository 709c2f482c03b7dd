"""The query string and loose values, read the way the real service's framework reads them."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl

from .errors import Crash

_KEY = re.compile(r"([^\[\]]+)(?:\[([^\[\]]+)\])?(\[\])?")
_INTEGER = re.compile(r"\s*([+-]?[0-9]+(?:_[0-9]+)*)")
_MAX_INTEGER = 2**63 - 1

Value = str | list[str]


class QueryParams:
    """A parsed query string: `a=1`, `a[b]=1`, and lists `a[]=1&a[]=2`, `a[b][]=1`. A later value replaces an earlier.

    Attributes:
        pairs: what was sent, decoded, in order.

    Raises:
        Crash: for bytes that are no UTF-8.
    """

    def __init__(self, query: bytes) -> None:
        try:
            self.pairs = parse_qsl(query.decode("ascii"), keep_blank_values=True, errors="strict")
        except ValueError:
            raise Crash from None
        self._values: dict[str, Value] = {}
        self._nested: dict[str, dict[str, Value]] = {}
        for key, value in self.pairs:
            if parts := _KEY.fullmatch(key):
                self._add(parts[1], parts[2], value, is_list=parts[3] is not None)

    def _add(self, name: str, member: str | None, value: str, *, is_list: bool) -> None:
        target, key = (self._values, name) if member is None else (self._nested.setdefault(name, {}), member)
        if not is_list:
            target[key] = value
            return
        known = target.get(key)
        if isinstance(known, list):
            known.append(value)
        else:
            target[key] = [value]

    def text(self, name: str) -> str | None:
        """The plain value of `name`; None when it is absent or a list."""
        value = self._values.get(name)
        return value if isinstance(value, str) else None

    def texts(self, name: str) -> list[str]:
        """The values of `name`, whether sent plainly or as a list."""
        value = self._values.get(name, [])
        return [value] if isinstance(value, str) else value

    def members(self, name: str) -> dict[str, Value]:
        """The values of `name[MEMBER]`."""
        return self._nested.get(name, {})


def to_i(text: str) -> int:
    """The integer that a text begins with; 0 where it begins with none. See `bounded`."""
    found = _INTEGER.match(text)
    # Python refuses to read more than 4,300 digits; a number of that size is out of bounds anyway.
    return bounded(int(found[1].replace("_", "")[:4000])) if found else 0


def bounded(number: int) -> int:
    """Keeps a number within what SQLite can hold. Nothing is numbered at either end, so no comparison changes."""
    return max(-_MAX_INTEGER, min(_MAX_INTEGER, number))
