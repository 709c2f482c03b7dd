"""Requests that are turned away before any GraphQL: one exception, with a status and a code for each reason.

```
status  code                    why
400     BAD_REQUEST             not a GraphQL request: the JSON, a member, a header, a parameter
400     BATCHING_DISABLED       an array of operations, and batching is off
400     QUERY_TOO_COMPLEX       an array of more operations than may be
401     UNAUTHENTICATED         a credential that cannot be one
403     CSRF_PREVENTED          a session cookie, and no proof that the page behind the request may use it
404     NOT_FOUND               nothing of that name
405     METHOD_NOT_ALLOWED      not GET, HEAD, POST or OPTIONS; `Allow` tells
406     NOT_ACCEPTABLE          `Accept` admits neither JSON media type
408     REQUEST_TIMEOUT         the request did not come in time
413     BODY_TOO_LARGE          over `max_body_bytes`
414     URL_TOO_LONG            over `max_url_bytes`
415     UNSUPPORTED_MEDIA_TYPE  the body is not application/json in UTF-8, or is compressed
431     HEADERS_TOO_LARGE       over `max_header_bytes` or `max_headers`
500     INTERNAL_SERVER_ERROR   a bug
503     OVERLOADED              shed; `Retry-After` tells
503     SHUTTING_DOWN           this process takes no new work
505     BAD_REQUEST             not HTTP/1
```
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from custgraph.errors import QueryTooComplex
from custgraph.http.messages import Headers

CODES: Final[Mapping[int, str]] = {
    401: "UNAUTHENTICATED",
    403: "CSRF_PREVENTED",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    406: "NOT_ACCEPTABLE",
    408: "REQUEST_TIMEOUT",
    413: "BODY_TOO_LARGE",
    414: "URL_TOO_LONG",
    415: "UNSUPPORTED_MEDIA_TYPE",
    431: "HEADERS_TOO_LARGE",
    500: "INTERNAL_SERVER_ERROR",
    503: "OVERLOADED",
}
"""The code of each status; what is not here is `BAD_REQUEST`."""


class Refused(Exception):
    """The request is turned away.

    Args:
        status: HTTP status.
        message: for the caller; quotes nothing but names that the caller sent.
        code: `extensions.code`; by default the status's.
        headers: more response headers.
        extensions: more members of the error's `extensions`.
    """

    def __init__(
        self, status: int, message: str, code: str | None = None, headers: Headers | None = None, **extensions: Any
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code or CODES.get(status, "BAD_REQUEST")
        self.headers = headers or []
        self.extensions = extensions


def batch_too_long(limit: int, count: int) -> Refused:
    """Over `max_batch`."""
    message = f"The array has more than {limit} operations."
    return Refused(400, message, QueryTooComplex.code, limit=limit, measured=count, setting="CUSTGRAPH_MAX_BATCH")


def body_too_large(limit: int) -> Refused:
    """Over `max_body_bytes`."""
    return Refused(413, "The body is too large.", limit=limit, setting="CUSTGRAPH_MAX_BODY_BYTES")


def url_too_long(limit: int) -> Refused:
    """Over `max_url_bytes`."""
    return Refused(414, "The URL is too long.", limit=limit, setting="CUSTGRAPH_MAX_URL_BYTES")


def headers_too_large(limit: int) -> Refused:
    """Over `max_header_bytes`."""
    return Refused(431, "The headers are too large.", limit=limit, setting="CUSTGRAPH_MAX_HEADER_BYTES")


def too_many_headers(limit: int) -> Refused:
    """Over `max_headers`."""
    return Refused(431, "There are too many headers.", limit=limit, setting="CUSTGRAPH_MAX_HEADERS")
