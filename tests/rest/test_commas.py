"""The count of commas, which is written in C where the package is compiled."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custgraph.rest.commas import count_commas


@given(st.binary(max_size=80), st.integers(0, 40))
def test_it_counts_what_bytes_count(text: bytes, times: int) -> None:
    text = (text + b",") * times
    assert count_commas(text) == text.count(b",")


@pytest.mark.parametrize("size", [0, 1, 15, 16, 17, 254, 255, 256, 510, 511, 1_000_003])
@pytest.mark.parametrize("byte", [b",", b"-", b"\x00", b"\xac", b"\xff"])
def test_no_length_overflows_it(byte: bytes, size: int) -> None:
    assert count_commas(byte * size) == (size if byte == b"," else 0)
    assert count_commas(byte * size + b",") == (size if byte == b"," else 0) + 1


@pytest.mark.parametrize("text", ["a,b", None, 7, bytearray(b","), memoryview(b",")])
def test_it_takes_bytes_alone(text: object) -> None:
    with pytest.raises(TypeError, match="count_commas takes bytes"):
        count_commas(text)  # type: ignore[arg-type]  # on purpose
