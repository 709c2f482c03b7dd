"""What each fault comes to: the table that the tests go by, and that `docs/faults.md` shows."""

from __future__ import annotations

from dataclasses import dataclass, replace

from support.faults.cases import Case
from support.faults.judge import UNKNOWN

BAD = "UPSTREAM_BAD_RESPONSE"
ERROR = "UPSTREAM_ERROR"
LIMITED = "UPSTREAM_RATE_LIMITED"
TIMEOUT = "UPSTREAM_TIMEOUT"
UNAVAILABLE = "UPSTREAM_UNAVAILABLE"


@dataclass(frozen=True)
class Expected:
    """The outcome of each act, in the words of `cases`.

    Attributes:
        customer: of a single read.
        list: of a list.
        by_ids: of a list by ids; what it does not give is asked for one by one.
        one_of_ids: of many ids when the fault strikes the call for one of them.
        again: a read that meets the fault once is asked again, and then gives its data.
        applied: of a write that took effect.
        failed: of one that did not; `delete` where that differs for a delete.
        pauses: for how long no other call may go follows from the fault: later fields fail like this one.
    """

    customer: str
    list: str
    by_ids: str
    one_of_ids: str
    again: bool = False
    applied: str = "done"
    failed: str = ""
    delete: str = ""
    pauses: bool = False


def _fails(code: str, *, doubt: bool, again: bool = False, pauses: bool = False) -> Expected:
    """A failure; in doubt, a read settles what became of a write."""
    failed = UNKNOWN if doubt else code
    return Expected(code, code, code, f"data but one, {code}", again, "done", failed, failed, pauses)


HARMLESS = Expected("data", "data", "data", "data")
_UNREACHABLE = _fails(UNAVAILABLE, doubt=False)
_TIMEOUT = _fails(TIMEOUT, doubt=True)
_RESET = _fails(UNAVAILABLE, doubt=True, again=True)
_CUT = _fails(BAD, doubt=True, again=True)
_BAD = _fails(BAD, doubt=True)
_ROW = replace(_BAD, list=f"data but one, {BAD}", by_ids="data")
_REFUSED = _fails(ERROR, doubt=False)
_INVALID = replace(_REFUSED, failed="userErrors INVALID", delete="userErrors IN_USE")
_LIMITED = _fails(LIMITED, doubt=False)
_MISSING = Expected("null", BAD, BAD, "data but one", failed="userErrors NOT_FOUND", delete="userErrors NOT_FOUND")

_GROUPS: tuple[tuple[Expected, str], ...] = (
    (_UNREACHABLE, "refused black-holed dns"),
    (_UNREACHABLE, "tls-expired tls-wrong-host tls-untrusted tls-absent tls-cut tls-silent"),
    (_TIMEOUT, "no-answer headers-dripped body-dripped stalled-in-body"),
    (_RESET, "reset-before-headers closed-before-headers applied-late"),
    (_CUT, "closed-in-headers reset-in-body closed-in-body closed-in-chunks"),
    (HARMLESS, "reused-then-reset reused-then-closed closed-after-answer connection-close"),
    (_fails("UNAUTHENTICATED", doubt=False), "401-key-echoed 401-key-escaped"),
    (_fails("FORBIDDEN", doubt=False), "401-forbidden 401-empty 403"),
    (_MISSING, "404"),
    (_fails(BAD, doubt=False), "404-html"),
    (_REFUSED, "400 409"),
    (_INVALID, "422-validation 422-missing"),
    (replace(_INVALID, failed="userErrors NOT_WRITABLE"), "422-not-allowed"),
    (_fails(ERROR, doubt=True), "422-crash 422-html 422-empty 500-json 500-html 500-empty 501"),
    (_LIMITED, "429 429-garbage"),
    (replace(_LIMITED, again=True), "429-now 429-past"),
    (replace(_LIMITED, pauses=True), "429-seconds 429-huge 429-date"),
    (_RESET, "502-json 502-html 502-empty 503-json 503-html 503-empty 504-json 504-html 504-empty"),
    (_fails(UNAVAILABLE, doubt=True), "503-retry-after"),
    (_BAD, "301-another-host 302-another-host 303-another-host 307-another-host 308-another-host 307-itself 304"),
    (_BAD, "204 200-empty 200-html 200-html-as-json"),
    (_BAD, "truncated-json json-array json-scalar json-null json-no-data json-data-null json-data-text"),
    (_BAD, "json-list-for-one another-tenants-reply json-duplicate-keys json-nan json-infinity json-huge-float"),
    (_BAD, "json-huge-int json-deep json-surrogate json-bom json-utf-16 json-latin-1 json-trailing"),
    (_ROW, "row-no-attributes row-another-type row-null-email row-text-tags row-bad-id row-two-ids row-huge-text"),
    (replace(_ROW, list=BAD), "row-another-id"),
    (_BAD, "type-text type-none oversized oversized-chunks endless gzip deflate unknown-encoding gzip-bomb"),
    (HARMLESS, "odd-text unknown-members"),
    (_BAD, "length-and-chunked two-lengths negative-length worded-length signed-length bad-chunk-size"),
    (_BAD, "unknown-transfer bad-status-line bad-version no-head header-no-colon header-nul garbage 101"),
    (_BAD, "big-head endless-head wrong-request-id"),
    (HARMLESS, "stray-byte stray-line stray-answer stray-answer-later cookie"),
    (HARMLESS, "100 103 chunked until-close in-small-pieces lower-case-headers http-1.0"),
)
EXPECTED: dict[str, Expected] = {name: expected for expected, names in _GROUPS for name in names.split()}

OVER_HTTPX: dict[str, Expected] = {"stray-byte": _BAD}
"""Where the wire over httpx is stricter: bytes right behind an answer spoil it."""

LIES = {("204", "delete"), ("row-another-id", "create")}
"""Answers that say plainly that a write was done, whether it was or not: no gateway could know better."""


def is_fair(case: Case) -> bool:
    """Whether the upstream says enough in this case for anybody to know what happened."""
    return case.commit or (case.fault, case.act.name) not in LIES


def expected_of(case: Case) -> str:
    """The outcome that a case must have."""
    expected = EXPECTED[case.fault]
    if case.wire == "httpx":
        expected = OVER_HTTPX.get(case.fault, expected)
    if case.act.writes:
        if case.commit:
            return expected.applied
        return expected.delete if case.act.name == "delete" else expected.failed
    if case.once and expected.again:
        return "data"
    return {
        "customer": expected.customer,
        "list": expected.list,
        "by ids": expected.by_ids,
        "one of ids": expected.one_of_ids,
    }[case.act.name]


def kept_of(case: Case, siblings: int) -> int:
    """How many other fields must be there: all, but those that come after an upstream's wish to be left alone."""
    if EXPECTED[case.fault].pauses and case.act.writes:
        return ("create", "update", "delete").index(case.act.name)
    return siblings
