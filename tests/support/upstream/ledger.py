"""The fake's memory: every write that it applied, and every call, credential, cookie and connection that it saw."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from support.upstream.messages import WRITES, Call, Kind

_REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{1,64}-[0-9]{1,6}")
_UNWANTED = ("authorization", "cookie", "x-forwarded-for", "x-forwarded-host", "x-http-method-override", "te")


@dataclass(frozen=True)
class Applied:
    """One write that took effect."""

    kind: Kind
    tenant: int
    id: int
    email: str


@dataclass
class Ledger:
    """What the fake saw and did. `violations` are requests that no gateway should send."""

    applied: list[Applied] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    opened: int = 0
    open_connections: int = 0
    tokens_by_connection: dict[int, set[str]] = field(default_factory=dict)

    def saw(self, call: Call) -> None:
        """Notes one call, and what is wrong with it."""
        self.calls.append(call)
        self.tokens_by_connection.setdefault(call.connection, set()).add(call.token or "")
        names = [name for name, _ in call.headers]
        self.violations += [f"{name} was sent" for name in _UNWANTED if name in names]
        if names.count("x-api-token") != 1:
            self.violations.append("not exactly one X-Api-Token")
        if any(name in ("token", "api_key") for name, _ in call.query):
            self.violations.append("a token in the query")
        if not _REQUEST_ID.fullmatch(call.request_id or ""):
            self.violations.append("no request id with a suffix")
        if call.header("accept-encoding") not in (None, "identity"):
            self.violations.append("an encoding was asked for")
        if call.kind is Kind.OTHER:
            self.violations.append(f"an unknown call: {call.method} {call.path}")

    def times_applied(self, email: str) -> int:
        """How often the write that carries this email took effect."""
        return self.counts()[email.lower()]

    def counts(self) -> Counter[str]:
        """How often each write took effect, by its email."""
        return Counter(entry.email for entry in self.applied)

    def of(self, *kinds: Kind) -> list[Call]:
        """The calls of these kinds, in order."""
        return [call for call in self.calls if call.kind in kinds]

    @property
    def writes_seen(self) -> int:
        return sum(call.kind in WRITES for call in self.calls)

    def repeated_request_ids(self) -> list[str]:
        """Request ids that came more than once."""
        seen = Counter(call.request_id or "" for call in self.calls)
        return [request_id for request_id, count in seen.items() if count > 1]
