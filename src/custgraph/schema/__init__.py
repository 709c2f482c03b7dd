"""The GraphQL schema: types, fields and what they ask of the upstream."""

from __future__ import annotations

from custgraph.schema.blueprint import build_blueprint
from custgraph.schema.context import Context

__all__ = ["Context", "build_blueprint"]
