"""The GraphQL schema: types, fields and what they ask of the upstream."""

from __future__ import annotations

from custgraph.schema.blueprint import build_blueprint
from custgraph.schema.context import Context
from custgraph.schema.dialects import COMMITTED, DIALECTS, Dialect, sdl

__all__ = ["COMMITTED", "DIALECTS", "Context", "Dialect", "build_blueprint", "sdl"]
