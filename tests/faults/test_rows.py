"""Rows that nobody asked for: they are dropped and told of, in the answer and in the log."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from support.faults.gateway import Gateway
from support.faults.logs import Captured
from support.upstream import Call, Exchange, FakeUpstream, Fault, Kind, Strike


def changes_first_row(change: Any) -> Fault:
    """A fault that changes the first row of a list, consistently, so that only the question shows that it is wrong."""

    async def run(x: Exchange) -> bool:
        document = json.loads(x.reply.body)
        change(document["data"])
        return await x.send(msgspec.structs.replace(x.reply, body=json.dumps(document).encode()).wire())

    return Fault("row", "changes a row", run)


def lists_only(fault: Fault) -> Any:
    def plan(call: Call) -> Strike | None:
        return Strike(fault) if call.kind in (Kind.LIST, Kind.BATCH) else None

    return plan


def into_another_enterprise(data: list[Any]) -> None:
    data[0]["attributes"]["enterprise_id"] = 3
    data[0]["relationships"]["enterprise"]["data"]["id"] = "3"


def twice(data: list[Any]) -> None:
    data.append(data[0])


async def test_a_row_of_another_enterprise_is_dropped(logs: Captured) -> None:
    logs.take()
    async with FakeUpstream() as upstream, Gateway(upstream.url()) as gateway:
        upstream.plan = lists_only(changes_first_row(into_another_enterprise))
        document = '{ customers(enterpriseId: "2", first: 5) { nodes { id enterprise { id } } } }'
        answer = await gateway.ask(document, {}, upstream.tenants[0].token, "foreign-row")
    nodes = answer.data["customers"]["nodes"]
    assert [node["id"] for node in nodes] == ["4", "6", "8", "10"]
    assert {node["enterprise"]["id"] for node in nodes} == {"2"}
    assert answer.codes("customers") == ["UPSTREAM_BAD_RESPONSE"]
    (line,) = [json.loads(line) for line in logs.take().splitlines() if "rows dropped" in line]
    assert (line["level"], line["request_id"], line["foreign"]) == ("error", "foreign-row", 1)


async def test_a_row_that_comes_twice_is_there_once() -> None:
    async with FakeUpstream() as upstream, Gateway(upstream.url()) as gateway:
        upstream.plan = lists_only(changes_first_row(twice))
        document = "{ customersByIds(ids: [3, 1, 2, 3]) { id } }"
        answer = await gateway.ask(document, {}, upstream.tenants[0].token)
    assert [customer["id"] for customer in answer.data["customersByIds"]] == ["3", "1", "2", "3"]
    assert answer.errors == []
