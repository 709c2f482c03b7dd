"""JSON texts that no tidy writer would write."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

_SLIPS = [",", ":", '"', "}", " ", "\\", '":', "null,"]


@st.composite
def odd_texts(draw: st.DrawFn, values: st.SearchStrategy[Any]) -> bytes:
    """Writes a value, now and then with whitespace anywhere, names escaped, members twice, left out or added."""
    writer = _Writer(draw, odd=draw(st.booleans()))
    text = writer.value(draw(values))
    if writer.once_in(10):
        at = draw(st.integers(0, len(text)))
        text = text[:at] + draw(st.sampled_from(_SLIPS)) + text[at:]
    return text.encode("utf-8", "replace")


class _Writer:
    def __init__(self, draw: st.DrawFn, *, odd: bool) -> None:
        self._draw = draw
        self._odd = odd

    def once_in(self, count: int) -> bool:
        return self._draw(st.integers(1, count)) == count

    def value(self, value: Any) -> str:
        if isinstance(value, dict):
            return self._object([(name, self.value(inner)) for name, inner in value.items()])
        if isinstance(value, list):
            return "[" + ",".join(self._spaced(self.value(item)) for item in value) + "]"
        return self._text(value) if isinstance(value, str) else json.dumps(value)

    def _object(self, members: list[tuple[str, str]]) -> str:
        if members and self.once_in(20):
            name, inner = self._draw(st.sampled_from(members))
            said = self._draw(st.sampled_from([inner, "null", "1", '"x"', '{"a":1}', "[1,2]"]))
            at = self._draw(st.integers(0, len(members)))
            members.insert(at, (self._draw(st.sampled_from([name, "extra"])), said))
        if members and self.once_in(30):
            members.pop(self._draw(st.integers(0, len(members) - 1)))
        if self._odd and self.once_in(2):
            members.reverse()
        written = (f"{self._spaced(self._text(name))}:{self._spaced(inner)}" for name, inner in members)
        return "{" + ",".join(written) + "}"

    def _text(self, text: str) -> str:
        if self._odd and text and self.once_in(10):
            return '"' + "".join(f"\\u{ord(char):04x}" for char in text if ord(char) < 0x10000) + '"'
        return json.dumps(text, ensure_ascii=self._draw(st.booleans()))

    def _spaced(self, text: str) -> str:
        if not self._odd:
            return text
        before, after = (self._draw(st.sampled_from(["", "", "", " ", "\n", "\t "])) for _ in range(2))
        return before + text + after
