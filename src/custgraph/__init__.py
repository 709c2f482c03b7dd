"""custgraph: a GraphQL gateway over the Customers REST API v1 of Open Food Network."""

from __future__ import annotations

__version__ = "0.1.0"
