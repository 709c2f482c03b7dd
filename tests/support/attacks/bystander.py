"""Another client: it asks a small thing ten times a second, from a process of its own, and notes how long each took."""

from __future__ import annotations

import http.client
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from time import perf_counter

SECONDS_BETWEEN = 0.1
_BODY = b'{"query":"{ customer(id: 1) { id email } }"}'


class Bystander:
    """What another client noticed.

    Attributes:
        latencies: seconds of each answer, by phase; infinite for one that did not come. Filled in at the end.
    """

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self.latencies: dict[str, list[float]] = {}

    def phase(self, name: str) -> None:
        """Begins a phase."""
        self._pipe.send(name)


@contextmanager
def bystanding(host: str, port: int, token: str) -> Iterator[Bystander]:
    """Lets another client, with a token of its own, ask for the time of a block."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_ask, args=(host, port, token, theirs), daemon=True)
    process.start()
    theirs.close()  # so that a process that ends is noticed
    bystander = Bystander(ours)
    try:
        yield bystander
        ours.send(None)
        bystander.latencies = ours.recv()
    finally:
        process.terminate()
        process.join()


def _ask(host: str, port: int, token: str, pipe: Connection) -> None:
    phase, latencies = "before", dict[str, list[float]]()
    connection = http.client.HTTPConnection(host, port, timeout=20)
    due = perf_counter()
    while phase is not None:
        began = perf_counter()
        seconds = _once(connection, token, began)
        latencies.setdefault(phase, []).append(seconds)
        due = max(due + SECONDS_BETWEEN, perf_counter())
        while phase is not None and pipe.poll(max(due - perf_counter(), 0)):
            phase = pipe.recv()
    latencies.pop("before", None)
    pipe.send(latencies)


def _once(connection: http.client.HTTPConnection, token: str, began: float) -> float:
    """Seconds of one answer; it may be that the other side is shedding, which is an answer, too."""
    try:
        connection.request("POST", "/graphql", _BODY, {"Content-Type": "application/json", "X-Api-Token": token})
        answer = connection.getresponse()
        answer.read()
    except (OSError, http.client.HTTPException):
        connection.close()
        return float("inf")
    return perf_counter() - began if answer.status in (200, 503) else float("inf")
