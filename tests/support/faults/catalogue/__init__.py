"""The faults of an upstream that can be reached: of connection, status, body and framing."""

from __future__ import annotations

from support.faults.catalogue.bodies import BODIES
from support.faults.catalogue.connections import CONNECTIONS
from support.faults.catalogue.framing import FRAMING
from support.faults.catalogue.statuses import STATUSES
from support.upstream import Fault

FAULTS: dict[str, Fault] = {fault.name: fault for fault in (*CONNECTIONS, *STATUSES, *BODIES, *FRAMING)}

__all__ = ["FAULTS"]
