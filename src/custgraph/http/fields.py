"""The header fields of one request, by name."""

from __future__ import annotations

from custgraph.http.messages import Headers
from custgraph.http.refusals import Refused

# Fields that are lists: many lines of one are the same as one line (RFC 9110, section 5.3).
_LISTS = {b"accept": b", ", b"accept-encoding": b", ", b"accept-language": b", ", b"cookie": b"; "}

# Fields that mean one thing: two of them would be read as the first here and as the last elsewhere.
_SINGLE = frozenset(
    {
        b"access-control-request-method",
        b"authorization",
        b"content-encoding",
        b"content-length",
        b"content-type",
        b"host",
        b"origin",
        b"sec-fetch-site",
        b"traceparent",
        b"transfer-encoding",
        b"x-api-token",
        b"x-request-id",
    }
)


def read_fields(headers: Headers) -> dict[bytes, bytes]:
    """Gathers the fields.

    Raises:
        Refused: one that may come once came twice.
    """
    fields = dict(headers)
    return fields if len(fields) == len(headers) else _gather(headers)


def _gather(headers: Headers) -> dict[bytes, bytes]:
    fields: dict[bytes, bytes] = {}
    for name, value in headers:
        if name not in fields:
            fields[name] = value
        elif name in _SINGLE:
            raise Refused(400, f"The header {name.decode('latin-1')} came twice.")
        elif name in _LISTS:
            fields[name] += _LISTS[name] + value
    return fields
