"""A serving process, as uvicorn is to run it.

Exit codes: 0 after an orderly stop; 1 when the stop cut something off; 2 for wrong settings; 3 when it cannot start.
"""

from __future__ import annotations

import asyncio
import math
import signal
import sys
import threading
from collections.abc import Mapping
from functools import partial
from multiprocessing import parent_process
from pathlib import Path
from types import FrameType
from typing import Any, Final, NoReturn, Protocol, cast

import uvicorn

from custgraph.cli.options import CANNOT_START, WRONG_SETTINGS
from custgraph.config import Settings, SettingsError, load_settings
from custgraph.http.server import Connection
from custgraph.telemetry import configure_logs, fault, logger

CUT_OFF: Final = 1
STOPS: Final = (signal.SIGTERM, signal.SIGINT)
IDLE_SECONDS: Final = 5  # for a client's connection
_log = logger("custgraph.process")


class Lock(Protocol):
    """A lock of threads or of processes."""

    def acquire(self, block: bool, /) -> bool:
        """Takes it, if nobody has."""


class ServingConfig(uvicorn.Config):
    """uvicorn's configuration. It is sent to each worker, so it holds plain values only.

    Attributes:
        settings: those that all processes share: address, workers, times.
        origin: where clients reach it.
        first: taken by the process that starts first, which says so.
        exit_code: what the process ends with.
    """

    def __init__(
        self, settings: Settings, flags: Mapping[str, Any], origin: str, first: Lock, *, reload: bool = False
    ) -> None:
        self.settings = settings
        self.origin = origin
        self.first = first
        self.exit_code = 0
        super().__init__(
            partial(make_app, dict(flags)),
            factory=True,
            http=cast("type[asyncio.Protocol]", Connection),  # it is one but for its base
            ws="none",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            root_path=settings.root_path,
            workers=settings.workers,
            reload=reload,
            reload_dirs=[str(Path(__file__).parents[1])] if reload else None,
            timeout_keep_alive=IDLE_SECONDS,
            timeout_graceful_shutdown=math.ceil(settings.drain_timeout),
            reset_contextvars=True,
        )

    def configure_logging(self) -> None:
        """Prepares the process; uvicorn calls this first in each."""
        configure_logs(self.settings.log_level, self.settings.log_format)
        threading.excepthook = _log_thread
        for number in STOPS:
            signal.signal(number, self._end)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)  # a supervisor holds them back until here

    def _end(self, _number: int, _frame: FrameType | None) -> NoReturn:
        """Ends the process: before it serves, or once uvicorn has stopped and raises the signal again."""
        ignore_stops()
        raise SystemExit(self.exit_code)

    @property
    def should_reload(self) -> bool:
        """Whether to watch the sources; uvicorn's own answer wants the application's name."""
        return self.reload

    def load(self) -> None:
        """Makes the application."""
        super().load()
        from custgraph.cli.life import Life

        self.lifespan_class = Life  # it has what uvicorn asks of one


def ignore_stops() -> None:
    """Lets an end come to its end: Ctrl+C comes from the terminal and from the supervisor, which may be later."""
    for number in STOPS:
        signal.signal(number, signal.SIG_IGN)


def make_app(flags: Mapping[str, Any]) -> Any:
    """Makes the application with settings read anew, so that a worker that is replaced has the newest."""
    try:
        from custgraph.app import create_app

        return create_app(load_settings(flags).settings)
    except SettingsError as error:
        say(str(error))
        raise SystemExit(CANNOT_START if parent_process() else WRONG_SETTINGS) from None
    except Exception as error:  # noqa: BLE001 - whatever it is, a supervisor must not try again for ever
        _log.error("cannot start", **fault(error))
        raise SystemExit(CANNOT_START) from None


def say(message: str) -> None:
    """Tells whoever started the process what is wrong."""
    for line in message.splitlines():
        print(f"custgraph: {line}", file=sys.stderr)  # noqa: T201 - that is how


def _log_thread(thrown: threading.ExceptHookArgs) -> None:
    if thrown.exc_value is not None:
        _log.error("a thread failed", **fault(thrown.exc_value))
