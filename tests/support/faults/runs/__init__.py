"""Long runs through the whole gateway: many requests, random faults, and figures that must hold at the end."""

from __future__ import annotations

from support.faults.runs.cancelled import run_cancelled
from support.faults.runs.crowd import run_crowd
from support.faults.runs.outage import run_outage
from support.faults.runs.report import Figure, Report
from support.faults.runs.tenants import run_tenants
from support.faults.runs.writes import run_writes

__all__ = ["Figure", "Report", "run_cancelled", "run_crowd", "run_outage", "run_tenants", "run_writes"]
