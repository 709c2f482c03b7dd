"""Parse, validate, limit, plan, run: knows GraphQL and nothing of customers."""

from __future__ import annotations

from custgraph.execution.executor import Executor
from custgraph.execution.limits import LimitRow, Measured, OperationReport, limit_table
from custgraph.execution.meter import InvalidDocument, Meter
from custgraph.execution.trusted import BrokenTrustedDocument

__all__ = [
    "BrokenTrustedDocument",
    "Executor",
    "InvalidDocument",
    "LimitRow",
    "Measured",
    "Meter",
    "OperationReport",
    "limit_table",
]
