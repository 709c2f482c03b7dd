"""What must hold in every case, whatever the fault: nothing lost, nothing doubled, nothing let out."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from support.faults.acts import Ask
from support.faults.catalogue.words import CANARY
from support.faults.gateway import Answered
from support.upstream import MARKER, Ledger, Tenant

if TYPE_CHECKING:
    from support.faults.cases import Case

Evil = Literal["duplicated", "lost", "foreign", "leaked", "http500", "other"]
UNKNOWN = "MUTATION_OUTCOME_UNKNOWN"

UPSTREAM_WORDS = re.compile(
    rf"{CANARY}|ActiveRecord|PG::|/srv/|\.rb\b|nginx|<html|Invalid API key|Something went wrong\. Our|127\.0\.0\.1"
)
"""What only the upstream says, and nobody may repeat."""


@dataclass
class Result:
    """What came of a case.

    Attributes:
        outcome: of the struck field, in the words of the expectations.
        kept: other fields that gave what they always give.
        siblings: how many there are.
        evils: what went wrong, by kind.
        notes: the same, for people.
    """

    case: Case
    outcome: str
    kept: int
    siblings: int
    evils: Counter[Evil] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)

    def add(self, evil: Evil, note: str) -> None:
        self.evils[evil] += 1
        self.notes.append(f"{self.case}: {note}")


def judge_answer(result: Result, answer: Answered, tenant: Tenant) -> None:
    """Looks for what must be in no answer."""
    if answer.status != 200:
        result.add("http500" if answer.status >= 500 else "other", f"HTTP {answer.status}")
    if "INTERNAL_SERVER_ERROR" in answer.text:
        result.add("http500", "an error of our own")
    whole = f"{answer.head}\r\n\r\n{answer.text}"
    beside = f"{answer.head} {answer.errors}"
    if {int(number) for number in MARKER.findall(whole)} - {tenant.number}:
        result.add("foreign", "another tenant's marker in the answer")
    if leaks(whole) or tenant.token in whole or MARKER.search(beside):
        result.add("leaked", "the answer repeats what it must not")
    for error in answer.errors:
        if error["extensions"].get("requestId") != result.case.request_id:
            result.add("other", "an error without the request's id")


def leaks(text: str) -> bool:
    """Whether a text repeats the upstream's own words."""
    return UPSTREAM_WORDS.search(text) is not None


def judge_ledger(result: Result, ask: Ask, ledger: Ledger, sends: int) -> None:
    """Holds the answer against what the upstream saw and did.

    Args:
        result: what was answered.
        ask: what was asked.
        ledger: the upstream's.
        sends: how many calls the fault struck.
    """
    case = result.case
    for note in (*ledger.violations, *ledger.repeated_request_ids()):
        result.add("other", f"the upstream saw: {note}")
    if any(len(tokens) > 1 for tokens in ledger.tokens_by_connection.values()):
        result.add("other", "one connection carried two tenants")
    for email in ask.emails.values():
        if ledger.times_applied(email) > 1:
            result.add("duplicated", f"applied {ledger.times_applied(email)} times")
    if case.act.writes:
        if sends != 1:
            result.add("duplicated", f"sent {sends} times")
        applied = ledger.times_applied(ask.emails[case.act.root])
        if result.outcome == "done" and applied != 1:
            result.add("lost", "reported as done, and it is not")
        if result.outcome not in ("done", UNKNOWN) and applied:
            result.add("lost", f"reported as {result.outcome}, and it was done")
    elif sends > 2:
        result.add("other", f"asked {sends} times")
