"""Starts the servers and the upstream, each pinned to a CPU, and measures what they use."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from harness.paths import PROJECT, WORK
from harness.servers import Server

CPUS = sorted(os.sched_getaffinity(0))
SERVER_CPU = CPUS[0]
LOAD_CPU = CPUS[-1]
START_SECONDS = 30.0
SETTLE_SECONDS = 10.0
SETTLE_STEP = 0.05
LOGS = 4 * 2**30
"""Bytes that have to be free in memory for all servers' logs to be written there."""
QUIET = 0.05
"""A server that uses less than this share of a CPU has settled."""


def free_port() -> int:
    """A port of the loopback interface that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _in_memory(log: Path) -> Path:
    # Megabytes of log per second on a disk have the kernel flush them on the CPU of the server that is measured.
    memory = Path("/dev/shm")
    fits = memory.is_dir() and shutil.disk_usage(memory).free >= LOGS
    return memory / f"custgraph-bench-{log.name}" if fits else log


class Process:
    """A program in a session of its own, so that all it starts is measured and ended with it."""

    def __init__(self, name: str, command: list[str], cpu: int, env: dict[str, str] | None = None) -> None:
        self.name = name
        self.log = WORK / "logs" / f"{name}.log"
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self._written = _in_memory(self.log)
        with self._written.open("wb") as log:
            self._popen = subprocess.Popen(
                ["taskset", "-c", str(cpu), *command],
                cwd=PROJECT,
                env={**os.environ, **(env or {})},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.pid = self._popen.pid

    def wait_until(self, ready: Callable[[], bool]) -> float:
        """Seconds until `ready`, which is asked again after OSErrors.

        Raises:
            RuntimeError: the process ended, or it took too long and was ended.
        """
        started = time.monotonic()
        while time.monotonic() - started < START_SECONDS:
            if self._popen.poll() is not None:
                break
            try:
                if ready():
                    return time.monotonic() - started
            except (OSError, ValueError):
                pass
            time.sleep(0.02)
        self.stop()
        raise RuntimeError(f"{self.name} did not start; see {self.log}:\n{self.log.read_text()[-2000:]}")

    def pause(self) -> None:
        """Stops the whole session where it is, until `resume`."""
        os.killpg(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Lets the session go on."""
        os.killpg(self.pid, signal.SIGCONT)

    def settle(self) -> None:
        """Waits until the session has done what a load left it to do, and complains when it never comes to rest."""
        used = self.cpu_seconds()
        for _ in range(round(SETTLE_SECONDS / SETTLE_STEP)):
            time.sleep(SETTLE_STEP)
            before, used = used, self.cpu_seconds()
            if used - before < QUIET * SETTLE_STEP:
                return
        print(f"{self.name} is still busy after {SETTLE_SECONDS:g} s", file=sys.stderr, flush=True)

    def stop(self) -> None:
        """Ends the whole session, politely first, and keeps its log."""
        try:
            self._end()
        finally:
            if self._written != self.log:
                with contextlib.suppress(OSError):  # moved before, or no room: the other processes end all the same
                    shutil.move(self._written, self.log)

    def _end(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.resume()  # what is paused cannot end
        for with_signal in (signal.SIGTERM, signal.SIGKILL):
            if self._popen.poll() is None or any(True for _ in self._members()):
                try:
                    os.killpg(self.pid, with_signal)
                except ProcessLookupError:
                    return
                try:
                    self._popen.wait(timeout=5)
                except subprocess.TimeoutExpired:
                    continue

    def cpu_seconds(self) -> float:
        """CPU time that the living threads of the session have used."""
        nanoseconds = 0
        for process in self._members():
            for task in (process / "task").iterdir():
                try:
                    nanoseconds += int((task / "schedstat").read_text().split()[0])
                except (OSError, IndexError):
                    continue  # the thread is gone
        return nanoseconds / 1e9

    def memory(self) -> dict[str, float]:
        """`rss` and `peak` of the session in MiB."""
        sums = {"VmRSS:": 0, "VmHWM:": 0}
        for process in self._members():
            for line in (process / "status").read_text().splitlines():
                name, _, value = line.partition("\t")
                if name in sums:
                    sums[name] += int(value.split()[0])
        return {"rss": round(sums["VmRSS:"] / 1024, 1), "peak": round(sums["VmHWM:"] / 1024, 1)}

    def _members(self) -> Iterator[Path]:
        for process in Path("/proc").iterdir():
            if process.name.isdigit():
                try:
                    fields = (process / "stat").read_text().rpartition(") ")[2].split()
                except OSError:
                    continue
                if int(fields[3]) == self.pid and fields[0] != "Z":
                    yield process


class Upstream:
    """The upstream, running."""

    def __init__(self) -> None:
        self.origin = f"http://127.0.0.1:{(port := free_port())}"
        self.process = Process("upstream", [str(WORK / "upstream"), str(port)], LOAD_CPU)
        self.process.wait_until(lambda: self.count() == 0)

    def count(self) -> int:
        """How many requests it has answered."""
        return int(self._ask("count"))

    def delay(self, microseconds: int) -> None:
        """Makes every answer wait from now on."""
        self._ask(f"delay?us={microseconds}")

    def _ask(self, what: str) -> bytes:
        with urllib.request.urlopen(f"{self.origin}/bench/{what}", timeout=5) as answer:
            said: bytes = answer.read()
            return said


class Running:
    """A server, running; `start_seconds` is the time to its first answer."""

    def __init__(self, server: Server, upstream: Upstream) -> None:
        self.server = server
        self.port = free_port()
        fill = {"port": str(self.port), "upstream": upstream.origin}
        command = [part.format(**fill) for part in server.command]
        env = {"PORT": fill["port"], "UPSTREAM": fill["upstream"], **server.env}
        self.process = Process(server.name, command, SERVER_CPU, env)
        self.start_seconds = self.process.wait_until(self._answers)

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def _answers(self) -> bool:
        if self.server.dialect == "rest":
            with urllib.request.urlopen(self._request("/api/v1/customers/1", None), timeout=5) as answer:
                return bool(answer.status == 200)
        return b"Query" in self.post('{"query":"{ __typename }"}')

    def post(self, body: str) -> bytes:
        """The answer to one GraphQL request."""
        try:
            with urllib.request.urlopen(self._request("/graphql", body.encode()), timeout=30) as answer:
                said: bytes = answer.read()
                return said
        except urllib.error.HTTPError as error:
            raise OSError(f"{self.server.name} answered {error.code}: {error.read()[:600]!r}") from None

    def _request(self, path: str, body: bytes | None) -> urllib.request.Request:
        headers = {"Content-Type": "application/json", "Accept": "application/json", "X-Api-Token": "benchmark-0"}
        return urllib.request.Request(self.origin + path, body, headers)


class Fleet:
    """The upstream and servers, all up; leaving ends them all."""

    def __init__(self, servers: list[Server]) -> None:
        self._servers = servers
        self._started: list[Process] = []
        self.running: dict[str, Running] = {}

    def __enter__(self) -> Self:
        try:
            self.upstream = Upstream()
            self._started.append(self.upstream.process)
            for server in self._servers:
                self.running[server.name] = running = Running(server, self.upstream)
                self._started.append(running.process)
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    @contextlib.contextmanager
    def alone(self, name: str) -> Iterator[Running]:
        """One server with the CPU to itself: the others are paused, and what a load leaves it to do is waited for.

        Else what neighbours still do, such as requests that wrk broke off, falls into its time.
        """
        for other, running in self.running.items():
            if other != name:
                running.process.pause()
        running = self.running[name]
        running.process.resume()
        running.process.settle()
        try:
            yield running
        finally:
            running.process.settle()

    def _stop(self) -> None:
        for process in reversed(self._started):
            process.stop()


@contextlib.contextmanager
def delayed(upstream: Upstream, microseconds: int) -> Iterator[None]:
    """Makes the upstream slow for a while."""
    upstream.delay(microseconds)
    try:
        yield
    finally:
        upstream.delay(0)
