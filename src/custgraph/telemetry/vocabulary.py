"""The words that a log line may have, and how their values are made safe."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

FIELDS: Final[Mapping[str, str]] = {
    "request_id": "the request's id: the client has it in X-Request-Id, and in every error's extensions",
    "call": "the upstream call's id: the request's, and the call's number in it",
    "credential": "eight hex digits that tell credentials apart in this process; no part of the credential",
    "method": "HTTP method",
    "path": "HTTP path, without its query",
    "status": "HTTP status",
    "kind": "query or mutation",
    "operation": "what a write did: create, update or delete",
    "code": "code of the first error, as in extensions.code",
    "errors": "number of errors in the answer",
    "calls": "upstream calls, retries included",
    "cost": "cost of the operation",
    "bytes": "bytes of the answer's body",
    "ms": "milliseconds",
    "seconds": "seconds",
    "count": "how many",
    "limit": "the limit that was met",
    "setting": "the setting that is meant",
    "note": "a fixed phrase that says more",
    "unsound": "rows that break the contract",
    "foreign": "rows of another enterprise than the one asked for",
    "not_asked_for": "rows that nobody asked for",
    "settled": "whether a read told how a write in doubt ended",
    "field": "path of a field in the answer, without list places",
    "error": "class of an exception, never its text",
    "where": "where it was raised: module:line, the innermost first",
    "source": "the library that logged this",
    "text": "what the library said; only from those that say nothing of requests",
    "version": "custgraph's version",
    "url": "address that is served",
    "upstream": "the upstream's host, or embedded",
    "pid": "process",
    "workers": "worker processes",
    "signal": "signal received",
}
"""Every field by name, with what it says."""

HIDDEN: Final = "[hidden]"
LONGEST: Final = 256
"""Characters of a value that are kept."""


def safe(name: str, value: object) -> object:
    """Gives the value as a line may hold it: short, of one line, and hidden when the name is not in the vocabulary."""
    if name not in FIELDS:
        return HIDDEN
    if isinstance(value, str):
        return one_line(value)
    if value is None or isinstance(value, int | float):
        return value
    return HIDDEN


def one_line(text: str) -> str:
    """Cuts the text to `LONGEST` and escapes what could end a line, colour a terminal or turn the text around."""
    text = text[:LONGEST]
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)
