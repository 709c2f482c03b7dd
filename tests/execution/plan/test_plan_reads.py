"""How a plan waits: everything at once, nothing twice, and not a moment longer than it has to."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections import Counter
from collections.abc import Awaitable
from dataclasses import replace
from typing import Any

import pytest
from graphql import GraphQLObjectType

from custgraph.errors import Forbidden
from custgraph.steps import FieldName, Read
from support.eventually import eventually
from support.toy import Toy
from support.toyschema import Book, Context, make_blueprint


def gated(*what: str) -> Context:
    return Context(gates={name: asyncio.Event() for name in what})


def with_fetch(field: FieldName, fetch: Any) -> Toy:
    """The toy with another fetch for one field, in its resolver as well."""
    blueprint = make_blueprint()
    type_ = blueprint.schema.type_map[field[0]]
    assert isinstance(type_, GraphQLObjectType)
    type_.fields[field[1]].resolve = lambda source, info, **arguments: fetch(info.context, source, None, **arguments)
    return Toy(replace(blueprint, steps={**blueprint.steps, field: Read(fetch)}))


async def until(things: list[str], count: int) -> None:
    await eventually(lambda: len(things) == count)


async def test_all_reads_of_a_level_are_started_before_any_is_waited_for() -> None:
    context = gated("book 1", "book 2", "late 0")
    run = asyncio.create_task(Toy().planned("{ a: book(id: 1) { id } late b: book(id: 2) { id } }", context=context))
    await eventually(lambda: len(context.calls) == 3)
    for gate in context.gates.values():
        gate.set()
    assert (await run).data == {"a": {"id": "1"}, "late": "done", "b": {"id": "2"}}


async def test_a_value_that_has_come_goes_on_at_once_whatever_else_is_late() -> None:
    context = gated("late 0")
    query = "{ late book(id: 1) { sequel { id sequel { id } } } }"
    run = asyncio.create_task(Toy().planned(query, context=context))
    await eventually(lambda: "sequel 101" in context.calls)
    context.gates["late 0"].set()
    assert (await run).data == {"late": "done", "book": {"sequel": {"id": "101", "sequel": {"id": "201"}}}}


async def test_a_failure_does_not_wait_for_what_is_late() -> None:
    toy = Toy()
    context = gated("sequel 2")
    context.values = {"sequel 1": Forbidden()}
    query = "{ a: book(id: 1) { sequel { id } } b: book(id: 2) { sequel { id } } }"
    run = asyncio.create_task(toy.planned(query, context=context))
    await eventually(lambda: toy.fell_back == 1)
    assert sorted(context.calls) == ["book 1", "book 2", "sequel 1", "sequel 2"]
    context.gates["sequel 2"].set()
    result = await run
    assert result.data == {"a": {"sequel": None}, "b": {"sequel": {"id": "102"}}}
    assert [error.path for error in result.errors or ()] == [["a", "sequel"]]


QUERIES = [
    "{ book(id: 1) { strictSequel { strictSequel { id } } sequel { id } } b: book(id: 2) { id price } late }",
    "{ shelf { id sequel { id sequel { id } } price } late(after: 1) }",
    "{ anything { ... on Author { books(first: 1) { sequel { id } } } ... on Book { sequel { id } } } }",
]
FAILURES: list[Any] = [Forbidden(), None, object(), Book(None), [Book(1)]]  # type: ignore[arg-type]  # one that lies


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("failure", FAILURES, ids=repr)
async def test_nothing_is_read_twice_whatever_fails(query: str, failure: Any) -> None:
    usual = Context()
    await Toy().planned(query, context=usual)
    for what in usual.calls:
        toy = Toy()
        await toy.both(query, values={what: failure})
        context = Context(values={what: failure})
        await toy.planned(query, context=context)
        assert not Counter(context.calls) - Counter(usual.calls)


async def test_what_was_remarked_on_is_noted_once() -> None:
    toy = Toy()
    for query in ("{ shelf { id } }", "{ late shelf { id sequel { id } } }"):
        result = await toy.both(query, values={"shelf {'first': 2}": [Book(1)]})
        assert result.data is not None
        assert result.data["shelf"][0]["id"] == "1"
    assert toy.fell_back == 2


async def test_one_read_after_the_other_needs_no_task() -> None:
    tasks: set[object] = set()

    async def fetch(context: Context, source: Any, _wants: object) -> Any:
        tasks.add(asyncio.current_task())
        return await context.read(f"sequel {source.id}", Book(source.id + 100))

    query = "{ book(id: 1) { sequel { sequel { sequel { id } } } } }"
    toy = with_fetch(("Book", "sequel"), fetch)
    assert (await toy.planned(query)).data == (await toy.generally(query)).data
    assert tasks == {asyncio.current_task()}


async def test_futures_are_waited_for_as_they_are() -> None:
    loop = asyncio.get_running_loop()
    before = asyncio.all_tasks()

    def fetch(_context: Context, source: Book, _wants: object) -> Awaitable[Any]:
        future: asyncio.Future[Book] = loop.create_future()
        loop.call_soon(future.set_result, Book(source.id + 100))
        assert asyncio.all_tasks() == before
        return future

    toy = with_fetch(("Book", "sequel"), fetch)
    result = await toy.planned("{ shelf { sequel { sequel { id } } } }")
    assert result.data == {"shelf": [{"sequel": {"sequel": {"id": id_}}} for id_ in ("201", "202")]}
    assert toy.fell_back == 0


async def test_a_cancelled_request_ends_its_reads() -> None:
    ended: list[str] = []

    async def fetch(_context: Context, _root: object, _wants: object, *, id: str) -> Any:  # noqa: A002
        started.append(id)
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(id)

    started: list[str] = []
    for count, query in enumerate(("{ book(id: 1) { id } }", "{ book(id: 1) { id } b: book(id: 2) { id } }"), 1):
        started.clear()
        ended.clear()
        run = asyncio.create_task(with_fetch(("Query", "book"), fetch).planned(query))
        await until(started, count)
        run.cancel()
        with pytest.raises(asyncio.CancelledError):
            await run
        await until(ended, count)


async def test_a_sibling_that_graphql_core_cancels_is_ended() -> None:
    ended = asyncio.Event()

    async def fetch(_context: Context, _root: object, _wants: object, *, id: str) -> Any:  # noqa: A002, ARG001
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    toy = with_fetch(("Query", "book"), fetch)
    result = await toy.planned("{ book(id: 1) { id } late }", context=Context(values={"late 0": None}))
    assert result.data is None
    assert [error.path for error in result.errors or ()] == [["late"]]
    await asyncio.wait_for(ended.wait(), 1)


async def test_a_future_that_fails_when_nobody_waits_any_more_is_no_oversight() -> None:
    complaints: list[Any] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _loop, complaint: complaints.append(complaint))
    futures: list[asyncio.Future[Any]] = []

    def fetch(_context: Context, _root: object, _wants: object, *, id: str) -> Awaitable[Any]:  # noqa: A002
        if id == "3":
            raise Forbidden
        futures.append(loop.create_future())
        return futures[-1]

    toy = with_fetch(("Query", "book"), fetch)
    query = "{ strict: late a: book(id: 1) { id } b: book(id: 2) { id } }"
    assert (await toy.planned(query, context=Context(values={"late 0": Forbidden()}))).data is None
    query = "{ a: book(id: 1) { id } b: book(id: 3) { id } late }"
    assert (await toy.planned(query, context=Context(values={"late 0": Forbidden()}))).data is None
    for future in futures:
        if not future.done():
            future.set_exception(Forbidden())
    futures.clear()
    gc.collect()
    await asyncio.sleep(0)
    assert not complaints


async def test_a_read_that_was_cancelled_from_within_does_not_cancel_the_request() -> None:
    async def fetch(_context: Context, _root: object, _wants: object, *, id: str) -> Any:  # noqa: A002, ARG001
        raise asyncio.CancelledError

    for query in ("{ book(id: 1) { id } }", "{ book(id: 1) { id } late }"):
        toy = with_fetch(("Query", "book"), fetch)
        with pytest.raises(asyncio.CancelledError):  # plain graphql-core lets it through
            await toy.planned(query)
        assert toy.fell_back == 1


@pytest.mark.parametrize("value", [Book(7), object(), Forbidden], ids=repr)
async def test_a_run_leaves_nothing_behind(value: Any) -> None:
    toy = Toy()
    query = "{ a: book(id: 1) { sequel { id } price } b: book(id: 2) { id sequel { id } } }"
    plan = toy.plan(query)
    assert plan is not None

    async def run() -> weakref.ref[Context]:
        context = Context(values={"sequel 1": value() if isinstance(value, type) else value})

        async def general(replay: Any) -> Any:
            return await toy.generally(query, None, context, replay)

        await plan.run(context, {}, general)
        return weakref.ref(context)

    gone = await run()
    await asyncio.sleep(0)
    gc.collect()
    assert gone() is None
