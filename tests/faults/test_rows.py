"""Single rows: what is wrong with one costs that one, and is told in the answer and in the log."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from support.faults.catalogue import FAULTS
from support.faults.gateway import Gateway
from support.faults.logs import Captured
from support.upstream import Call, Exchange, FakeUpstream, Fault, Kind, Script, Strike


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


async def test_one_bad_id_of_fifty_costs_that_id() -> None:
    async with FakeUpstream() as upstream, Gateway(upstream.url()) as gateway:
        tenant = upstream.tenants[0]
        upstream.plan = Script(FAULTS["500-html"], [Kind.SHOW])
        ids = [*map(str, range(1, 50)), "900"]
        document = "query ($ids: [ID!]!) { customersByIds(ids: $ids) { email } }"
        answer = await gateway.ask(document, {"ids": ids}, tenant.token)
        found = [customer and customer["email"] for customer in answer.data["customersByIds"]]
        assert found == [*(tenant.rows[id_]["email"] for id_ in range(1, 50)), None]
        assert [error["path"] for error in answer.errors] == [["customersByIds", 49]]
        assert len(upstream.ledger.calls) == 2


async def test_markup_in_a_name_is_a_name() -> None:
    async with FakeUpstream() as upstream, Gateway(upstream.url()) as gateway:
        name = "<script>alert(1)</script>\u202e\u0007"
        upstream.tenants[0].rows[7]["first_name"] = name
        answer = await gateway.ask("{ customer(id: 7) { firstName } }", {}, upstream.tenants[0].token)
        assert answer.data == {"customer": {"firstName": name}}
