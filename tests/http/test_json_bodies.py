"""The fast reader of JSON accepts what the strict one does, and gives the same."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custgraph import strict_json
from custgraph.http.json_bodies import MAX_DEPTH, is_proven, read_json
from custgraph.strict_json import NotStrictJson
from support.oddjson import odd_texts

REFUSED = {
    "nothing": (b"", "no value where one is needed at character 0"),
    "blank": (b"  ", "no value where one is needed at character 2"),
    "a name twice": (b'{"query":"{a}","query":"{b}"}', "a name twice in one object at $"),
    "a name twice, spaced": (b'{"query" : "{a}" , "query"\n: "{b}"}', "a name twice in one object at $"),
    "a name twice, once escaped": (rb'{"query":"{a}","qu\u0065ry":"{b}"}', "a name twice in one object at $"),
    "a name twice, deep inside": (b'{"a":[1,{"b":{"c":1,"c":2}}]}', "a name twice in one object at $.a[1].b"),
    "NaN": (b'{"a":NaN}', "NaN, which is not JSON at $.a"),
    "Infinity": (b"[1,Infinity]", "Infinity, which is not JSON at $[1]"),
    "minus Infinity": (b"[-Infinity]", "-Infinity, which is not JSON at $[0]"),
    "a float out of reach": (b'{"a":{"b":1e999}}', "a number out of reach at $.a.b"),
    "10,000 digits": (b'{"a":[' + b"7" * 10_000 + b"]}", "a number of too many digits at $.a[0]"),
    "65 digits": (b"[" + b"7" * 65 + b"]", "a number of too many digits at $[0]"),
    "half a surrogate pair": (rb'{"a":"\ud800"}', "half a surrogate pair at $.a"),
    "the other half": (rb'{"a":"\udc00"}', "half a surrogate pair at $.a"),
    "half a pair in a name": (rb'{"a":{"\ud800":1}}', "half a surrogate pair in a name at $.a"),
    "an encoded surrogate": (b'{"a":"\xed\xa0\x80"}', "not UTF-8 at byte 6"),
    "invalid UTF-8": (b'{"a":"\xff"}', "not UTF-8 at byte 6"),
    "Latin-1": ('{"a":"é"}'.encode("latin-1"), "not UTF-8 at byte 6"),
    "UTF-16": ('{"a":1}'.encode("utf-16"), "not UTF-8 at byte 0"),
    "UTF-16 without a mark": ('{"a":1}'.encode("utf-16-le"), "no name where one is needed at character 1"),
    "UTF-32": ('{"a":1}'.encode("utf-32"), "not UTF-8 at byte 0"),
    "a byte order mark": (b'\xef\xbb\xbf{"a":1}', "a byte order mark at character 0"),
    "text behind": (b'{"a":1} {"a":1}', "text behind the value at character 8"),
    "a NUL behind": (b'{"a":1}\0', "text behind the value at character 7"),
    "a trailing comma": (b'{"a":1,}', "no name where one is needed at character 7"),
    "a missing comma": (b'{"a":1 "b":2}', "no comma where one is needed at character 7"),
    "a missing colon": (b'{"a" 1}', "no colon where one is needed at character 5"),
    "a comment": (b'{"a":1} // no', "text behind the value at character 8"),
    "single quotes": (b"{'a':1}", "no name where one is needed at character 1"),
    "a bare word": (b"{a:1}", "no name where one is needed at character 1"),
    "a control character": (b'{"a":"\x01"}', "a control character in a string at character 6"),
    "an open string": (b'{"a":"', "a string without end at character 5"),
    "an open object": (b'{"a":1', "no comma where one is needed at character 6"),
    "a leading zero": (b"[01]", "no comma where one is needed at character 2"),
    "a bare point": (b"[1.]", "no comma where one is needed at character 2"),
    "a plus": (b"[+1]", "no value where one is needed at character 1"),
    "hexadecimal": (b"[0x1F]", "no comma where one is needed at character 2"),
    "deep": (b"[" * 65 + b"]" * 65, "nested too deep at $" + "[0]" * 64),
    "1,000 deep": (b'{"variables":' + b'{"a":' * 1000 + b"1" + b"}" * 1001, "nested too deep"),
    "15,000 deep": (b"[" * 15_000 + b"]" * 15_000, "nested too deep"),
    "15,000 deep, objects": (b'{"a":' * 15_000 + b"1" + b"}" * 15_000, "nested too deep"),
    "15,000 deep, never closed": (b"[" * 15_000, "nested too deep"),
    "100,000 deep": (b"[" * 100_000 + b"]" * 100_000, "more than 20000 values"),
    "100,000 deep, objects": (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "more than 20000 values"),
    "100,000 deep, never closed": (b"[" * 100_000, "more than 20000 values"),
    "20,002 numbers": (b"[" + b"1," * 20_001 + b"1]", "more than 20000 values"),
    "20,001 commas in a string": (b'["' + b"," * 20_001 + b'"]', "more than 20000 values"),
}


@pytest.mark.parametrize(("text", "fault"), REFUSED.values(), ids=REFUSED)
def test_refused_with_what_and_where(text: bytes, fault: str) -> None:
    with pytest.raises(NotStrictJson) as caught:
        read_json(text)
    said = f"{caught.value} at {caught.value.where}" if caught.value.where else str(caught.value)
    assert said.startswith(fault)


READ: dict[str, tuple[bytes, Any]] = {
    "an object": (b' {"a" : [1, true, null, "x"]} ', {"a": [1, True, None, "x"]}),
    "floats": (b"[0.1, -2.5e3]", [0.1, -2500.0]),
    "a surrogate pair": (rb'["\ud83d\ude00"]', ["\N{GRINNING FACE}"]),
    "raw characters outside the BMP": ('["😀"]'.encode(), ["😀"]),
    "NUL, escaped": (rb'["\u0000"]', ["\0"]),
    "64 digits": (b"[" + b"7" * 64 + b"]", [int("7" * 64)]),
    "minus nought": (b"[-0]", [0]),
    "a name in another object": (b'[{"a":1},{"a":1}]', [{"a": 1}, {"a": 1}]),
    "what looks like a member in a string": (rb'{"query":"{a(b:\"c\":1)}"}', {"query": '{a(b:"c":1)}'}),
    "64 deep": (b"[" * 64 + b"]" * 64, None),
    "20,000 numbers": (b"[" + b"1," * 19_999 + b"1]", [1] * 20_000),
    "a string of 200 KB": (b'["' + b"x" * 200_000 + b'"]', ["x" * 200_000]),
}


@pytest.mark.parametrize(("text", "value"), READ.values(), ids=READ)
def test_read(text: bytes, value: Any) -> None:
    assert value is None or read_json(text) == value


def test_what_clients_send_takes_the_fast_way() -> None:
    sent = rb"""{ "operationName" : null, "query":"query Q($a: ID!, $b: [Int]) { a: f(x: \"y\", z: {k: $b}) }",
        "variables":{"a":"1","b":[1,2,3],"c":{"d":{}}}, "extensions":{"clientLibrary":{"name":"x"}}, "more": [[]] }"""
    assert is_proven(json.loads(sent), sent)


def test_what_looks_like_a_member_does_not() -> None:
    sent = rb'{"query":"\":"}'
    assert not is_proven(json.loads(sent), sent)
    assert read_json(sent) == {"query": '":'}


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text() | st.sampled_from("ab"), inner, max_size=4),
    max_leaves=20,
)


def outcome(text: bytes) -> tuple[str, Any]:
    """What the strict reader makes of the text."""
    try:
        return "read", strict_json.loads(text, max_depth=MAX_DEPTH, decimals=False)
    except NotStrictJson as error:
        return "refused", (str(error), error.where)


@given(odd_texts(VALUES))
def test_it_reads_and_refuses_as_the_strict_reader(text: bytes) -> None:
    try:
        read = "read", read_json(text)
    except NotStrictJson as error:
        read = "refused", (str(error), error.where)
    assert repr(read) == repr(outcome(text))


@given(st.binary(max_size=60))
def test_whatever_the_bytes_it_reads_or_refuses(text: bytes) -> None:
    try:
        read_json(text)
    except NotStrictJson:
        assert outcome(text)[0] == "refused"
