"""Mutations by plan: one write after the other, and none of them ever twice."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from custgraph.errors import Forbidden, OutcomeUnknown
from support.eventually import eventually
from support.toy import Toy
from support.toyschema import Author, Book, Context

TWO = 'mutation { a: rename(id: 1, title: "A") { title sequel { id } } other { id sequel { id } } }'


async def test_writes_run_one_after_the_other_each_with_what_it_selects() -> None:
    toy = Toy()
    context = Context()
    result = await toy.planned(TWO, context=context)
    assert result.data == {"a": {"title": "A", "sequel": {"id": "101"}}, "other": {"id": "77", "sequel": {"id": "177"}}}
    assert context.calls == ["rename 1", "sequel 1", "other", "sequel 77"]
    assert toy.fell_back == 0


async def test_a_write_waits_for_the_one_before_it() -> None:
    context = Context(gates={"sequel 1": asyncio.Event()})
    run = asyncio.create_task(Toy().planned(TWO, context=context))
    await eventually(lambda: context.calls == ["rename 1", "sequel 1"])
    context.gates["sequel 1"].set()
    assert (await run).errors is None


@pytest.mark.parametrize("what", ["rename 1", "sequel 1", "other", "sequel 77"])
@pytest.mark.parametrize("value", [Forbidden(), OutcomeUnknown(), object(), Author(1, None)], ids=repr)
async def test_no_write_is_sent_twice_whatever_comes_of_it(what: str, value: Any) -> None:
    toy = Toy()
    await toy.both(TWO, values={what: value})
    context = Context(values={what: value})
    await toy.planned(TWO, context=context)
    assert toy.fell_back == 2
    assert len(context.calls) == len(set(context.calls))


async def test_a_mutation_of_nothing() -> None:
    toy = Toy()
    assert (await toy.both("mutation { other @skip(if: true) { id } }")).data == {}
    assert (await toy.both("mutation { __typename a: __typename }")).data == {"__typename": "Mutation", "a": "Mutation"}
    assert toy.fell_back == 0


async def test_a_null_after_a_write_is_told_by_graphql_core_without_another_write() -> None:
    toy = Toy()
    context = Context(values={"rename 1": Book(1, None)})  # type: ignore[arg-type]  # a record that lies
    result = await toy.planned('mutation { rename(id: 1, title: "x") { title } }', context=context)
    assert result.data == {"rename": None}
    assert [error.path for error in result.errors or ()] == [["rename", "title"]]
    assert context.calls == ["rename 1"]
