"""One case: a fault, what is asked meanwhile, and what came of it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from support.faults.acts import Act, Ask
from support.faults.catalogue import FAULTS
from support.faults.endpoints import ENDPOINTS
from support.faults.gateway import HASTY, Answered, Gateway
from support.faults.judge import Result, judge_answer, judge_ledger
from support.upstream import FakeUpstream, Script, Tenant, honest

Wire = Literal["native", "httpx"]

STALLS = frozenset({"no-answer", "headers-dripped", "body-dripped", "stalled-in-body"})
"""Faults that only a time limit ends."""


@dataclass(frozen=True)
class Case:
    """One fault and one act.

    Attributes:
        fault: name of a fault or of an endpoint.
        act: what is asked.
        commit: whether a struck write took effect before the fault.
        once: whether only the first call is struck; else each is.
        wire: the gateway's wire.
        number: makes its ids and emails its own.
    """

    fault: str
    act: Act
    commit: bool = True
    once: bool = False
    wire: Wire = "native"
    number: int = 0

    def __str__(self) -> str:
        write = ("" if not self.act.writes else ", applied" if self.commit else ", not applied") + ", once" * self.once
        return f"{self.fault}: {self.act.name}{write} ({self.wire})"

    @property
    def request_id(self) -> str:
        return f"case-{self.number}"


async def run(fault: str, wire: Wire, cases: Sequence[Case], folder: Path) -> list[Result]:
    """Runs cases of one fault; each has a tenant of its own, so that no pause and no connection passes on."""
    if fault in ENDPOINTS or fault in STALLS:  # each has to wait for its time limits, so they wait together
        run_one = _run_unreachable if fault in ENDPOINTS else _run_alone
        return list(await asyncio.gather(*(run_one(case, folder) for case in cases)))
    tenants = [Tenant(number) for number in range(1, len(cases) + 2)]
    async with FakeUpstream(tenants, cookies=True) as upstream:
        async with Gateway(upstream.url(), upstream_wire=wire) as gateway:
            results = [
                await _strike(case, upstream, gateway, tenant) for case, tenant in zip(cases, tenants, strict=False)
            ]
        await upstream.wait_connections(0)
    return results


async def _run_alone(case: Case, _folder: Path) -> Result:
    tenants = [Tenant(1), Tenant(2)]
    async with FakeUpstream(tenants, cookies=True) as upstream:
        async with Gateway(upstream.url(), upstream_wire=case.wire, **HASTY) as gateway:
            result = await _strike(case, upstream, gateway, tenants[0])
        await upstream.wait_connections(0)
    return result


async def _strike(case: Case, upstream: FakeUpstream, gateway: Gateway, tenant: Tenant) -> Result:
    """Asks while the fault strikes, and judges the answer and the ledger."""
    gateway.app.upstream.traffic.forget()  # what earlier cases did to circuit and budget
    if case.fault.startswith("reused"):
        await gateway.ask("{ customer(id: 1) { id } }", {}, tenant.token)
    ask = case.act.prepare(tenant, case.number)
    script = Script(FAULTS[case.fault], [case.act.kind], commit=case.commit, times=1 if case.once else None)
    upstream.plan = script
    answer = await gateway.ask(case.act.document, ask.variables, tenant.token, case.request_id)
    upstream.plan = honest
    upstream.apply_late()
    result = Result(case, *_outcome(case.act, ask, answer, tenant))
    judge_answer(result, answer, tenant)
    judge_ledger(result, ask, upstream.ledger, len(script.struck))
    return result


async def _run_unreachable(case: Case, folder: Path) -> Result:
    tenant = Tenant(1)
    ask = case.act.prepare(tenant, case.number)
    async with ENDPOINTS[case.fault][1](folder) as reach:
        trust = {"upstream_ca_file": reach.ca_file, "upstream_allow_http": True}
        async with Gateway(reach.url, upstream_wire=case.wire, connect_timeout=0.7, **trust) as gateway:
            answer = await gateway.ask(case.act.document, ask.variables, tenant.token, case.request_id)
    outcome, _, _ = _outcome(case.act, ask, answer, tenant)
    result = Result(case, outcome, kept=0, siblings=0)  # nothing can be had there
    judge_answer(result, answer, tenant)
    if reach.upstream is not None and reach.upstream.ledger.calls:
        result.add("other", "a call got through")
    return result


def _outcome(act: Act, ask: Ask, answer: Answered, tenant: Tenant) -> tuple[str, int, int]:
    """What the struck field gave, how many other fields gave what they always give, and how many there are."""
    outcome = _write_outcome(act, ask, answer) if act.writes else _read_outcome(act, ask, answer)
    return outcome, sum(_is_kept(name, ask, answer, tenant) for name in act.siblings), len(act.siblings)


def _read_outcome(act: Act, ask: Ask, answer: Answered) -> str:
    """Words: `data`; `null`; `CODE`; `data but one` (one of many is null or missing), with `, CODE` if there is one."""
    value, codes = answer.data.get(act.root), answer.codes(act.root)
    if isinstance(value, dict):
        value = value.get("nodes", [value])
    given = {row["id"]: row["email"] for row in value or () if row is not None}
    if given == ask.struck:
        words = "data"
    elif not given:
        words = "" if codes else "null"
    elif len(given) == len(ask.struck) - 1 and given.items() <= ask.struck.items():
        words = "data but one"
    else:
        words = f"{len(given)} of {len(ask.struck)} rows"
    return ", ".join(filter(None, [words, *codes]))


def _write_outcome(act: Act, ask: Ask, answer: Answered) -> str:
    """Words: `done`; `userErrors CODE`; `CODE`."""
    payload, codes = answer.data.get(act.root), answer.codes(act.root)
    if payload is None:
        return ", ".join(codes) or "null"
    errors = [f"userErrors {error['code']}" for error in payload["userErrors"]]
    words = errors or ["done" if _is_done(act.root, payload, ask) else "another's record"]
    return ", ".join([*words, *codes])


def _is_done(root: str, payload: dict[str, Any], ask: Ask) -> bool:
    if root == "delete":
        return bool(payload["deletedCustomerId"] == ask.variables["deleted"])
    return bool(payload["customer"]["email"] == ask.emails[root])


def _is_kept(name: str, ask: Ask, answer: Answered, tenant: Tenant) -> bool:
    value = answer.data.get(name)
    if value is None or answer.codes(name):
        return False
    if name == "sibling":
        rows = value.get("nodes", [value])
        return bool(rows) and all(row["email"] == tenant.rows[int(row["id"])]["email"] for row in rows)
    return not value["userErrors"] and _is_done(name, value, ask)
