"""Requests from web pages of other origins: which may be made (CSRF), and which answers may be read (CORS).

Without cookies there is nothing to guard: a page of another site has no credential of its visitor to abuse. With
`session_cookie` set, a browser adds one by itself, so a request whose credential is that cookie must prove that its
page may use it: it comes from this origin or an allowed one, and has something that a browser sends to another origin
only after asking (a JSON content type, or `GraphQL-Require-Preflight`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from custgraph.http.content_type import is_json
from custgraph.http.messages import Headers
from custgraph.http.refusals import Refused

# Fields that no page can send to another origin without a preflight; the second is Apollo's name for the first.
_PREFLIGHTED: Final = (b"graphql-require-preflight", b"apollo-require-preflight")

_METHODS: Final = b"GET, HEAD, POST, OPTIONS"
_REQUEST_HEADERS: Final = (
    b"accept, accept-language, apollo-require-preflight, authorization, content-type, graphql-report-cost, "
    b"graphql-require-preflight, traceparent, x-api-token, x-request-id"
)
_EXPOSED: Final = b"allow, retry-after, x-request-id"
_PREFLIGHT_SECONDS: Final = b"7200"


class CrossSite:
    """The rules for other origins.

    Args:
        origins: those whose pages may call, such as `https://shop.example`.
        cookies: whether a cookie counts as a credential.
    """

    def __init__(self, origins: Iterable[str], *, cookies: bool) -> None:
        self._origins = frozenset(_as_browsers_say(origin).encode() for origin in origins)
        self._cookies = cookies

    @property
    def varies(self) -> bool:
        """Whether answers differ by `Origin`."""
        return bool(self._origins)

    def check(self, fields: dict[bytes, bytes]) -> None:
        """Guards a request whose credential is the session cookie.

        Raises:
            Refused: the page behind it may not use the cookie, or nothing shows that it may.
        """
        origin = fields.get(b"origin")
        if origin is not None:
            if not (self._is_allowed(origin) or _is_own(origin, fields)):
                raise Refused(403, "Pages of this origin may not use the session cookie.")
        elif fields.get(b"sec-fetch-site") == b"cross-site":
            raise Refused(403, "Pages of other sites may not use the session cookie.")
        if not (is_json(fields.get(b"content-type", b"")) or any(name in fields for name in _PREFLIGHTED)):
            raise Refused(403, "With the session cookie, send the header GraphQL-Require-Preflight.")

    def response_headers(self, fields: dict[bytes, bytes]) -> Headers:
        """What lets the page of an allowed origin read an answer; nothing for others."""
        origin = fields.get(b"origin")
        if origin is None or not self._is_allowed(origin):
            return []
        headers = [(b"access-control-allow-origin", origin), (b"access-control-expose-headers", _EXPOSED)]
        if self._cookies:
            headers.append((b"access-control-allow-credentials", b"true"))
        return headers

    def preflight_headers(self, fields: dict[bytes, bytes]) -> Headers:
        """What a browser wants to know, beside `response_headers`, before it sends a request from an allowed origin."""
        if b"access-control-request-method" not in fields or not self._is_allowed(fields.get(b"origin", b"")):
            return []
        return [
            (b"access-control-allow-methods", _METHODS),
            (b"access-control-allow-headers", _REQUEST_HEADERS),
            (b"access-control-max-age", _PREFLIGHT_SECONDS),
        ]

    def _is_allowed(self, origin: bytes) -> bool:
        return origin.lower() in self._origins


def _as_browsers_say(origin: str) -> str:
    """In lower case and without the scheme's own port (RFC 6454, section 6.2)."""
    origin = origin.lower()
    return origin.removesuffix(":443" if origin.startswith("https:") else ":80")


def _is_own(origin: bytes, fields: dict[bytes, bytes]) -> bool:
    """Says whether the origin is this server's, as the browser sees it. Schemes may differ: TLS may end at a proxy."""
    _, found, authority = origin.lower().partition(b"://")
    return bool(found) and authority == fields.get(b"host", b"").lower()
