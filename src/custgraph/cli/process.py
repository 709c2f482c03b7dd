"""A serving process, under uvicorn: how it starts, stops and ends.

Exit codes: 0 after an orderly stop; 1 when the stop cut something off; 2 for wrong settings; 3 when it cannot start.

A stop (SIGTERM, or Ctrl+C) ends in four steps: /readyz says 503 and new operations are refused; the port and idle
connections are closed; operations and writes under way are finished, within `drain_timeout`; the process ends. The
same signal again ends it at once, and what is cut off is logged.
"""

from __future__ import annotations

import asyncio
import gc
import math
import os
import signal
import sys
from collections import Counter
from collections.abc import Mapping
from functools import partial
from multiprocessing import parent_process
from pathlib import Path
from types import FrameType
from typing import Any, Final, NoReturn, Protocol

import uvicorn

from custgraph.cli.banner import banner
from custgraph.cli.options import WRONG_SETTINGS
from custgraph.config import Settings, SettingsError, load_settings
from custgraph.http.server import Connection
from custgraph.telemetry import configure_logs, fault, flush_logs, logger

CANNOT_START: Final = 3  # uvicorn's own number: its supervisor then stops, too
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
            http=Connection,
            ws="none",
            lifespan="on",
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
        for number in STOPS:
            signal.signal(number, self._end)

    def _end(self, _number: int, _frame: FrameType | None) -> NoReturn:
        """Ends the process: before it serves, or once uvicorn has stopped and raises the signal again."""
        raise SystemExit(self.exit_code)

    @property
    def should_reload(self) -> bool:
        """Whether to watch the sources; uvicorn's own answer wants the application's name."""
        return self.reload

    def load(self) -> None:
        """Makes the application."""
        super().load()
        self.lifespan_class = Life  # it has what uvicorn asks of one


def make_app(flags: Mapping[str, Any]) -> Any:
    """Makes the application with settings read anew, so that a worker that is replaced has the newest."""
    try:
        from custgraph.app import create_app

        return create_app(load_settings(flags).settings)
    except SettingsError as error:
        for line in str(error).splitlines():
            print(f"custgraph: {line}", file=sys.stderr)  # noqa: T201 - to whoever started it
        raise SystemExit(CANNOT_START if parent_process() else WRONG_SETTINGS) from None
    except Exception as error:  # noqa: BLE001 - whatever it is, a supervisor must not try again for ever
        _log.error("cannot start", **fault(error))
        raise SystemExit(CANNOT_START) from None


class Life:
    """The application's life in one process: what uvicorn runs before it serves and after it has stopped."""

    def __init__(self, config: ServingConfig) -> None:
        self.config = config
        self.gateway = config.loaded_app
        self.should_exit = False
        self.state: dict[str, Any] = {}
        self._seen: Counter[int] = Counter()
        self._loop = asyncio.get_running_loop()

    async def startup(self) -> None:
        """Opens what the application needs. What is alive then stays, so the garbage collector need not look at it."""
        self._take_signals()
        try:
            await self.gateway.startup()
        except Exception as error:  # noqa: BLE001 - whatever it is, it cannot start
            _log.error("cannot start", **fault(error))
            self.should_exit = True
            return
        gc.collect()
        gc.freeze()
        _log.info("started", pid=os.getpid())
        if self.config.first.acquire(False):
            print(banner(self.config.origin, self.gateway), flush=True)  # noqa: T201 - it is what the command prints

    async def shutdown(self) -> None:
        """Finishes what is under way within the time left."""
        await self.gateway.aclose()
        if self.gateway.unsettled or self.gateway.out_of_time:
            self.config.exit_code = CUT_OFF
        _log.info("stopped", pid=os.getpid())

    def _take_signals(self) -> None:
        """Puts itself before uvicorn's handlers, which only know how to stop."""
        for number in STOPS:
            signal.signal(number, partial(self._stop, signal.getsignal(number)))

    def _stop(self, stop_serving: Any, number: int, frame: FrameType | None) -> None:
        self._seen[number] += 1
        if self._seen[number] > 1:
            self._cut_off()
        elif self._seen.total() == 1:  # Ctrl+C comes as SIGINT from the terminal and as SIGTERM from the supervisor
            _log.info("stopping", signal=signal.Signals(number).name, pid=os.getpid())
            self._loop.call_soon_threadsafe(self.gateway.drain)
            stop_serving(number, frame)

    def _cut_off(self) -> NoReturn:
        self.gateway.abandon()
        _log.warning("stopped at once", pid=os.getpid())
        flush_logs()
        os._exit(CUT_OFF)
