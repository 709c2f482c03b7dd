"""Checks, before anything is timed, that all servers answer the same data, and counts their upstream calls."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from harness.operations import Operation, bodies
from harness.processes import Fleet

SAMPLES = 4
CURSORS = ("cursor", "startCursor", "endCursor")
Calls = dict[str, dict[str, int]]


class MismatchError(Exception):
    """A server's answer differs from the others'."""


def check(fleet: Fleet, operations: list[Operation]) -> Calls:
    """Compares the servers' answers to a few requests of each operation.

    Returns:
        Upstream calls for one request, by server and operation.

    Raises:
        MismatchError: the first difference.
    """
    calls: Calls = {}
    for operation in operations:
        expected: tuple[str, list[Any]] | None = None
        for name, running in fleet.running.items():
            asked = [] if running.server.dialect == "rest" else bodies(operation, running.server.dialect)[:SAMPLES]
            if not asked:
                continue
            running.post(asked[0])  # what is fetched once per process is not counted
            before = fleet.upstream.count()
            answers = [_data_of(name, operation, running.post(body)) for body in asked]
            calls.setdefault(name, {})[operation.name] = round((fleet.upstream.count() - before) / len(asked))
            if expected is None:
                expected = (name, answers)
            elif answers != expected[1]:
                raise MismatchError(_difference(operation, name, answers, *expected))
    return calls


def _data_of(name: str, operation: Operation, answer: bytes) -> Any:
    decoded = json.loads(answer)
    if decoded.get("errors") or not decoded.get("data"):
        raise MismatchError(f"{operation.name}: {name} answered {answer[:600]!r}")
    return _canonical(decoded["data"])


def _canonical(value: Any, key: str = "") -> Any:
    """One shape for what servers may write differently: cursors, times, decimals, Tailcall's nesting."""
    if isinstance(value, list):
        return [_canonical(item) for item in value]
    if isinstance(value, dict):
        value = value | value.pop("attributes", {})
        if "enterpriseId" in value:
            value["enterprise"] = {"id": str(value.pop("enterpriseId"))}
        return {name: _canonical(item, name) for name, item in value.items()}
    if value is None:
        return None
    if key in CURSORS:
        return "a cursor"
    if key == "termsAndConditionsAcceptedAt":
        return datetime.fromisoformat(value).astimezone(UTC)
    return Decimal(str(value)).normalize() if key == "balance" else value


def _difference(operation: Operation, name: str, answers: list[Any], other: str, expected: list[Any]) -> str:
    pairs = next((a, e) for a, e in zip(answers, expected, strict=True) if a != e)
    texts = [json.dumps(side, default=str, sort_keys=True) for side in pairs]
    at = next((i for i, (a, b) in enumerate(zip(*texts, strict=False)) if a != b), 0)
    near = [text[max(0, at - 80) : at + 80] for text in texts]
    return f"{operation.name}: {name} says …{near[0]}…\nwhere {other} says …{near[1]}…"
