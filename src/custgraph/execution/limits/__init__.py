"""What an operation may ask for: measured in one linear pass, before anything runs."""

from __future__ import annotations

from custgraph.execution.limits.amounts import Formula
from custgraph.execution.limits.check import Limit, Limits
from custgraph.execution.limits.measure import Measurer, Measures
from custgraph.execution.limits.tariff import Tariff

__all__ = ["Formula", "Limit", "Limits", "Measurer", "Measures", "Tariff"]
