"""Programs that run beside the tests: started, listened to, and ended."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path


class Program:
    """A running program and what it printed so far, standard error included."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._changed = threading.Condition()
        self._output = ""
        self._ended = False
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    @property
    def output(self) -> str:
        """All that it printed so far."""
        with self._changed:
            return self._output

    @property
    def has_ended(self) -> bool:
        """Whether it runs no more."""
        return self._process.poll() is not None

    def wait_for(self, pattern: str, seconds: float = 60) -> re.Match[str]:
        """Waits until it has printed this pattern, in which `^` and `$` are a line's.

        Raises:
            AssertionError: it ended, or time is up; the message has its output.
        """
        searched = re.compile(pattern, re.MULTILINE)
        with self._changed:
            self._changed.wait_for(lambda: self._ended or searched.search(self._output), seconds)
            found = searched.search(self._output)
            assert found, f"{self._process.args!r} did not print {pattern!r} but:\n{self._output}"
            return found

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def send(self, number: signal.Signals) -> None:
        """Sends a signal to it alone."""
        self._process.send_signal(number)

    def wait(self, seconds: float = 30) -> int:
        """Waits for its end; gives its exit code, once all that it printed is there."""
        code = self._process.wait(seconds)
        self._reader.join(seconds)
        return code

    def wait_until_all_ended(self, seconds: float = 15) -> bool:
        """Waits until nothing that it started runs any more; False if something still does."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                os.killpg(self._process.pid, 0)
            except ProcessLookupError:
                return True
            time.sleep(0.02)
        return False

    def interrupt(self, seconds: float = 15) -> int:
        """Presses Ctrl-C: the program and all that it started get the signal. Gives its exit code."""
        os.killpg(self._process.pid, signal.SIGINT)
        return self._process.wait(seconds)

    def end(self) -> None:
        """Ends it with all that it started, by force if it has to be."""
        with suppress(ProcessLookupError, subprocess.TimeoutExpired):
            os.killpg(self._process.pid, signal.SIGTERM)
            self._process.wait(15)
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._reader.join()

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout:
            for line in self._process.stdout:
                with self._changed:
                    self._output += line
                    self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()


@contextmanager
def running(*command: str, folder: Path, environment: Mapping[str, str] | None = None) -> Iterator[Program]:
    """Runs a program in a folder for the time of a block. Variables come on top of this process's own."""
    process = subprocess.Popen(  # noqa: S603 - the tests name the programs
        command,
        cwd=folder,
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    program = Program(process)
    try:
        yield program
    finally:
        program.end()
