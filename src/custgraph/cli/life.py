"""The application's life in one process.

A stop (SIGTERM, or Ctrl+C) ends in four steps: /readyz says 503 and new operations are refused; the port and idle
connections are closed; operations and writes under way are finished, within `drain_timeout`; the process ends. The
same signal again ends it at once, and what is cut off is logged.
"""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import threading
from collections import Counter
from functools import partial
from multiprocessing import parent_process
from types import FrameType
from typing import Any, NoReturn

from custgraph.app import CannotStart, Gateway
from custgraph.cli.allocator import keep_freed_memory
from custgraph.cli.banner import banner
from custgraph.cli.process import CUT_OFF, STOPS, ServingConfig, ignore_stops, say
from custgraph.telemetry import fault, flush_logs, logger

GC_THRESHOLDS = (5_000, 5, 5)
"""Requests leave no reference cycles, so that the collector may look seldom.

Documents never seen before do leave some, by graphql-core: its oldest generation is looked through often enough that
they stay small.
"""

_log = logger("custgraph.process")


class Life:
    """What uvicorn runs before it serves and after it has stopped, in place of its own lifespan protocol."""

    def __init__(self, config: ServingConfig) -> None:
        self.config = config
        self.gateway: Gateway = config.loaded_app
        self.should_exit = False
        self.state: dict[str, Any] = {}
        self._seen: Counter[int] = Counter()
        self._loop = asyncio.get_running_loop()

    async def startup(self) -> None:
        """Opens what the application needs. What is alive then stays, so the garbage collector need not look at it."""
        self._take_signals()
        try:
            await self.gateway.startup()
        except CannotStart as error:
            say(str(error))
            self.should_exit = True
        except Exception as error:  # noqa: BLE001 - whatever it is, a supervisor must not try again for ever
            _log.error("cannot start", **fault(error))
            self.should_exit = True
        else:
            self._stop_with_the_supervisor()
            gc.collect()
            gc.freeze()
            gc.set_threshold(*GC_THRESHOLDS)
            keep_freed_memory()
            self._tell()

    async def shutdown(self) -> None:
        """Finishes what is under way within the time left."""
        await self.gateway.aclose()
        if self.gateway.unsettled or self.gateway.out_of_time:
            self.config.exit_code = CUT_OFF
        ignore_stops()
        _log.info("stopped", pid=os.getpid())

    def _tell(self) -> None:
        _log.info("started", pid=os.getpid())
        if self.config.first.acquire(False):
            print(banner(self.config.origin, self.gateway), flush=True)  # noqa: T201 - it is what the command prints

    def _stop_with_the_supervisor(self) -> None:
        """Stops when the supervisor is gone: nobody would look after this process any more."""
        supervisor = parent_process()
        if supervisor is not None:
            self._loop.add_reader(supervisor.sentinel, self._orphaned, supervisor.sentinel)

    def _orphaned(self, sentinel: int) -> None:
        self._loop.remove_reader(sentinel)
        os.kill(os.getpid(), signal.SIGTERM)

    def _take_signals(self) -> None:
        """Puts itself before uvicorn's handlers, which only know how to stop."""
        for number in STOPS:
            signal.signal(number, partial(self._stop, signal.getsignal(number)))

    def _stop(self, stop_serving: Any, number: int, frame: FrameType | None) -> None:
        """Handles a signal. It may interrupt anything, so whatever takes a lock, such as the log, is done elsewhere."""
        self._seen[number] += 1
        if self._seen[number] > 1:
            threading.Thread(target=self._cut_off).start()
        elif self._seen.total() == 1:  # Ctrl+C comes as SIGINT from the terminal and as SIGTERM from the supervisor
            self._loop.call_soon_threadsafe(self._drain, number)
            stop_serving(number, frame)

    def _drain(self, number: int) -> None:
        self.gateway.drain()
        _log.info("stopping", signal=signal.Signals(number).name, pid=os.getpid())

    def _cut_off(self) -> NoReturn:
        self.gateway.abandon()
        _log.warning("stopped at once", pid=os.getpid())
        flush_logs()
        os._exit(CUT_OFF)
