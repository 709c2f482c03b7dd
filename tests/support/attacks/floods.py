"""Abuses that take time or numbers: half-open sockets, dear documents, a crowd, clients that go."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Awaitable, Callable
from time import perf_counter

import msgspec
from graphql import get_introspection_query

from support.attacks.attack import HOST, JSON, Attack, Reply, make
from support.attacks.requests import post

Open = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def worst_documents() -> dict[str, str]:
    """Within every limit, and as dear to parse, to validate and to measure as they can be."""
    fields = "id nodeId firstName lastName code email tags allowCharges termsAndConditionsAcceptedAt"
    addresses = "billingAddress { streetAddress1 streetAddress2 postalCode locality region { code } }"
    chain = " ".join(f"fragment F{n} on Customer {{ ...F{n + 1} id }}" for n in range(90))
    spread = " ".join(f"fragment G{n} on Customer {{ id }}" for n in range(90))
    ids = ", ".join(f'"{n}"' for n in range(1, 201))
    some = f"{fields} {fields} {fields}"
    return {
        "one field 220 times": "{ customer(id: 1) {" + " id" * 220 + " } }",
        "nine fields 33 times": "{ customer(id: 1) {" + f" {fields}" * 33 + " } }",
        "one object 60 times": "{ customer(id: 1) {" + f" {addresses}" * 60 + " } }",
        "26 aliases of 27 fields": "{" + " ".join(f"a{n}: customer(id: 1) {{ {some} }}" for n in range(26)) + "}",
        "130 inline fragments": "{ customer(id: 1) {" + " ... on Customer { id }" * 130 + " } }",
        "150 inline fragments within each other": "{" + "... on Query {" * 150 + "__typename" + "}" * 150 + "}",
        "a chain of 90 fragments": "{ customer(id: 1) { ...F0 } } " + chain + " fragment F90 on Customer { id }",
        "90 fragments": "{ customer(id: 1) {" + " ".join(f"...G{n}" for n in range(90)) + "} } " + spread,
        "70 operations": " ".join(f"query Q{n} {{ customer(id: {n + 1}) {{ id }} }}" for n in range(70)),
        "200 ids": f"{{ customersByIds(ids: [{ids}]) {{ id }} }}",
        "a string of 15 KB": '{ customer(id: 1) { id } a: __type(name: "' + "x" * 15_000 + '") { name } }',
        "introspection": get_introspection_query(),
    }


def worst_request(document: str, number: int | None) -> bytes:
    """A request with the document; with a number in it, no cache knows it."""
    name = "Q0" if document.startswith("query Q0") else None
    text = document if number is None else f"{document}\n# {number}"
    return post(msgspec.json.encode({"query": text, "operationName": name}))


async def flood(host: str, port: int, seconds: float, rate: float, *, fresh: bool) -> tuple[Counter[int], list[float]]:
    """Sends the worst documents in turn, so many a second; gives the statuses, and the seconds that each took.

    Args:
        host: of the gateway.
        port: of the gateway.
        seconds: how long.
        rate: requests a second.
        fresh: makes each document one that was never seen before.
    """
    documents = list(worst_documents().values())
    statuses: Counter[int] = Counter()
    taken: list[float] = []

    async def one(number: int) -> None:
        request = worst_request(documents[number % len(documents)], number if fresh else None)
        began = perf_counter()
        reply = await make(Attack("", request, frozenset()), host, port)
        taken.append(perf_counter() - began)
        statuses[reply.status] += 1

    async with asyncio.TaskGroup() as group:
        began = perf_counter()
        for number in range(int(seconds * rate)):
            await asyncio.sleep(max(began + number / rate - perf_counter(), 0))
            group.create_task(one(number))
    return statuses, taken


async def half_open(host: str, port: int, count: int, patience: float) -> list[float]:
    """Opens so many connections and never finishes a request on them; gives when each was closed, -1 for never."""
    head = b"POST /graphql HTTP/1.1\r\n" + HOST + JSON
    starts = [b"", head, head + b"Content-Length: 20\r\n\r\n{", b"drip"]
    return await asyncio.gather(*[_hold(host, port, starts[n % len(starts)], patience) for n in range(count)])


async def _hold(host: str, port: int, start: bytes, patience: float) -> float:
    began = perf_counter()
    reader, writer = await asyncio.open_connection(host, port)
    drip = asyncio.create_task(_drip(writer)) if start == b"drip" else None
    try:
        async with asyncio.timeout(patience):
            with contextlib.suppress(OSError):
                writer.write(start if drip is None else b"G")
                await reader.read()
    except TimeoutError:
        return -1.0
    finally:
        if drip is not None:
            drip.cancel()
        writer.close()
    return perf_counter() - began


async def _drip(writer: asyncio.StreamWriter) -> None:
    """Sends a head, byte by byte, for ever."""
    with contextlib.suppress(OSError):
        for byte in b"ET /graphql HTTP/1.1\r\n" + HOST + b"X-A: " + b"a" * 1000:
            await asyncio.sleep(0.5)
            writer.write(bytes([byte]))


async def crowd(host: str, port: int, count: int) -> Counter[int]:
    """Sends so many requests at once, each on a connection of its own; gives the statuses."""
    query = post(b'{"query":"{ customers(first: 200) { nodes { id email } } }"}')
    replies = await asyncio.gather(*[make(Attack("", query, frozenset()), host, port, 30.0) for _ in range(count)])
    return Counter(reply.status for reply in replies)


async def goers(host: str, port: int, count: int, at_once: int = 50) -> None:
    """Asks so many times and goes before the answer."""
    query = post(b'{"query":"{ customers(first: 200) { nodes { id } } }"}')

    async def ask_and_go() -> None:
        _, writer = await asyncio.open_connection(host, port)
        writer.write(query)
        await writer.drain()
        await asyncio.sleep(0.002)
        writer.transport.abort()

    await in_batches(ask_and_go, count, at_once)


async def normal(host: str, port: int, count: int) -> int:
    """Asks so many times as a client should; gives how many got their data."""
    request = post(b'{"query":"{ customer(id: 1) { id } }"}')
    got = 0

    async def ask() -> None:
        nonlocal got
        reply = await make(Attack("", request, frozenset()), host, port)
        got += reply == Reply(200, b'{"data":{"customer":{"id":"1"}}}')

    await in_batches(ask, count, 10)
    return got


async def in_batches(work: Callable[[], Awaitable[None]], count: int, at_once: int) -> None:
    """Does the work so many times, some at once."""
    for start in range(0, count, at_once):
        await asyncio.gather(*[work() for _ in range(min(at_once, count - start))])
