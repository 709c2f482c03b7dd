"""Logs: one vocabulary, one line for each event, no personal data."""

from __future__ import annotations

from typing import Any

import structlog


def logger(name: str) -> Any:
    """Gives the logger of one part, such as `custgraph.rest`. Events are short fixed phrases; data goes into fields."""
    return structlog.get_logger(name)
