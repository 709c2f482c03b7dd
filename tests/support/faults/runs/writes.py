"""Mutations under random ambiguous faults: what is reported is what happened, and nothing happens twice."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from support.faults.cases import STALLS
from support.faults.catalogue import FAULTS
from support.faults.expectations import EXPECTED, LIES
from support.faults.gateway import HASTY, Answered, Gateway
from support.faults.judge import UNKNOWN, leaks
from support.faults.runs.report import Progress, Report, side_by_side, silent
from support.upstream import READS, WRITES, Dice, FakeUpstream, Kind, Strike, Tenant
from support.upstream.exchange import Plan
from support.upstream.messages import Call

_DOCUMENTS = {
    Kind.CREATE: """mutation ($input: CreateCustomerInput!) {
      write: createCustomer(input: $input) { customer { email } userErrors { code } } }""",
    Kind.UPDATE: """mutation ($id: ID!, $input: UpdateCustomerInput!) {
      write: updateCustomer(id: $id, input: $input) { customer { email } userErrors { code } } }""",
    Kind.DELETE: "mutation ($id: ID!) { write: deleteCustomer(id: $id) { deletedCustomerId userErrors { code } } }",
}
_LYING = {fault for fault, _ in LIES}


def ambiguous(*, stalls: bool) -> list[Strike]:
    """Every fault that leaves a write in doubt, with the write applied and not."""
    names = [name for name in FAULTS if EXPECTED[name].failed == UNKNOWN and name not in _LYING]
    return [
        Strike(FAULTS[name], commit)
        for name in names
        if stalls or name not in STALLS
        for commit in FAULTS[name].applies
    ]


def certain() -> list[Strike]:
    """Some refusals that leave no doubt."""
    return [
        Strike(FAULTS[name], commit=False) for name in ("401-forbidden", "403", "400", "404-html", "422-validation")
    ]


async def run_writes(seed: int, count: int = 2000, *, stalls: bool = True, progress: Progress = silent) -> Report:
    """Sends `count` mutations; half of the writes meet a fault, and so does one in twenty of the reads that settle.

    Among the faults are some refusals without a doubt, so that there is something to be reported as refused.
    """
    report = Report(f"{count} mutations under random ambiguous faults (seed {seed})")
    tenant, dice = Tenant(1, 1), Random(seed)  # noqa: S311 - repeatable
    outcomes: dict[str, str] = {}
    leaked: list[str] = []
    async with FakeUpstream([tenant, Tenant(2)], plan=plan(seed, stalls=stalls), cookies=True) as upstream:
        pace = HASTY if stalls else {}
        async with Gateway(upstream.url(), max_loop_lag=3600.0, **pace) as gateway:

            async def write(kind: Kind, number: int) -> None:
                email = f"w{number}.{tenant.marker}@shop.test"
                variables: dict[str, object] = {"input": {"enterpriseId": "2", "email": email, "code": f"c{number}"}}
                if kind is not Kind.CREATE:
                    old = email if kind is Kind.DELETE else f"old{number}.{tenant.marker}@shop.test"
                    variables["id"] = str(tenant.add(old))
                if kind is Kind.DELETE:
                    del variables["input"]
                answer = await gateway.ask(_DOCUMENTS[kind], variables, tenant.token, f"w-{number}")
                outcomes[email] = outcome_of(answer)
                if leaks(answer.text + answer.head) or tenant.token in answer.text:
                    leaked.append(f"w-{number}")

            kinds = [dice.choice([Kind.CREATE, Kind.UPDATE, Kind.DELETE]) for _ in range(count)]
            work = (write(kind, number) for number, kind in enumerate(kinds))
            await side_by_side(work, 14, progress, "mutations")
        ledger = upstream.ledger
    applied = ledger.counts()
    sent = [call for call in ledger.calls if call.kind in WRITES]
    report.add("mutations", len(outcomes), least=count)
    report.add("writes that reached the upstream", len(sent))
    for word in sorted(set(outcomes.values())):
        report.add(f"reported as {word}", sum(outcome == word for outcome in outcomes.values()))
    certain = {email: word for email, word in outcomes.items() if word != UNKNOWN}
    report.none("applied but reported refused", (e for e, word in certain.items() if word != "done" and applied[e]))
    report.none("reported applied but not", (e for e, word in certain.items() if word == "done" and not applied[e]))
    report.none("applied twice", (email for email, times in applied.items() if times > 1))
    report.none("sent twice", _repeated(sent))
    report.none("answers that repeat the upstream's words", leaked)
    report.none("requests that no gateway should send", ledger.violations)
    report.none("errors of our own", (word for word in outcomes.values() if word.startswith(("INTERNAL", "HTTP"))))
    return report


def plan(seed: int, *, stalls: bool) -> Plan:
    """A fault for half of the writes, and for one in twenty of the reads."""
    writes = Dice(seed, [*ambiguous(stalls=stalls), *4 * certain()], 0.5, WRITES)
    reads = Dice(seed, [Strike(FAULTS[name]) for name in ("reset-before-headers", "500-html", "json-nan")], 0.05, READS)

    def strike(call: Call) -> Strike | None:
        return (writes if call.kind in WRITES else reads)(call)

    return strike


def outcome_of(answer: Answered) -> str:
    """In the words of the cases."""
    if answer.status != 200:
        return f"HTTP {answer.status}"
    if codes := answer.codes("write"):
        return codes[0]
    errors = answer.data["write"]["userErrors"]
    return f"userErrors {errors[0]['code']}" if errors else "done"


def _repeated(calls: list[Call]) -> Iterator[str]:
    seen: set[tuple[str, str, bytes]] = set()
    for call in calls:
        key = (call.method, call.target, call.body)
        if key in seen:
            yield f"{call.method} {call.target}"
        seen.add(key)
