"""Logs, metrics and spans: one vocabulary, no personal data.

A log line is a short fixed phrase and fields of `vocabulary.FIELDS`; whatever else is given is hidden. The log of
`custgraph serve` goes to standard error, as JSON or for people, with what libraries log. A host that mounts the gateway
may configure structlog itself.
"""

from __future__ import annotations

from typing import Any

import structlog

from custgraph.telemetry.faults import fault
from custgraph.telemetry.logs import RequestLine, configure_logs, flush_logs, logs_are_configured, request_log

__all__ = ["RequestLine", "configure_logs", "fault", "flush_logs", "logger", "logs_are_configured", "request_log"]


def logger(name: str) -> Any:
    """Gives the logger of one part, such as `custgraph.rest`. Events are short fixed phrases; data goes into fields."""
    return structlog.get_logger(name)
