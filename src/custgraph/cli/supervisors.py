"""Processes that look after serving processes: workers, or one that is started again when its sources change."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from socket import socket
from tempfile import TemporaryDirectory
from typing import Any

import uvicorn
from uvicorn.supervisors import Multiprocess
from uvicorn.supervisors.statreload import StatReload

from custgraph.cli.listening import CannotListen, listen, origin_of
from custgraph.cli.options import CANNOT_START
from custgraph.cli.process import CUT_OFF, STOPS, ServingConfig, make_app
from custgraph.config import Settings, share_metrics
from custgraph.telemetry import logger

_log = logger("custgraph.process")


def run(settings: Settings, flags: Mapping[str, Any], *, reload: bool) -> int:
    """Serves until told to stop; gives the exit code.

    Raises:
        CannotListen: the address is taken.
    """
    sockets = listen(settings.host, settings.port)
    origin = origin_of(settings.host, sockets)
    if not reload and settings.workers == 1:
        config = ServingConfig(settings, flags, origin, threading.Lock())
        uvicorn.Server(config).run(sockets)
        return config.exit_code
    first = multiprocessing.get_context("spawn").Lock()
    config = ServingConfig(settings, flags, origin, first, reload=reload)
    _hold_stops_back()
    if reload:
        Reloader(config, uvicorn.Server(config).run, sockets).run()
        return 0
    if settings.documents:
        make_app(flags)  # says what is wrong with them once, and not for each worker
    with _shared_metrics(settings) as metrics:
        return Workers(config, sockets, metrics).run_to_the_end()


def _hold_stops_back() -> None:
    """Lets processes that are started from now on be born with stop signals waiting, until they can end in order.

    What this process is sent is taken by a thread that does nothing else; Python then calls the handlers.
    """
    threading.Thread(target=threading.Event().wait, daemon=True).start()
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)


@contextmanager
def _shared_metrics(settings: Settings) -> Iterator[Path | None]:
    """Serves the metrics of all workers, who count into one folder; gives that, or None without metrics."""
    port = settings.metrics_port
    if port is None:
        yield None
        return
    from custgraph.telemetry.metrics import serve_metrics, shared_registry

    with TemporaryDirectory(prefix="custgraph-metrics-") as name:
        folder = Path(name)
        share_metrics(folder)
        try:
            stop = serve_metrics(settings.host, port, shared_registry(folder))
        except OSError as error:
            raise CannotListen(f"CUSTGRAPH_METRICS_PORT: port {port} cannot be listened on: {error.strerror}") from None
        try:
            yield folder
        finally:
            stop()


def _forget(folder: Path, pid: int) -> None:
    from custgraph.telemetry.metrics import forget_worker

    forget_worker(folder, pid)


class Workers(Multiprocess):
    """uvicorn's supervisor: replaces a worker that dies, all of them one by one on SIGHUP, and passes stops on."""

    def __init__(self, config: ServingConfig, sockets: list[socket], metrics: Path | None) -> None:
        super().__init__(config, sockets)
        self._metrics = metrics

    def run_to_the_end(self) -> int:
        """Runs the workers; gives the exit code."""
        self.run()
        codes = {process.exitcode for process in self.processes}
        if CANNOT_START in codes:
            return CANNOT_START
        return 0 if codes == {0} else CUT_OFF

    def init_processes(self) -> None:
        """Starts the workers."""
        super().init_processes()
        self._let_go()

    def keep_subprocess_alive(self) -> None:
        """Replaces the dead."""
        before = {process.pid for process in self.processes}
        super().keep_subprocess_alive()
        self._let_go()
        for pid in before - {process.pid for process in self.processes}:
            _log.error("worker died and was replaced", pid=pid)
            if self._metrics is not None and pid is not None:
                _forget(self._metrics, pid)

    def _let_go(self) -> None:
        """Closes this process's copies of the workers' ends, so that a worker's death is seen at once."""
        for process in self.processes:
            process.child_conn.close()

    def join_all(self) -> None:
        """Waits for the workers; one more stop signal goes to them, too."""
        self.signal_queue.clear()
        for process in self.processes:
            while process.process.is_alive():
                process.process.join(0.1)
                self._pass_on()

    def _pass_on(self) -> None:
        again = any(number in STOPS for number in self.signal_queue)
        self.signal_queue.clear()
        if again:
            for process in self.processes:
                if process.pid is not None and process.process.is_alive():
                    os.kill(process.pid, signal.SIGTERM)


class Reloader(StatReload):
    """Starts the process again when a source of ours changes, or a settings file comes, changes or goes."""

    def __init__(self, config: ServingConfig, target: Callable[..., None], sockets: list[socket]) -> None:
        super().__init__(config, target, sockets)
        self._settings = _settings_files()

    def should_restart(self) -> list[Path] | None:
        """Waits a moment; gives what has changed meanwhile."""
        changed = super().should_restart()
        before, self._settings = self._settings, _settings_files()
        return changed or sorted(before ^ self._settings) or None

    def iter_py_files(self) -> Iterator[Path]:
        """The files to watch."""
        yield from super().iter_py_files()
        yield from self._settings


def _settings_files() -> frozenset[Path]:
    return frozenset(path for path in map(Path, (".env", "custgraph.toml")) if path.is_file())
