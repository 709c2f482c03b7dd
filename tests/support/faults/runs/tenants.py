"""Many tenants with the same ids at once: no byte of one reaches another, whatever the upstream does."""

from __future__ import annotations

import asyncio
from random import Random
from typing import Any

from support.faults.catalogue import FAULTS
from support.faults.gateway import Answered, Gateway
from support.faults.judge import leaks
from support.faults.logs import Captured
from support.faults.runs.report import Progress, Report, side_by_side, silent
from support.upstream import MARKER, Dice, FakeUpstream, Kind, Strike, Tenant

_F = "fragment F on Customer { id firstName email tags balance shippingAddress { phone locality } }"
_READS = (
    "query ($id: ID!) { customer(id: $id) { ...F enterprise { name } } }",
    "query ($ids: [ID!]!) { customersByIds(ids: $ids) { ...F } }",
    "{ customers(first: 20) { totalCount nodes { ...F } } }",
    '{ customers(first: 5, search: "first") { edges { cursor node { ...F } } pageInfo { hasNextPage } } }',
    "query ($id: ID!) { a: customer(id: $id) { ...F } b: customers(last: 3) { nodes { ...F } } }",
)
_WRITES = (
    "mutation ($input: CreateCustomerInput!) {"
    " createCustomer(input: $input) { customer { ...F } userErrors { message } } }",
    "mutation ($id: ID!, $change: UpdateCustomerInput!) {"
    " updateCustomer(id: $id, input: $change) { customer { ...F } userErrors { message } } }",
)
_FAULTS = (
    "another-tenants-reply",
    "wrong-request-id",
    "stray-answer",
    "stray-answer-later",
    "stray-byte",
    "cookie",
    "401-key-echoed",
    "404",
    "reset-before-headers",
    "reset-in-body",
    "closed-in-body",
    "row-another-id",
    "row-null-email",
    "json-duplicate-keys",
    "500-html",
    "422-crash",
    "reused-then-reset",
    "connection-close",
    "truncated-json",
    "chunked",
)


async def run_tenants(
    seed: int,
    count: int = 10_000,
    tenants: int = 50,
    *,
    wire: str = "native",
    host: str = "127.0.0.1",
    logs: Captured,
    progress: Progress = silent,
) -> Report:
    """Sends `count` requests of all tenants in a mix, cancels one in ten, and lets one call in ten meet a fault.

    The upstream sets cookies; a cookie jar would treat a host's name and its address unlike.
    """
    report = Report(f"{count} requests of {tenants} tenants with the same ids, over {wire} to {host} (seed {seed})")
    dice = Random(seed)  # noqa: S311 - repeatable
    everybody = [Tenant(number, 40) for number in range(1, tenants + 1)]
    logs.take()
    answers: list[tuple[Tenant, Answered]] = []
    logged: list[str] = []
    cancelled = 0
    plan = Dice(seed, [Strike(FAULTS[name]) for name in _FAULTS], 0.1, Kind)
    async with FakeUpstream(everybody, plan=plan, cookies=True) as upstream:
        settings = {"max_loop_lag": 3600.0, "upstream_wire": wire}
        async with Gateway(upstream.url(host), **settings) as gateway:

            async def request(number: int, tenant: Tenant, document: str, patience: float | None) -> None:
                nonlocal cancelled
                ask = gateway.ask(f"{document} {_F}", _variables(number), tenant.token, f"t{tenant.number}-{number}")
                try:
                    async with asyncio.timeout(patience):
                        answers.append((tenant, await ask))
                except TimeoutError:
                    cancelled += 1
                if not number % 500:
                    logged.append(logs.take())

            def draw(number: int) -> Any:
                document = dice.choice(_READS if dice.random() < 0.8 else _WRITES)
                patience = dice.random() * 0.02 if dice.random() < 0.1 else None
                return request(number, dice.choice(everybody), document, patience)

            await side_by_side(map(draw, range(count)), 40, progress, "requests")
        await upstream.wait_connections(0)
        ledger = upstream.ledger
    logged.append(logs.take())
    tokens = {tenant.number: tenant.token for tenant in everybody}
    report.add("answers", len(answers), least=0.8 * count)
    report.add("cancelled", cancelled, least=1)
    report.add("upstream calls", len(ledger.calls))
    report.add("calls that met a fault", len(plan.struck), least=1)
    report.none("foreign markers in answers and errors", (t.number for t, a in answers if _foreign(a.text, t)))
    report.none("foreign markers in headers", (t.number for t, a in answers if _foreign(a.head, t)))
    report.none("markers, tokens or upstream words in logs", (m for text in logged for m in _in_log(text)))
    report.none("answers that repeat a key or the upstream's words", (t.number for t, a in answers if _leaks(a, t)))
    report.none("calls with another's key", (c.request_id for c in ledger.calls if tokens[_tenant_of(c)] != c.token))
    report.none("connections of two tenants", (t for t in ledger.tokens_by_connection.values() if len(t) > 1))
    report.none("requests that no gateway should send", ledger.violations)
    report.none(
        "HTTP 500s and errors of our own", (a.text for _, a in answers if a.status != 200 or "INTERNAL" in a.text)
    )
    return report


def _variables(number: int) -> dict[str, Any]:
    ids = [str(1 + (number * 7 + step) % 40) for step in range(10)]
    return {
        "id": ids[0],
        "ids": ids,
        "input": {"enterpriseId": "2", "email": f"n{number}@shop.test"},
        "change": {"lastName": f"Changed {number}"},
    }


def _foreign(text: str, tenant: Tenant) -> bool:
    return bool({int(number) for number in MARKER.findall(text)} - {tenant.number})


def _leaks(answer: Answered, tenant: Tenant) -> bool:
    said = f"{answer.head} {answer.errors}"
    return tenant.token in answer.text + answer.head or leaks(answer.text + answer.head) or bool(MARKER.search(said))


def _in_log(text: str) -> list[str]:
    """What a log must not have in it."""
    found = [f"marker {number}" for number in MARKER.findall(text)]
    if leaks(text):
        found.append("the upstream's words")
    if "never retrieved" in text:
        found.append("an exception that nobody retrieved")
    return found


def _tenant_of(call: Any) -> int:
    return int(call.request_id.partition("-")[0][1:])
