"""The matrix: every fault against every act."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from support.faults.acts import READ_ACTS, WRITE_ACTS
from support.faults.cases import Case, Wire
from support.faults.catalogue import FAULTS
from support.faults.endpoints import ENDPOINTS
from support.faults.expectations import expected_of, is_fair, kept_of
from support.faults.judge import Result

ALL = (*ENDPOINTS, *FAULTS)
"""The names of all faults."""


def title_of(fault: str) -> str:
    """What the upstream does."""
    return ENDPOINTS[fault][0] if fault in ENDPOINTS else FAULTS[fault].title


def cases_of(fault: str, wire: Wire, seed: int = 1) -> list[Case]:
    """All cases of one fault, in an order and with numbers that follow from the seed."""
    dice = Random(f"{seed} {fault} {wire}")  # noqa: S311 - repeatable
    cases = list(_cases_of(fault, wire, dice.sample(range(10_000), 40)))
    dice.shuffle(cases)
    return cases


def _cases_of(fault: str, wire: Wire, numbers: list[int]) -> Iterator[Case]:
    applies = FAULTS[fault].applies if fault in FAULTS else (False,)
    number = iter(numbers)
    for act in READ_ACTS:
        if fault in FAULTS or act.name != "one of ids":  # there is no call for one without one for all
            for once in (False, True) if fault in FAULTS else (False,):
                yield Case(fault, act, True, once, wire, next(number))
    for act in WRITE_ACTS:
        for commit in applies:
            case = Case(fault, act, commit, False, wire, next(number))
            if is_fair(case):
                yield case


def misses(result: Result) -> list[str]:
    """What of a result is not as it must be."""
    case, expected = result.case, expected_of(result.case)
    notes = list(result.notes)
    if result.outcome != expected:
        notes.append(f"{case}: {result.outcome}, expected {expected}")
    least = min(kept_of(case, result.siblings), result.siblings)
    if result.kept < least:
        notes.append(f"{case}: {result.kept} of {least} other fields kept")
    return notes
