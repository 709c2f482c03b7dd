"""What workers share through a real Redis server, and what becomes of it when that fails."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import structlog
from redis.asyncio import Redis

from custgraph.config import Settings
from custgraph.execution.persisted import sha256_of
from custgraph.execution.shared import TIMEOUT
from support.redis import RedisServer
from support.shop import Context, Shop, codes

QUERY = "{ __typename }"
FIVE = "{ page(first: 3) { items { id } } }"


def by_hash(text: str) -> dict[str, Any]:
    return {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": sha256_of(text)}}}


@asynccontextmanager
async def worker(url: str, **settings: int) -> AsyncIterator[Shop]:
    """One process's executor."""
    shop = Shop(settings=Settings(shared_url=url, **settings))  # type: ignore[arg-type]  # names of settings
    try:
        yield shop
    finally:
        await shop.executor.aclose()


async def test_a_query_persisted_by_one_worker_is_known_to_another(redis: RedisServer) -> None:
    async with worker(redis.url) as one, worker(redis.url.replace("redis://", "valkey://")) as other:
        assert not (await other.ask(**by_hash(QUERY))).executed
        assert (await one.ask(QUERY, **by_hash(QUERY))).executed
        assert (await other.ask(**by_hash(QUERY))).data == {"__typename": "Query"}
        assert (await other.ask(**by_hash(QUERY))).data == {"__typename": "Query"}


async def test_a_text_that_is_not_the_hashs_is_not_run(redis: RedisServer) -> None:
    async with worker(redis.url) as shop, Redis.from_url(redis.url) as client:
        await client.set(f"custgraph:persisted:{sha256_of(QUERY)}", "{ page { total } }")
        assert codes(await shop.ask(**by_hash(QUERY))) == ["PERSISTED_QUERY_NOT_FOUND"]


async def test_the_store_keeps_no_more_queries_than_it_may_and_none_for_ever(redis: RedisServer) -> None:
    texts = [f"{{ a{index}: __typename }}" for index in range(12)]
    async with worker(redis.url, persisted_query_cache=5) as shop, Redis.from_url(redis.url) as client:
        for text in texts:
            await shop.ask(text, **by_hash(text))
        kept = [key async for key in client.scan_iter("custgraph:persisted:*")]
        assert sorted(kept) == sorted(f"custgraph:persisted:{sha256_of(text)}".encode() for text in texts[-5:])
        assert await client.zcard("custgraph:persisted") == 5
        assert all([0 < await client.ttl(key) <= 86_400 for key in kept])


async def test_workers_share_one_budget(redis: RedisServer) -> None:
    async with worker(redis.url, rate_limit=12) as one, worker(redis.url, rate_limit=12) as other:
        first = await one.ask(FIVE, context=Context(wants_cost=True))
        second = await other.ask(FIVE, context=Context(wants_cost=True))
        assert first.extensions is not None
        assert second.extensions is not None
        assert [first.extensions["cost"]["remaining"], second.extensions["cost"]["remaining"]] == [7, 2]
        for shop in (one, other):
            refused = await shop.ask(FIVE)
            assert (refused.status, codes(refused)) == (429, ["RATE_LIMITED"])
            assert 1 <= int(dict(refused.headers)["retry-after"]) <= 120
        assert (await one.ask(FIVE, context=Context("bob"))).executed


async def test_many_at_once_do_not_overspend(redis: RedisServer) -> None:
    async with worker(redis.url, rate_limit=100) as one, worker(redis.url, rate_limit=100) as other:
        results = await asyncio.gather(*((one, other)[index % 2].ask(FIVE) for index in range(60)))
        assert sum(result.executed for result in results) == 20


async def test_a_failing_store_fails_no_request_and_is_told_once(
    redis: RedisServer,
) -> None:
    async with worker(redis.url, rate_limit=100) as shop:
        assert shop.executor._shared is not None
        shop.executor._shared.pause = 0.0
        assert (await shop.ask(QUERY, **by_hash(QUERY))).executed
        await redis.stop()
        with structlog.testing.capture_logs() as log:
            for _ in range(5):
                assert (await shop.ask(QUERY, **by_hash(QUERY))).executed
                assert (await shop.ask(FIVE, context=Context(wants_cost=True))).executed
                assert codes(await shop.ask(**by_hash("{ other: __typename }"))) == ["PERSISTED_QUERY_NOT_FOUND"]
        assert [line["event"] for line in log] == ["shared store failed, using memory"]
        await redis.start()
        with structlog.testing.capture_logs() as log:
            assert (await shop.ask(FIVE)).executed
        assert [line["event"] for line in log] == ["shared store is back"]


async def test_a_store_that_does_not_answer_holds_requests_up_once_and_briefly() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        async with worker(f"redis://127.0.0.1:{port}/0", rate_limit=100) as shop:
            started = time.monotonic()
            for _ in range(20):
                assert (await shop.ask(FIVE)).executed
            assert time.monotonic() - started < TIMEOUT * 4


async def test_an_executor_without_a_store_closes() -> None:
    await Shop().executor.aclose()
