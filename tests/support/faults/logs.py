"""All that a gateway logs, at the lowest level: the lines of its own log, and what libraries say."""

from __future__ import annotations

import io
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from structlog._config import BoundLoggerLazyProxy

from custgraph.telemetry import configure_logs, flush_logs


class Captured:
    """What was logged so far."""

    def __init__(self, stream: io.StringIO, libraries: list[str]) -> None:
        self._stream = stream
        self._libraries = libraries

    def take(self) -> str:
        """Gives what was logged since the last time, libraries' messages with their tracebacks included."""
        flush_logs()
        text = self._stream.getvalue() + "\n".join(self._libraries)
        self._stream.seek(0)
        self._stream.truncate()
        self._libraries.clear()
        return text


class _Raw(logging.Handler):
    """Keeps records whole, as a logging set-up that knows nothing of custgraph would show them."""

    def __init__(self, texts: list[str]) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s"))
        self._texts = texts

    def emit(self, record: logging.LogRecord) -> None:
        self._texts.append(self.format(record))


@contextmanager
def captured_logs() -> Iterator[Captured]:
    """Captures the logs of the block; afterwards logging is as it was."""
    root, stream, texts = logging.getLogger(), io.StringIO(), list[str]()
    level = root.level
    configure_logs("debug", "json", stream, libraries=False)
    _forget_bound_loggers()
    raw = _Raw(texts)
    root.addHandler(raw)
    root.setLevel(logging.DEBUG)
    try:
        yield Captured(stream, texts)
    finally:
        flush_logs()
        structlog.reset_defaults()
        _forget_bound_loggers()
        root.removeHandler(raw)
        root.setLevel(level)


def _forget_bound_loggers() -> None:
    """Lets the modules' loggers be bound anew: they are bound for good by their first line."""
    for name, module in list(sys.modules.items()):
        if name.startswith("custgraph."):
            for value in vars(module).values():
                if isinstance(value, BoundLoggerLazyProxy):
                    vars(value).pop("bind", None)
