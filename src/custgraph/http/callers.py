"""Who is asking: one credential at most, and the few other headers that may travel upstream."""

from __future__ import annotations

import os
import re
from functools import lru_cache
from typing import Final

from custgraph.credentials import Caller, Credential
from custgraph.http.refusals import Refused

_REQUEST_ID = re.compile(rb"[A-Za-z0-9_-]{1,64}")
_SECRET = re.compile(rb"[!-~]{8,256}")
_ACCEPT_LANGUAGE = re.compile(rb"[A-Za-z0-9,;=.*-]{1,64}")
# W3C Trace Context, level 1, section 3.2: version 00, no id of zeros only.
_TRACEPARENT = re.compile(rb"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")

_KNOWN: Final = 256
_CHALLENGE: Final = [(b"www-authenticate", b"Bearer")]


class RequestIds:
    """Takes the client's id, or makes one of 128 random bits; draws many at once, since each draw is a system call."""

    __slots__ = ("_drawn",)

    _DRAW: Final = 128

    def __init__(self) -> None:
        self._drawn: list[str] = []

    def take(self, sent: bytes | None) -> str:
        """Gives the id sent, if it is one: `[A-Za-z0-9_-]{1,64}`."""
        if sent is not None and _REQUEST_ID.fullmatch(sent):
            return sent.decode("ascii")
        if not self._drawn:
            digits = os.urandom(16 * self._DRAW).hex()
            self._drawn = [digits[at : at + 32] for at in range(0, len(digits), 32)]
        return self._drawn.pop()


class Callers:
    """Takes credentials as the settings have it.

    Args:
        session_cookie: name of the cookie that counts as a credential; None ignores cookies.
        service_token: what callers without a credential are given; None leaves them without.
    """

    def __init__(self, session_cookie: str | None, service_token: str | None) -> None:
        self._cookie = session_cookie.encode() if session_cookie is not None else None
        self._service = Credential.of(service_token) if service_token is not None else None
        # Callers come again, and a hash takes longer than a look: the latest few credentials are kept.
        self._token = lru_cache(_KNOWN)(_token)
        self._bearer = lru_cache(_KNOWN)(_bearer)

    def take(self, fields: dict[bytes, bytes], request_id: str) -> Caller:
        """Makes the caller of one request.

        Raises:
            Refused: two credentials (400), or one that cannot be any (401).
        """
        token, authorization = fields.get(b"x-api-token"), fields.get(b"authorization")
        cookie = self.session_of(fields)
        if (token is not None) + (authorization is not None) + (cookie is not None) > 1:
            raise Refused(400, "Send one credential: X-Api-Token, Authorization: Bearer, or the session cookie.")
        credential = self._service
        if token is not None:
            credential = self._token(token)
        elif authorization is not None:
            credential = self._bearer(authorization)
        elif cookie is not None:
            credential = Credential.of(_secret(cookie), "cookie")
        traceparent, language = fields.get(b"traceparent"), fields.get(b"accept-language")
        if traceparent is None and language is None:
            return Caller(credential, request_id)
        return Caller(credential, request_id, _checked(_TRACEPARENT, traceparent), _checked(_ACCEPT_LANGUAGE, language))

    def session_of(self, fields: dict[bytes, bytes]) -> bytes | None:
        """The session cookie's value; None without one, or when cookies do not count.

        Raises:
            Refused: it came twice.
        """
        if self._cookie is None or b"cookie" not in fields:
            return None
        found: bytes | None = None
        for pair in fields[b"cookie"].split(b";"):
            name, _, value = pair.partition(b"=")
            if name.strip() == self._cookie:
                if found is not None:
                    raise Refused(400, "The session cookie came twice.")
                found = value.strip()
        return found


def _token(value: bytes) -> Credential:
    return Credential.of(_secret(value))


def _bearer(authorization: bytes) -> Credential:
    scheme, _, token = authorization.partition(b" ")
    if scheme.lower() != b"bearer":
        raise Refused(401, "The only scheme taken in Authorization is Bearer.", headers=_CHALLENGE)
    return Credential.of(_secret(token.strip(b" ")))


def _secret(value: bytes) -> str:
    if not _SECRET.fullmatch(value):
        raise Refused(401, "The credential is not 8 to 256 printable ASCII characters.", headers=_CHALLENGE)
    return value.decode("ascii")


def _checked(pattern: re.Pattern[bytes], value: bytes | None) -> str | None:
    return value.decode("ascii") if value is not None and pattern.fullmatch(value) else None
