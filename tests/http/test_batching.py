"""Arrays of operations."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from support.asgi import posting
from support.edge import refusal, stage

HELLO = {"query": "{hello}"}
WAIT = {"query": "{wait}"}


def write(text: str) -> dict[str, Any]:
    return {"query": "mutation($text: String){write(text:$text)}", "variables": {"text": text}}


def array(*members: Any) -> bytes:
    return msgspec.json.encode(members)


async def test_off_by_default() -> None:
    here = stage()
    for body in (array(HELLO), array(), array(HELLO, HELLO)):
        assert refusal(await here.post(body))[:2] == (400, "BATCHING_DISABLED")
    assert here.engine.contexts == []


async def test_each_is_answered_in_its_place() -> None:
    here = stage(batching=True)
    response = await here.post(array(HELLO, {"query": "{"}, {"query": "{fail}"}, {"query": "{a:hello}"}))
    assert response.status_code == 200
    first, second, third, fourth = response.json()
    assert first == {"data": {"hello": "Hello you!"}}
    assert list(second) == ["errors"]
    assert (third["data"], third["errors"][0]["path"]) == ({"fail": None}, ["fail"])
    assert fourth == {"data": {"a": "Hello you!"}}


async def test_they_share_one_context() -> None:
    """And so its loaders."""
    here = stage(batching=True)
    await here.post(array(HELLO, HELLO, HELLO))
    assert (len(here.engine.contexts), len(here.engine.requests)) == (1, 3)
    assert here.engine.contexts[0].closed.is_set()


async def test_reads_run_at_once() -> None:
    here = stage(batching=True)
    task = asyncio.create_task(posting(array(WAIT, WAIT, WAIT)).run(here.edge))
    await here.engine.waiting.wait()
    await asyncio.sleep(0)
    assert here.engine.running == 3
    here.engine.go.set()
    await task


async def test_with_a_write_each_has_its_turn() -> None:
    here = stage(batching=True)
    response = await here.post(array(write("a"), HELLO, write("b"), {"query": "{"}, write("c")))
    assert [list(answer) for answer in response.json()] == [["data"], ["data"], ["data"], ["errors"], ["data"]]
    assert (here.engine.written, here.engine.most) == (["a", "b", "c"], 1)


@pytest.mark.parametrize("count", [10, 3])
async def test_no_longer_than_the_limit(count: int) -> None:
    here = stage(batching=True, max_batch=count)
    assert (await here.post(array(*[HELLO] * count))).status_code == 200
    response = await here.post(array(*[HELLO] * (count + 1)))
    assert refusal(response)[:2] == (400, "QUERY_TOO_COMPLEX")
    extensions = response.json()["errors"][0]["extensions"]
    told = extensions["limit"], extensions["measured"], extensions["setting"]
    assert told == (count, count + 1, "CUSTGRAPH_MAX_BATCH")
    assert len(here.engine.requests) == count


async def test_the_limit_is_ten_by_default() -> None:
    assert refusal(await stage(batching=True).post(array(*[HELLO] * 11)))[1] == "QUERY_TOO_COMPLEX"


@pytest.mark.parametrize("body", [array(), array(1), array(HELLO, None), array(HELLO, {}), array([HELLO])])
async def test_an_array_that_is_none_of_operations(body: bytes) -> None:
    here = stage(batching=True)
    assert refusal(await here.post(body))[:2] == (400, "BAD_REQUEST")
    assert here.engine.contexts == []


async def test_each_counts_as_an_operation_under_way() -> None:
    here = stage(batching=True, max_in_flight=4)
    assert refusal(await here.post(array(*[HELLO] * 5)))[:2] == (503, "OVERLOADED")
    task = asyncio.create_task(posting(array(WAIT, WAIT, WAIT)).run(here.edge))
    await here.engine.waiting.wait()
    assert here.edge.gate.in_flight == 3
    assert refusal(await here.post(array(HELLO, HELLO)))[:2] == (503, "OVERLOADED")
    assert (await here.post()).status_code == 200
    here.engine.go.set()
    await task
    assert here.edge.gate.in_flight == 0


async def test_each_counts_against_its_credentials_share() -> None:
    here = stage(batching=True, max_batch=16, max_in_flight=16)
    assert (await here.post(array(*[HELLO] * 14))).status_code == 200
    assert refusal(await here.post(array(*[HELLO] * 15)))[:2] == (503, "OVERLOADED")


async def test_the_status_tells_only_of_what_befell_all() -> None:
    here = stage(batching=True)
    accept = "application/graphql-response+json"
    wrong = {"query": "{x}"}
    assert (await here.post(array(wrong, wrong), accept=accept)).status_code == 400
    assert (await here.post(array(wrong, HELLO), accept=accept)).status_code == 200
    assert (await here.post(array(wrong, wrong))).status_code == 200


async def test_a_bug_in_one_is_a_500_for_all() -> None:
    here = stage(batching=True)
    here.engine.crash = True
    assert refusal(await here.post(array(HELLO, HELLO)))[:2] == (500, "INTERNAL_SERVER_ERROR")
    assert (here.edge.gate.in_flight, here.engine.contexts[0].closed.is_set()) == (0, True)


async def test_only_posts_have_arrays() -> None:
    response = await stage(batching=True).send("GET", "/graphql?query={hello}&query={hello}")
    assert refusal(response)[:2] == (400, "BAD_REQUEST")
