"""A raw-socket upstream that misbehaves on command, over a small honest Customers API with a ledger."""

from __future__ import annotations

from support.upstream.exchange import Exchange, Fault, Plan, Strike, honest
from support.upstream.ledger import Applied, Ledger
from support.upstream.messages import PREFIX, READS, WRITES, Call, Kind, Reply
from support.upstream.plans import Dice, Script
from support.upstream.server import FakeUpstream
from support.upstream.tenants import MARKER, Tenant

__all__ = [
    "MARKER",
    "PREFIX",
    "READS",
    "WRITES",
    "Applied",
    "Call",
    "Dice",
    "Exchange",
    "FakeUpstream",
    "Fault",
    "Kind",
    "Ledger",
    "Plan",
    "Reply",
    "Script",
    "Strike",
    "Tenant",
    "honest",
]
