"""Writes log lines without holding up the event loop: a thread hands what has gathered to the file, all at once."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import TextIO

GATHER_SECONDS = 0.02
MOST_WAITING = 20_000
"""Lines kept for a reader that has stopped; further ones are dropped, and their number is told once it goes on."""


class LineWriter:
    """Takes lines from any thread.

    Args:
        write: writes all bytes, however long that takes; an `OSError` drops them.
        tell_lost: makes the line that tells how many were dropped.
    """

    def __init__(self, write: Callable[[bytes], object], tell_lost: Callable[[int], bytes]) -> None:
        self._write = write
        self._tell_lost = tell_lost
        self._waiting: deque[bytes] = deque()
        self._lost = 0
        self._awake = False  # whether the thread was woken, and has not begun to take lines
        self._filled = threading.Event()
        self._writing = threading.Lock()
        threading.Thread(target=self._run, name="custgraph-log", daemon=True).start()

    def put(self, line: bytes) -> None:
        """Takes a line, without its end."""
        waiting = self._waiting
        if len(waiting) >= MOST_WAITING:
            self._lost += 1
            return
        waiting.append(line)
        if not self._awake:
            self._awake = True
            self._filled.set()

    def flush(self, timeout: float = 1.0) -> None:
        """Writes what waits, now; gives up after so many seconds when a reader has stopped."""
        if self._writing.acquire(timeout=timeout):
            try:
                self._drain()
            finally:
                self._writing.release()

    def _run(self) -> None:
        while True:
            self._filled.wait()
            time.sleep(GATHER_SECONDS)
            self._filled.clear()
            self._awake = False  # last: whoever still sees it true has put a line that is taken now
            with self._writing:
                self._drain()

    def _drain(self) -> None:
        waiting = self._waiting
        lines = [waiting.popleft() for _ in range(len(waiting))]
        if self._lost:
            lost, self._lost = self._lost, 0
            lines.append(self._tell_lost(lost))
        if lines:
            lines.append(b"")
            with contextlib.suppress(OSError, ValueError):  # nobody reads any more
                self._write(b"\n".join(lines))


class Clock:
    """Writes the time of day; what it wrote last is kept for the lines of the same second and millisecond."""

    __slots__ = ("_latest", "_millisecond", "_second", "_until_second")

    def __init__(self) -> None:
        self._second = self._millisecond = -1
        self._until_second = self._latest = ""

    def now(self) -> str:
        """The time, as RFC 3339 has it."""
        millisecond = int(time.time() * 1000)
        if millisecond != self._millisecond:
            second = millisecond // 1000
            if second != self._second:
                self._until_second = time.strftime("%Y-%m-%dT%H:%M:%S.", time.gmtime(second))
                self._second = second
            self._latest = f"{self._until_second}{millisecond % 1000:03}Z"
            self._millisecond = millisecond
        return self._latest


class RequestLines:
    """Writes one line of JSON for each HTTP request.

    Args:
        writer: takes the lines.
        clock: tells the time.
        encode: writes a request's fields as an object, which has at least one member.
    """

    def __init__(self, writer: LineWriter, clock: Clock, encode: Callable[[object], bytes]) -> None:
        self._writer = writer
        self._clock = clock
        self._encode = encode

    def put(self, line: object) -> None:
        """Writes one line."""
        now = self._clock.now().encode()
        self._writer.put(
            b'{"time":"%b","level":"info","part":"http","event":"request",%b' % (now, self._encode(line)[1:])
        )


def write_to(stream: TextIO) -> Callable[[bytes], object]:
    """Gives what writes bytes to the stream: past its buffers where it is a real file."""
    try:
        descriptor = stream.fileno()
    except (OSError, ValueError):

        def write(data: bytes) -> None:
            stream.write(data.decode())
            stream.flush()

        return write

    def write_all(data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(descriptor, view) :]

    return write_all
