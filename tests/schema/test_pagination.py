"""The arguments of connections, and cursors."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from custgraph.errors import InvalidArgument
from custgraph.schema.connections import ConnectionWants, read_connection
from custgraph.schema.ids import node_id
from custgraph.schema.pagination import Cursor, Window
from support.scripted import scripted

IDS = st.integers(1, 2**63 - 1)
CURSORS = st.builds(Cursor, IDS, st.none() | st.integers(0, 10**9 - 1))


def encoded(text: str) -> str:
    return urlsafe_b64encode(text.encode()).decode()


@given(CURSORS)
def test_a_cursor_is_read_as_it_was_written(cursor: Cursor) -> None:
    assert Cursor.decode(cursor.encode(), "after") == cursor


@given(
    st.text()
    | CURSORS.map(lambda cursor: cursor.encode()[:-1])
    | st.text(st.characters(codec="utf-8", exclude_categories=["Nd"])).map(encoded)
)
@example("")
@example("12")
@example(node_id("Customer", 12))
@example(encoded("0"))
@example(encoded("012"))
@example(encoded("-1"))
@example(encoded("12@"))
@example(encoded("12@-1"))
@example(encoded("12@1000000000"))
@example(encoded("\N{FULLWIDTH DIGIT ONE}"))
@example(encoded("12\n"))
@example(encoded(str(2**63)))
@example(encoded("12") + "\n")
@example(encoded("1").rstrip("="))
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(InvalidArgument) as refused:
        Cursor.decode(text, "after")
    assert refused.value.extensions == {"argument": "after"}


@pytest.mark.parametrize(
    ("arguments", "at_fault"),
    [
        ({"first": 0}, "first"),
        ({"first": 201}, "first"),
        ({"first": -1}, "first"),
        ({"last": 0}, "last"),
        ({"last": 201}, "last"),
        ({"first": 1, "last": 1}, "last"),
        ({"after": "no cursor"}, "after"),
        ({"before": ""}, "before"),
        ({"after": node_id("Customer", 1)}, "after"),
    ],
    ids=str,
)
async def test_a_wrong_argument_is_named_and_nothing_is_called(arguments: dict[str, Any], at_fault: str) -> None:
    async with scripted(lambda _call: (500, {})) as fake:
        with pytest.raises(InvalidArgument) as refused:
            await read_connection(fake.context(), ConnectionWants(), **arguments)
        assert (refused.value.extensions["argument"], fake.calls) == (at_fault, [])


def test_50_from_the_start_are_the_default() -> None:
    assert Window.of(None, None, None, None) == Window(50)


@pytest.mark.parametrize(("first", "last"), [(1, None), (200, None), (None, 1), (None, 200)])
def test_sizes_go_from_1_to_200(first: int | None, last: int | None) -> None:
    cursor = Cursor(7)
    window = Window.of(first, cursor.encode(), last, cursor.encode())
    assert window == Window(first or last or 0, last is not None, cursor, cursor)
