"""The strict reader: what it reads as everybody does, and what it refuses."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custgraph.strict_json import MAX_DEPTH, NotStrictJson, loads

REFUSED = {
    "nothing": b"",
    "a name twice": b'{"a":1,"a":1}',
    "a name twice, once escaped": rb'{"a":1,"\u0061":1}',
    "a name twice, deep inside": b'{"a":[{"b":{"c":1,"c":2}}]}',
    "NaN": b"[NaN]",
    "Infinity": b"[Infinity]",
    "minus Infinity": b"[-Infinity]",
    "a float out of reach": b"[1e999]",
    "a float out of reach, negative": b"[-1e999]",
    "an exponent out of everything": b"[1e99999999999999999999]",
    "5000 digits": b"9" * 5000,
    "65 digits": b"9" * 65,
    "a leading zero": b"[01]",
    "a plus sign": b"[+1]",
    "a bare point": b"[1.]",
    "half a surrogate pair": rb'["\ud800"]',
    "the other half": rb'["\udc00"]',
    "the halves the wrong way round": rb'["\udc00\ud800"]',
    "half a pair in a name": rb'{"\ud800":1}',
    "an encoded surrogate": b'["\xed\xa0\x80"]',
    "invalid UTF-8": b'["\xff"]',
    "Latin-1": '["Ren\xe9e"]'.encode("latin-1"),
    "UTF-16": '["a"]'.encode("utf-16"),
    "UTF-32": '["a"]'.encode("utf-32"),
    "a byte order mark": b"\xef\xbb\xbf[]",
    "trailing text": b"[] []",
    "a trailing comma": b"[1,]",
    "a comment": b"[] // no",
    "single quotes": b"['a']",
    "a control character": b'["\x01"]',
    "a tab in a string": b'["\t"]',
    "an unknown escape": rb'["\x41"]',
    "an open array": b"[1",
    "an open string": b'["a',
    "too deep": b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1),
    "far too deep": b"[" * 100_000 + b"]" * 100_000,
    "far too deep, objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
}


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_refused(text: bytes) -> None:
    with pytest.raises(NotStrictJson):
        loads(text)


READ: dict[str, tuple[bytes, Any]] = {
    "an object": (b' {"a" : [1, true, null, "x"]} ', {"a": [1, True, None, "x"]}),
    "an exact decimal": (b"[0.10]", [Decimal("0.10")]),
    "an exponent": (b"[1e2]", [Decimal("1E+2")]),
    "a surrogate pair": (rb'["\ud83d\ude00"]', ["\N{GRINNING FACE}"]),
    "NUL, escaped": (rb'["\u0000"]', ["\0"]),
    "as deep as may be": (b"[" * MAX_DEPTH + b"]" * MAX_DEPTH, None),
}


@pytest.mark.parametrize(("text", "value"), READ.values(), ids=READ)
def test_read(text: bytes, value: Any) -> None:
    assert value is None or loads(text) == value


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**18), 10**18) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(VALUES, st.booleans(), st.sampled_from([None, 1]))
def test_what_is_written_is_read(value: Any, ascii_only: bool, indent: int | None) -> None:
    assert loads(json.dumps(value, ensure_ascii=ascii_only, indent=indent).encode()) == value


@given(st.binary(max_size=60))
def test_whatever_the_bytes_it_reads_or_refuses(text: bytes) -> None:
    try:
        value = loads(text)
    except NotStrictJson:
        return
    assert value == json.loads(text, parse_float=Decimal)
