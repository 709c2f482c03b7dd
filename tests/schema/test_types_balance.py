"""Balances: read off the record where it has one, asked for where it has not, and only where they are selected."""

from __future__ import annotations

import httpx

from support.operations import Gateway


class NoExtraFields(httpx.AsyncBaseTransport):
    """Refuses `extra_fields`, as an upstream does that does not know the field."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if "extra_fields" in str(request.url):
            return httpx.Response(422, json={"errors": [{"detail": "Unsupported fields: balance"}]})
        return await self._inner.handle_async_request(request)


class NoBalances(NoExtraFields):
    """Has no balances at all."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await super().handle_async_request(request)
        document = httpx.Response(200, content=await response.aread()).json()
        if isinstance(document.get("data"), dict):
            document["data"]["attributes"].pop("balance", None)
        return httpx.Response(response.status_code, json=document)


LIST = "{ customers(first: 3) { nodes { id balance } } }"


async def test_they_come_with_the_list(gateway: Gateway) -> None:
    with_balance = await gateway.run(LIST)
    without = await gateway.run("{ customers(first: 3) { nodes { id } } }")
    assert [("extra_fields" in call.query) for call in (*with_balance.calls, *without.calls)] == [True, False]


async def test_they_are_asked_for_where_lists_do_not_tell_them(gateway: Gateway) -> None:
    told = (await gateway.run(LIST)).whole
    gateway.put_in_between(NoExtraFields)
    assert (await gateway.run(LIST)).whole == told
    assert (await gateway.run("{ customersByIds(ids: [1, 2]) { balance } }")).whole["customersByIds"][0] == {
        "balance": "12.5"
    }


async def test_they_are_null_where_the_upstream_has_none(gateway: Gateway) -> None:
    gateway.put_in_between(NoBalances)
    customers = (await gateway.run(LIST)).whole["customers"]["nodes"]
    assert [customer["balance"] for customer in customers] == [None, None, None]
    assert (await gateway.run("{ customer(id: 1) { id balance } }")).whole["customer"] == {"id": "1", "balance": None}
