"""A plan answers as graphql-core does, whatever is asked and whatever comes of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support.equivalence.search import Search

EXAMPLES = 500

# graphql-core leaves coroutines unawaited when it cancels a field that has not begun.
pytestmark = pytest.mark.filterwarnings("ignore:coroutine .* was never awaited")


@pytest.fixture
def search() -> Iterator[Search]:
    search = Search()
    yield search
    search.close()


def test_plans_and_graphql_core_give_the_same_answers(search: Search) -> None:
    tally = search.run(EXAMPLES)
    assert tally.share > 0.4, "graphql-core was compared with itself"
    assert tally.failed > EXAMPLES / 10
