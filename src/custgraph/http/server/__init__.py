"""HTTP/1.1 on asyncio, made for short requests and whole answers: what uvicorn runs in place of its own protocol.

uvicorn keeps the process: sockets, workers, signals, lifespan. This package reads requests strictly and within limits,
hands those for the GraphQL endpoint straight to the edge, and runs everything else as ASGI.
"""

from __future__ import annotations

from custgraph.http.server.connection import Connection

__all__ = ["Connection"]
