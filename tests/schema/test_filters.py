"""Filters: every condition means the same upstream as it says here, and none is ever dropped."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from custgraph.errors import InvalidArgument
from custgraph.schema.connections import ConnectionWants, read_connection
from custgraph.schema.filters import CustomerFilter, CustomerStringFilter, conditions_of
from support.lists import People, Person, ids, people
from support.scripted import scripted

LETTERS = "aAbBéÉ%_\\'\"&=+#[];~ \N{CJK UNIFIED IDEOGRAPH-6C34}"
TEXT = st.text(LETTERS, min_size=1, max_size=4).filter(lambda text: text.strip())
TRIMMED = TEXT.map(str.strip)
VALUE = st.none() | st.text(LETTERS, max_size=5)
MEANS: dict[str, Callable[[str, Any], bool]] = {
    "eq": lambda value, text: value == text,
    "in_": lambda value, texts: value in texts,
    "contains": lambda value, text: text.lower() in value.lower(),
    "starts_with": lambda value, text: value.lower().startswith(text.lower()),
    "ends_with": lambda value, text: value.lower().endswith(text.lower()),
}
CONDITIONS = st.fixed_dictionaries(
    {},
    optional={
        "eq": TRIMMED,
        "in_": st.lists(TEXT, max_size=3),
        "contains": TRIMMED,
        "starts_with": TRIMMED,
        "ends_with": TRIMMED,
    },
)
PEOPLE = st.lists(
    st.builds(Person, st.integers(1, 30), st.just(1), VALUE, st.just(True), VALUE),
    max_size=12,
    unique_by=lambda person: person.id,
)


def meets(value: str | None, conditions: dict[str, Any]) -> bool:
    return all(value is not None and MEANS[name](value, text) for name, text in conditions.items())


@pytest.fixture
async def everybody() -> AsyncIterator[People]:
    async with people() as everybody:
        yield everybody


@given(
    PEOPLE,
    st.none() | st.lists(st.integers(1, 30), max_size=20),
    CONDITIONS,
    CONDITIONS,
    st.none() | TEXT,
    st.integers(1, 5),
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_who_is_given_meets_every_condition_and_whoever_meets_them_is_given(
    everybody: People,
    persons: list[Person],
    among: list[int] | None,
    first_name: dict[str, Any],
    last_name: dict[str, Any],
    search: str | None,
    size: int,
) -> None:
    await everybody.start(persons)
    filter_ = CustomerFilter(
        ids=None if among is None else [str(id_) for id_ in among],  # type: ignore[misc]  # an ID is a str
        first_name=CustomerStringFilter(**first_name),
        last_name=CustomerStringFilter(**last_name),
    )
    page = await everybody.read(ConnectionWants(page=True, total=True), filter=filter_, search=search, first=size)
    said = (search or "").strip().lower()
    expected = sorted(
        person.id
        for person in persons
        if (among is None or person.id in among)
        and meets(person.first_name, first_name)
        and meets(person.last_name, last_name)
        and any(said in (text or "").lower() for text in (person.first_name, person.last_name, _email(person)))
    )
    assert ids(page) == expected[:size]
    assert page.total_count == len(expected)
    assert page.page_info.has_next_page == (len(expected) > size)


def _email(person: Person) -> str:
    return f"p{person.id}@example.org"


LONG = "x" * 257
REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "a blank value": ({"eq": " "}, "filter.email.eq"),
    "an empty value": ({"contains": ""}, "filter.email.contains"),
    "white space ahead": ({"starts_with": " a"}, "filter.email.startsWith"),
    "white space behind": ({"ends_with": "a\n"}, "filter.email.endsWith"),
    "a blank value of many": ({"in_": ["a", "\t"]}, "filter.email.in"),
    "a long value": ({"eq": LONG}, "filter.email.eq"),
    "a long value of many": ({"in_": [LONG]}, "filter.email.in"),
    "too many values": ({"in_": ["x"] * 201}, "filter.email.in"),
    "NUL": ({"eq": "a\0b"}, "filter.email.eq"),
    "a lone surrogate": ({"eq": "a\ud800b"}, "filter.email.eq"),
    "more than a URL holds": ({"in_": ["é" * 250] * 3}, "filter"),
}


@pytest.mark.parametrize("fault", REFUSED)
async def test_what_cannot_be_asked_is_refused_by_name_without_a_call(fault: str) -> None:
    members, argument = REFUSED[fault]
    async with scripted(lambda _call: (500, {})) as fake:
        with pytest.raises(InvalidArgument) as refused:
            await read_connection(
                fake.context(), ConnectionWants(), filter=CustomerFilter(email=CustomerStringFilter(**members))
            )
        assert (refused.value.extensions["argument"], fake.calls) == (argument, [])


@pytest.mark.parametrize("members", [{"ids": ["0"]}, {"ids": ["1"] * 201}, {"ids": ["1", "x"]}], ids=str)
def test_ids_are_checked_like_all_ids(members: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgument) as refused:
        conditions_of(CustomerFilter(**members), None)
    assert refused.value.extensions["argument"] == "filter.ids"


@pytest.mark.parametrize(("search", "argument"), [(LONG, "search"), ("a\0", "search")])
def test_a_search_text_is_checked_too(search: str, argument: str) -> None:
    with pytest.raises(InvalidArgument) as refused:
        conditions_of(None, search)
    assert refused.value.extensions["argument"] == argument


@pytest.mark.parametrize("search", [None, "", "  \n"])
def test_a_blank_search_asks_for_nothing(search: str | None) -> None:
    assert conditions_of(None, search).conditions == ()


@pytest.mark.parametrize("filter_", [None, CustomerFilter(), CustomerFilter(code=CustomerStringFilter())], ids=str)
def test_an_empty_filter_asks_for_nothing(filter_: CustomerFilter | None) -> None:
    assert conditions_of(filter_, None).conditions == ()


@pytest.mark.parametrize(
    "filter_", [CustomerFilter(ids=[]), CustomerFilter(code=CustomerStringFilter(in_=[], eq="a"))], ids=str
)
async def test_nobody_is_among_no_values_and_nobody_is_asked(filter_: CustomerFilter) -> None:
    async with scripted(lambda _call: (500, {})) as fake:
        page = await read_connection(fake.context(), ConnectionWants(page=True, total=True), filter=filter_)
        assert (ids(page), page.total_count, page.page_info.has_next_page, fake.calls) == ([], 0, False, [])
