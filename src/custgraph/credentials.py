"""Who is asking: the caller's credential, and what else of a request may travel upstream."""

from __future__ import annotations

import hashlib
import secrets
from typing import Literal

import msgspec

# New in each process, so that a hash in a log cannot be searched for elsewhere.
_KEY = secrets.token_bytes(16)


class Credential(msgspec.Struct, frozen=True):
    """One API key or session cookie. `repr` and `str` hide the secret.

    Attributes:
        secret: the key itself, `[!-~]{8,256}`; only the upstream leg reads it.
        scheme: `token` travels as `X-Api-Token`, `cookie` as the configured session cookie.
        key: hex digits that tell credentials apart in pools and limits; logs take the first eight.
    """

    secret: str
    scheme: Literal["token", "cookie"] = "token"
    key: str = ""

    @classmethod
    def of(cls, secret: str, scheme: Literal["token", "cookie"] = "token") -> Credential:
        """Makes a credential and its key."""
        digest = hashlib.blake2s(f"{scheme}:{secret}".encode(), key=_KEY, digest_size=16).hexdigest()
        return cls(secret, scheme, digest)

    def __repr__(self) -> str:
        return f"Credential({self.scheme} {self.key[:8]})"


class Caller(msgspec.Struct, frozen=True):
    """What the edge learned of one HTTP request that the upstream leg may use.

    Attributes:
        credential: None when the request carried none (and no service token is configured).
        request_id: `[A-Za-z0-9_-]{1,64}`; sent upstream with a suffix for each call.
        traceparent: the W3C trace context header as received, checked; None without one.
        accept_language: checked `[A-Za-z0-9,;=.*-]{1,64}`; None without one.
    """

    credential: Credential | None
    request_id: str
    traceparent: str | None = None
    accept_language: str | None = None
