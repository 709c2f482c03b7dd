"""Plans: which call is struck by which fault, repeatable from a seed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from support.upstream.exchange import Fault, Strike
from support.upstream.messages import Call, Kind


class Script:
    """Strikes the calls of some kinds: all of them, or the first `times` after `skip` others.

    Attributes:
        struck: the calls that were struck, in order.
    """

    def __init__(
        self,
        fault: Fault,
        kinds: Iterable[Kind],
        *,
        commit: bool = True,
        times: int | None = None,
        skip: int = 0,
        token: str | None = None,
    ) -> None:
        self.struck: list[Call] = []
        self._strike = Strike(fault, commit)
        self._kinds = frozenset(kinds)
        self._times = times
        self._skip = skip
        self._token = token

    def __call__(self, call: Call) -> Strike | None:
        if call.kind not in self._kinds or self._token not in (None, call.token):
            return None
        if self._skip:
            self._skip -= 1
            return None
        if self._times is not None and len(self.struck) >= self._times:
            return None
        self.struck.append(call)
        return self._strike


class Dice:
    """Strikes a share of the calls with faults drawn from a seed.

    The draw hangs on the call alone (what it asks, and how often that was asked), never on the order of arrival: one
    seed is one run.
    """

    def __init__(self, seed: int, strikes: Sequence[Strike], share: float, kinds: Iterable[Kind]) -> None:
        self.struck: list[tuple[Call, Strike]] = []
        self._seed = seed
        self._strikes = strikes
        self._share = share
        self._kinds = frozenset(kinds)
        self._asked: dict[tuple[str | None, str, str, bytes], int] = {}

    def __call__(self, call: Call) -> Strike | None:
        if call.kind not in self._kinds:
            return None
        asked = (call.token, call.method, call.target, call.body)
        times = self._asked[asked] = self._asked.get(asked, 0) + 1
        digest = hashlib.blake2s(f"{self._seed} {times} {asked}".encode(), digest_size=8).digest()
        if int.from_bytes(digest[:4]) >= self._share * (1 << 32):
            return None
        strike = self._strikes[int.from_bytes(digest[4:]) % len(self._strikes)]
        self.struck.append((call, strike))
        return strike
