"""The command `custgraph`: serve · query · schema · cost · limits · settings."""

from __future__ import annotations

from custgraph.cli.command import main

__all__ = ["main"]
