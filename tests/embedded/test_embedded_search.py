"""Search and sorting, compared with plain Python over the whole list."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custgraph.embedded import create_service
from support.embedded import CRASH, client_of, ids, refusal

Row = dict[str, Any]
Query = list[tuple[str, str]]
TEXTS = ("first_name", "last_name", "email", "code")


class Searcher:
    """A service in a loop of its own, and all customers that its list shows."""

    def __init__(self) -> None:
        self._runner = asyncio.Runner()
        self._service = create_service(None)
        self._client = client_of(self._service, self._service.demo_token)
        self.rows: list[Row] = []
        for page in range(1, 7):
            response = self.get(f"/customers?per_page=200&page={page}")
            self.rows += [row["attributes"] for row in response.json()["data"]]

    def get(self, url: str) -> httpx.Response:
        return self._runner.run(self._client.get(url))

    def search(self, query: Query) -> list[int]:
        """The first 200 ids found."""
        return ids(self.get(f"/customers?{urlencode([*query, ('per_page', '200')])}"))

    def expect(self, holds: Callable[[Row], bool]) -> list[int]:
        """The first 200 ids of the rows for which it holds."""
        return [row["id"] for row in self.rows if holds(row)][:200]

    def close(self) -> None:
        self._runner.run(self._client.aclose())
        self._runner.run(self._service.aclose())
        self._runner.close()


@pytest.fixture(scope="module")
def searcher() -> Iterator[Searcher]:
    searcher = Searcher()
    yield searcher
    searcher.close()


def folded(text: str) -> str:
    return "".join(letter.lower() for letter in text)


# Every example is a call: what counts is its answer, not its time.
SETTINGS = settings(deadline=None, max_examples=60)

# What each predicate says of a text. Null is neither equal nor unequal to anything, as in SQL.
TEXT_PREDICATES: dict[str, Callable[[str, str], bool]] = {
    "eq": lambda text, value: text == value,
    "not_eq": lambda text, value: text != value,
    "lt": lambda text, value: text < value,
    "lteq": lambda text, value: text <= value,
    "gt": lambda text, value: text > value,
    "gteq": lambda text, value: text >= value,
    "cont": lambda text, value: folded(value) in folded(text),
    "i_cont": lambda text, value: folded(value) in folded(text),
    "not_cont": lambda text, value: folded(value) not in folded(text),
    "not_i_cont": lambda text, value: folded(value) not in folded(text),
    "start": lambda text, value: folded(text).startswith(folded(value)),
    "not_start": lambda text, value: not folded(text).startswith(folded(value)),
    "end": lambda text, value: folded(text).endswith(folded(value)),
    "not_end": lambda text, value: not folded(text).endswith(folded(value)),
}
ID_PREDICATES: dict[str, Callable[[int, int], bool]] = {
    "eq": lambda number, value: number == value,
    "not_eq": lambda number, value: number != value,
    "lt": lambda number, value: number < value,
    "lteq": lambda number, value: number <= value,
    "gt": lambda number, value: number > value,
    "gteq": lambda number, value: number >= value,
}
# Parts that are in the data in one case or another, wildcards of other matchers, and anything at all.
PARTS = st.sampled_from(
    ["a", "É", "ô", "o'", "ng", "MÜ", "ς", "Γ", "%", "_", "\\", ".", "example", "-", "ß", "T0", "京", "é"]
)
VALUES = st.one_of(
    PARTS, st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=3)
)


@SETTINGS
@given(attribute=st.sampled_from(TEXTS), predicate=st.sampled_from(sorted(TEXT_PREDICATES)), value=VALUES)
def test_a_text_condition_keeps_the_rows_it_holds_for(
    searcher: Searcher, attribute: str, predicate: str, value: str
) -> None:
    test = TEXT_PREDICATES[predicate]

    def holds(row: Row) -> bool:
        # A blank value is no condition; other values lose the blanks around them.
        return not value.strip() or (row[attribute] is not None and test(row[attribute], value.strip()))

    assert searcher.search([(f"q[{attribute}_{predicate}]", value)]) == searcher.expect(holds)


@SETTINGS
@given(predicate=st.sampled_from(sorted(ID_PREDICATES)), value=st.integers(-5, 1300) | st.integers())
def test_an_id_condition_keeps_the_rows_it_holds_for(searcher: Searcher, predicate: str, value: int) -> None:
    test = ID_PREDICATES[predicate]
    assert searcher.search([(f"q[id_{predicate}]", str(value))]) == searcher.expect(lambda row: test(row["id"], value))


@SETTINGS
@given(numbers=st.lists(st.integers(0, 1300), min_size=1, max_size=200), absent=st.booleans())
def test_in_and_not_in_take_lists(searcher: Searcher, numbers: list[int], absent: bool) -> None:
    key = "q[id_not_in][]" if absent else "q[id_in][]"
    expected = searcher.expect(lambda row: (row["id"] in numbers) is not absent)
    assert searcher.search([(key, str(number)) for number in numbers]) == expected


@SETTINGS
@given(
    attributes=st.lists(st.sampled_from(TEXTS), min_size=2, max_size=4, unique=True),
    joint=st.sampled_from(["or", "and"]),
    part=PARTS,
)
def test_attributes_join_with_or_and_with_and(searcher: Searcher, attributes: list[str], joint: str, part: str) -> None:
    def holds(row: Row) -> bool:
        found = (folded(part) in folded(row[name] or "") for name in attributes)
        return any(found) if joint == "or" else all(found)

    assert searcher.search([(f"q[{f'_{joint}_'.join(attributes)}_cont]", part)]) == searcher.expect(holds)


@SETTINGS
@given(
    sorts=st.lists(st.tuples(st.sampled_from(["id", *TEXTS]), st.sampled_from(["asc", "desc", "DESC", ""])), max_size=3)
)
def test_sorts_apply_in_their_order_and_null_is_the_greatest(searcher: Searcher, sorts: list[tuple[str, str]]) -> None:
    expected = sorted(searcher.rows, key=lambda row: row["id"])
    for name, direction in reversed(sorts):
        expected.sort(key=lambda row: (row[name] is None, row[name] or 0), reverse=direction.lower() == "desc")
    query = [("q[s][]", f"{name} {direction}") for name, direction in sorts]
    assert searcher.search(query) == [row["id"] for row in expected][:200]


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("q[code_null]=1", lambda row: row["code"] is None),
        ("q[code_null]=false", lambda row: row["code"] is not None),
        ("q[code_not_null]=true", lambda row: row["code"] is not None),
        ("q[first_name_present]=t", lambda row: bool(row["first_name"])),
        ("q[first_name_blank]=1", lambda row: not row["first_name"]),
        ("q[first_name_blank]=0", lambda row: bool(row["first_name"])),
        ("q[id_present]=1", lambda _row: True),
        ("q[id_null]=1", lambda _row: False),
        ("q[code_in][]=BUYER1&q[code_in][]=nobody&q[code_in][]=", lambda row: row["code"] == "BUYER1"),
        ("q[code_in]=BUYER1", lambda row: row["code"] == "BUYER1"),
        ("q[code_not_in][]=BUYER1", lambda row: row["code"] not in (None, "BUYER1")),
        ("q[email_matches]=ALICE@_xample%25", lambda row: row["email"] == "alice@example.com"),
        ("q[email_does_not_match]=%25.com", lambda row: not row["email"].endswith(".com")),
        ("q[id_gt]=10&q[id_lteq]=20&q[id_not_eq]=15", lambda row: 10 < row["id"] <= 20 and row["id"] != 15),
        ("q[id_eq]=12abc", lambda row: row["id"] == 12),
        ("q[id_eq]=abc", lambda _row: False),
        ("q[id_in][]=1_0&q[id_in][]=%2b11", lambda row: row["id"] in (10, 11)),
        ("q[id_eq]=5&q[id_eq]=6", lambda row: row["id"] == 6),
        ("q[id_or_first_name_eq]=1", lambda row: row["id"] == 1),
    ],
)
def test_conditions(searcher: Searcher, condition: str, holds: Callable[[Row], bool]) -> None:
    query = list(httpx.QueryParams(condition).multi_items())
    assert searcher.search(query) == searcher.expect(holds)


@pytest.mark.parametrize(
    "condition",
    [
        "q[enterprise_name_eq]=x",
        "q[first_name_sounds_like]=x",
        "q[first_name]=x",
        "q[first_name_or_age_cont]=x",
        "q[first_name_eq]=",
        "q[first_name_cont]=%20%20",
        "q[id_in][]=",
        "q[code_null]=maybe",
        "q[id_eq][]=1",
        "q[s]=age desc",
        "q[s]=",
        "q[_eq]=1",
        "q=alice",
        "q[]=1",
        "q[[id_eq]]=1",
        "Q[id_eq]=1",
    ],
)
def test_a_condition_that_is_not_understood_is_ignored(searcher: Searcher, condition: str) -> None:
    query = list(httpx.QueryParams(condition).multi_items())
    assert searcher.search(query) == searcher.expect(lambda _row: True)


@pytest.mark.parametrize("condition", ["q[id_cont]=1", "q[first_name_eq]=a%00b", "q[first_name_eq]=%ff"])
def test_a_condition_that_the_database_cannot_take_crashes_the_service(searcher: Searcher, condition: str) -> None:
    assert refusal(searcher.get(f"/customers?{condition}")) == CRASH
