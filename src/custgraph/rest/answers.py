"""What an answer means: the table from HTTP statuses and wire faults to errors.

A `Verdict` says which error the caller gets, and what the rest of the leg has to know: whether a write may have been
applied, whether a read may be asked again, and whether the circuit breaker counts it.
"""

from __future__ import annotations

import re
import time
from email.utils import parsedate_to_datetime
from enum import IntEnum
from typing import Any

from custgraph import strict_json
from custgraph.errors import (
    CustgraphError,
    Forbidden,
    NotFound,
    Refused,
    Unauthenticated,
    UpstreamBadResponse,
    UpstreamError,
    UpstreamRateLimited,
    UpstreamTimeout,
    UpstreamUnavailable,
)
from custgraph.rest.headers import is_json
from custgraph.rest.wire import Answer, WireFault

LONGEST_PAUSE = 60.0
"""Seconds; a longer `Retry-After` is cut to this."""

LONGEST_SENTENCE = 300
MOST_SENTENCES = 50


class UnsupportedFields(UpstreamError):
    """The upstream does not know an extra field that it was asked for."""


class Weight(IntEnum):
    """How the circuit breaker takes an outcome."""

    NONE = 0
    FAILURE = 1
    GATEWAY = 2
    CONNECT = 3


class Verdict(Exception):
    """Why a call did not give what was asked.

    Attributes:
        error: what the caller gets.
        weight: how the circuit breaker takes it.
        doubt: a write may have been applied.
        again: a read may be asked once more.
        pause: seconds to wait before asking again, where the upstream said so.
        fresh: ask again at once: the connection was stale, the upstream is not to blame.
        tells: whether it says anything of the upstream's health.
    """

    def __init__(
        self,
        error: CustgraphError,
        weight: Weight = Weight.NONE,
        *,
        doubt: bool = False,
        again: bool = False,
        pause: float | None = None,
        fresh: bool = False,
        tells: bool = True,
    ) -> None:
        super().__init__(error.code)
        self.error = error
        self.weight = weight
        self.doubt = doubt
        self.again = again
        self.pause = pause
        self.fresh = fresh
        self.tells = tells


def of_fault(fault: WireFault, *, hurried: bool = False) -> Verdict:
    """Judges an exchange that gave no whole answer.

    Args:
        fault: what became of it.
        hurried: the deadline left it so little time that its being late says nothing about the upstream.
    """
    doubt = fault.sent
    if hurried and fault.kind in ("timeout", "unreachable"):
        return Verdict(UpstreamTimeout(), doubt=doubt, tells=False)
    match fault.kind:
        case "connect":
            return Verdict(UpstreamUnavailable(), Weight.CONNECT, doubt=doubt, again=True)
        case "unreachable" | "tls":
            return Verdict(UpstreamUnavailable(), Weight.CONNECT, doubt=doubt)
        case "timeout":
            return Verdict(UpstreamTimeout(), Weight.FAILURE, doubt=doubt)
        case "stale":
            return Verdict(UpstreamUnavailable(), doubt=doubt, again=True, fresh=True, tells=False)
        case "reset":
            return Verdict(UpstreamUnavailable(), Weight.FAILURE, doubt=doubt, again=True)
        case "truncated":
            return Verdict(UpstreamBadResponse(), Weight.FAILURE, doubt=doubt, again=True)
        case "malformed":
            return Verdict(UpstreamBadResponse(), Weight.FAILURE, doubt=doubt)


def bad_document() -> Verdict:
    """Judges a 2xx answer whose body is not what the contract says."""
    return Verdict(UpstreamBadResponse(), Weight.FAILURE, doubt=True)


def of_answer(answer: Answer, secret: str) -> Verdict:
    """Judges an answer whose status is not the one that was hoped for.

    Args:
        answer: the answer.
        secret: the credential that was sent; the upstream repeats a key that it does not know.
    """
    match answer.status:
        case 401:
            return Verdict(_refused_credential(answer, secret))
        case 403:
            return Verdict(Forbidden())
        case 404 if _errors(answer) is not None:
            return Verdict(NotFound())
        case 422:
            return _unprocessable(answer, secret)
        case 429:
            return _rate_limited(answer)
        case 502 | 503 | 504:
            pause = retry_after(answer)
            error = UpstreamUnavailable() if pause is None else UpstreamUnavailable(retryAfter=whole_seconds(pause))
            return Verdict(error, Weight.GATEWAY, doubt=True, again=True, pause=pause)
    return _by_class(answer.status)


def _by_class(status: int) -> Verdict:
    """Judges the statuses that the contract does not know, as RFC 9110, section 15, has them."""
    if status >= 500:
        return Verdict(UpstreamError(), Weight.FAILURE, doubt=True)
    if status == 404 or status < 400:
        # A 2xx says that it was done, and a redirect may tell where the result is. Somebody's own page that says "not
        # found" means that the request did not get to the API.
        return Verdict(UpstreamBadResponse(), Weight.FAILURE, doubt=status < 400)
    return Verdict(UpstreamError(), doubt=status == 408)  # a 408 may be a proxy's word about the API


def retry_after(answer: Answer) -> float | None:
    """Reads `Retry-After`, seconds or an HTTP date, as seconds from 0 to `LONGEST_PAUSE`; None where it says nothing.

    A date is taken relative to the answer's own `Date`, so that no clock but the upstream's matters.
    """
    value = answer.headers.get(b"retry-after", b"").strip().decode("latin-1")
    if re.fullmatch(r"[0-9]{1,20}", value):
        return min(float(value), LONGEST_PAUSE)
    until = _http_date(value)
    if until is None:
        return None
    now = _http_date(answer.headers.get(b"date", b"").decode("latin-1"))
    return min(max(until - (time.time() if now is None else now), 0.0), LONGEST_PAUSE)


def _http_date(value: str) -> float | None:
    try:
        return parsedate_to_datetime(value).timestamp() if len(value) < 64 else None
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _rate_limited(answer: Answer) -> Verdict:
    pause = retry_after(answer)
    if pause is None:
        return Verdict(UpstreamRateLimited())
    return Verdict(UpstreamRateLimited(retryAfter=whole_seconds(pause)), again=True, pause=pause)


def whole_seconds(seconds: float) -> int:
    """Rounds a pause up to whole seconds, at least 1, as `Retry-After` has them."""
    return max(1, -int(-seconds // 1))


def _refused_credential(answer: Answer, secret: str) -> CustgraphError:
    """A 401 that repeats the key means that the key is not known; any other, that the caller has not the right."""
    texts = [answer.body.decode("utf-8", "replace")]
    for error in _errors(answer) or ():
        texts += [value for value in error.values() if type(value) is str]
    if any(secret in text for text in texts):
        return Unauthenticated("The upstream service does not know this API key.")
    return Forbidden()


def _errors(answer: Answer) -> list[dict[str, Any]] | None:
    """Reads `errors` of a JSON:API error document; None if the answer is none."""
    document = _document(answer)
    errors = document.get("errors")
    if type(errors) is not list or not errors or not all(type(error) is dict for error in errors):
        return None
    return errors


def _document(answer: Answer) -> dict[str, Any]:
    if not is_json(answer.headers):
        return {}
    try:
        document = strict_json.loads(answer.body)
    except strict_json.NotStrictJson:
        return {}
    return document if type(document) is dict else {}


_NOT_ALLOWED = re.compile(r"Parameters not allowed in this request: (.{1,1000})")
_MISSING = re.compile(r"A required parameter is missing or empty: (.{1,1000})")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")


def _unprocessable(answer: Answer, secret: str) -> Verdict:
    """A 422 is the caller's to correct only if it says what; the upstream answers its own crashes with 422, too."""
    errors = _errors(answer)
    if errors is not None:
        meta = _document(answer).get("meta")
        sentences = meta.get("validation_errors") if type(meta) is dict else None
        if type(sentences) is list and sentences and all(type(sentence) is str for sentence in sentences):
            return Verdict(Refused(tuple(_cleaned(sentence, secret) for sentence in sentences[:MOST_SENTENCES])))
        for error in errors:
            detail = error.get("detail") or error.get("title")
            if type(detail) is str:
                if found := _NOT_ALLOWED.fullmatch(detail):
                    return Verdict(Refused(not_allowed=_names(found[1])))
                if found := _MISSING.fullmatch(detail):
                    return Verdict(Refused(missing=_names(found[1])))
                if detail.startswith("Unsupported fields: "):
                    return Verdict(UnsupportedFields())
    return Verdict(UpstreamError(), Weight.FAILURE, doubt=True)


def _names(listed: str) -> tuple[str, ...]:
    return tuple(name for name in map(str.strip, listed.split(",")) if _NAME.fullmatch(name))


_UNFIT = re.compile(r"[<>{}\\\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]|://|/\w+/")
"""Marks of markup, of code, of addresses and paths, and characters that rearrange the text around them."""


def _cleaned(sentence: str, secret: str) -> str:
    """Passes on a validation sentence, unless it looks like anything but a sentence for people."""
    sentence = sentence.strip()
    if not sentence or len(sentence) > LONGEST_SENTENCE or secret in sentence or _UNFIT.search(sentence):
        return "A value is not valid"
    return sentence
