"""Rows that cannot be used: a page without them says so, in the field's own place."""

from __future__ import annotations

import httpx
from msgspec import json

from support.operations import Gateway


class Spoiling(httpx.AsyncBaseTransport):
    """Passes calls on, and spoils the second row of every list."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self._inner.handle_async_request(request)
        document = json.decode(await response.aread())
        if isinstance(document.get("data"), list) and len(document["data"]) > 1:
            document["data"][1]["attributes"]["email"] = None
        headers = {"content-type": "application/json"}
        return httpx.Response(response.status_code, headers=headers, content=json.encode(document))


async def test_a_bad_row_is_noted_where_it_is_missing(gateway: Gateway) -> None:
    gateway.put_in_between(Spoiling)
    outcome = await gateway.run(
        """{
          first: customers(first: 3) { nodes { id } }
          enterprise(id: 2) { list: customers(first: 3) { totalCount edges { node { id } } } }
          fine: customers(first: 1) { nodes { id } }
        }"""
    )
    assert [node["id"] for node in outcome.data["first"]["nodes"]] == ["1", "3"]
    assert len(outcome.data["enterprise"]["list"]["edges"]) == 2
    assert sorted(outcome.codes, key=str) == [
        (["enterprise", "list"], "UPSTREAM_BAD_RESPONSE"),
        (["first"], "UPSTREAM_BAD_RESPONSE"),
    ]
    assert all(error.locations for error in outcome.errors)


async def test_a_bad_row_is_asked_for_again_by_id(gateway: Gateway) -> None:
    gateway.put_in_between(Spoiling)
    outcome = await gateway.run("{ customersByIds(ids: [1, 2, 3]) { id } }")
    assert [customer["id"] for customer in outcome.whole["customersByIds"]] == ["1", "2", "3"]
    assert len(outcome.calls) == 2
