"""Parse, validate, limit, plan, run: knows GraphQL and nothing of customers."""

from __future__ import annotations

from custgraph.execution.executor import Executor

__all__ = ["Executor"]
