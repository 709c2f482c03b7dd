"""What an operation may ask for: measured in one linear pass, before anything runs."""

from __future__ import annotations

from custgraph.execution.limits.amounts import Formula
from custgraph.execution.limits.check import Limit, Limits
from custgraph.execution.limits.measure import Measurer, Measures
from custgraph.execution.limits.report import LimitRow, Measured, OperationReport, limit_table, report_operation
from custgraph.execution.limits.tariff import Tariff

__all__ = [
    "Formula",
    "Limit",
    "LimitRow",
    "Limits",
    "Measured",
    "Measurer",
    "Measures",
    "OperationReport",
    "Tariff",
    "limit_table",
    "report_operation",
]
