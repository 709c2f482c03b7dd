"""Faults that are a status: refusals, failures, redirects, answers without a body."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from support.faults.catalogue.words import CANARY, HTML, TRACE
from support.upstream import Exchange, Fault, Reply

_JSON = "application/json; charset=utf-8"


def _answers(make: Callable[[Exchange], Reply]) -> Callable[[Exchange], object]:
    async def run(x: Exchange) -> bool:
        echoed = tuple(header for header in x.reply.headers if header[0] == "X-Request-Id")
        return await x.send(make(x).having(*echoed).wire())

    return run


def _fault(
    name: str, title: str, make: Callable[[Exchange], Reply], applies: tuple[bool, ...] = (True, False)
) -> Fault:
    return Fault(name, title, _answers(make), applies)  # type: ignore[arg-type]


def _always(reply: Reply) -> Callable[[Exchange], Reply]:
    return lambda _x: reply


def _errors(status: int, detail: str, meta: dict[str, object] | None = None) -> Reply:
    document: dict[str, object] = {"errors": [{"title": CANARY, "detail": detail, "status": str(status)}]}
    if meta is not None:
        document["meta"] = meta
    return Reply.json(status, document)


def _key_echoed(x: Exchange) -> Reply:
    return _errors(401, f"Invalid API key ({x.call.token}) specified.")


def _key_escaped(x: Exchange) -> Reply:
    # The same key in JSON's other spelling: a reader that looks for it in the raw bytes misses it.
    text = "".join(f"\\u{ord(char):04x}" for char in x.call.token or "")
    return Reply(401, b'{"errors":[{"detail":"Clave no v\\u00e1lida (%s)."}]}' % text.encode())


def _limited(*headers: tuple[str, str]) -> Callable[[Exchange], Reply]:
    return _always(_errors(429, f"Too many requests {CANARY}").having(*headers))


def _date(seconds: int) -> Callable[[Exchange], Reply]:
    def make(_x: Exchange) -> Reply:
        when = format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)
        return _limited(("Retry-After", when))(_x)

    return make


def _redirect(status: int, host: str | None) -> Fault:
    """A redirect whose target is this fake again, by another name or its own: a call that follows it is seen."""

    def make(x: Exchange) -> Reply:
        own, _, port = (x.call.header("host") or "").partition(":")
        target = f"http://{host}:{port}/redirected" if host else f"http://{own}:{port}{x.call.target}"
        return Reply(status, HTML, (("Location", target),), "text/html")

    name = "another-host" if host else "itself"
    return _fault(f"{status}-{name}", f"answers {status}, to {name.replace('-', ' ')}", make)


def _failures() -> list[Fault]:
    bodies: list[tuple[str, bytes, str | None]] = [
        ("json", json.dumps({"errors": [{"detail": TRACE}]}).encode(), _JSON),
        ("html", HTML, "text/html; charset=utf-8"),
        ("empty", b"", None),
    ]
    return [
        _fault(f"{status}-{name}", f"answers {status}, {name}", _always(Reply(status, body, (), type_)))
        for status in (500, 502, 503, 504)
        for name, body, type_ in bodies
    ]


_HOST = "localhost"
_INVALID = _errors(
    422, "Invalid resource. Please fix errors and try again.", {"validation_errors": ["Email is invalid"]}
)
_BUSY = _errors(503, TRACE).having(("Retry-After", "30"))
_CRASH = "Something went wrong. Our team has been notified."
_NOT_ALLOWED = "Parameters not allowed in this request: code"
_MISSING = "A required parameter is missing or empty: customer"

STATUSES = (
    _fault("401-key-echoed", "answers 401 with the key in the text", _key_echoed, (False,)),
    _fault("401-key-escaped", "answers 401 with the key in the text, escaped", _key_escaped, (False,)),
    _fault("401-forbidden", "answers 401 without the key", _always(_errors(401, "No. " + CANARY)), (False,)),
    _fault("401-empty", "answers 401, empty", _always(Reply(401, b"", (), None)), (False,)),
    _fault("403", "answers 403", _always(_errors(403, TRACE)), (False,)),
    _fault("404", "answers 404", _always(_errors(404, TRACE)), (False,)),
    _fault("404-html", "answers 404, HTML of a proxy", _always(Reply(404, HTML, (), "text/html")), (False,)),
    _fault("400", "answers 400", _always(_errors(400, TRACE)), (False,)),
    _fault("409", "answers 409", _always(_errors(409, TRACE)), (False,)),
    _fault("422-validation", "answers 422 with validation errors", _always(_INVALID), (False,)),
    _fault("422-not-allowed", "answers 422, parameters not allowed", _always(_errors(422, _NOT_ALLOWED)), (False,)),
    _fault("422-missing", "answers 422, a parameter is missing", _always(_errors(422, _MISSING)), (False,)),
    _fault("422-crash", "answers 422 for a crash of its own", _always(_errors(422, _CRASH))),
    _fault("422-html", "answers 422, HTML", _always(Reply(422, HTML, (), "text/html"))),
    _fault("422-empty", "answers 422, empty", _always(Reply(422, b"", (), None))),
    _fault("429", "answers 429 without Retry-After", _limited(), (False,)),
    _fault("429-now", "answers 429, Retry-After: 0", _limited(("Retry-After", "0")), (False,)),
    _fault("429-seconds", "answers 429, Retry-After: 30", _limited(("Retry-After", "30")), (False,)),
    _fault("429-huge", "answers 429, Retry-After of a century", _limited(("Retry-After", "3153600000")), (False,)),
    _fault("429-date", "answers 429, Retry-After as a date", _date(30), (False,)),
    _fault("429-past", "answers 429, Retry-After as a date that has passed", _date(-30), (False,)),
    _fault(
        "429-garbage", "answers 429, Retry-After unreadable", _limited(("Retry-After", f"-1.5e9 {CANARY}")), (False,)
    ),
    *_failures(),
    _fault(
        "503-retry-after", "answers 503, Retry-After: 30", _always(_errors(503, TRACE).having(("Retry-After", "30")))
    ),
    _fault("501", "answers 501", _always(_errors(501, TRACE))),
    _redirect(301, _HOST),
    _redirect(302, _HOST),
    _redirect(303, _HOST),
    _redirect(307, _HOST),
    _redirect(308, _HOST),
    _redirect(307, None),
    _fault("304", "answers 304 though nothing was conditional", _always(Reply(304, b"", (), None, False))),
    _fault("204", "answers 204", _always(Reply(204, b"", (), None, False))),
    _fault("200-empty", "answers 200 with an empty body", _always(Reply(200, b""))),
    _fault("200-html", "answers 200 with HTML", _always(Reply(200, HTML, (), "text/html"))),
    _fault("200-html-as-json", "answers 200 with HTML called JSON", _always(Reply(200, HTML))),
)
