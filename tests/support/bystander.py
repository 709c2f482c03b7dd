"""Another client: it asks a small thing again and again, from a process of its own, and notes how long each took."""

from __future__ import annotations

import gc
import http.client
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from time import perf_counter

_BODY = b'{"query":"{ customer(id: 1) { id email } }"}'


class Bystander:
    """What another client noticed.

    Attributes:
        latencies: seconds of each answer, by phase; infinite for one that did not come or has errors. Filled in at the
            end.
    """

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self.latencies: dict[str, list[float]] = {}

    def phase(self, name: str) -> None:
        """Begins a phase."""
        self._pipe.send(name)


@contextmanager
def bystanding(
    host: str, port: int, token: str, *, seconds_between: float = 0.1, may_shed: bool = False
) -> Iterator[Bystander]:
    """Lets another client, with a token of its own, ask for the time of a block.

    Args:
        host: of the gateway.
        port: of the gateway.
        token: its API token.
        seconds_between: from one request to the next, or until the answer is there.
        may_shed: a 503 is an answer, too.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_ask, args=(host, port, token, seconds_between, may_shed, theirs), daemon=True)
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


def _ask(host: str, port: int, token: str, seconds_between: float, may_shed: bool, pipe: Connection) -> None:
    gc.freeze()  # its own pauses are not what it shall notice
    phase, latencies = "before", dict[str, list[float]]()
    connection = http.client.HTTPConnection(host, port, timeout=20)
    due = perf_counter()
    while phase is not None:
        began = perf_counter()
        seconds = _once(connection, token, began, may_shed=may_shed)
        latencies.setdefault(phase, []).append(seconds)
        due = max(due + seconds_between, perf_counter())
        while phase is not None and pipe.poll(max(due - perf_counter(), 0)):
            phase = pipe.recv()
    latencies.pop("before", None)
    pipe.send(latencies)


def _once(connection: http.client.HTTPConnection, token: str, began: float, *, may_shed: bool) -> float:
    """Seconds of one answer."""
    try:
        connection.request("POST", "/graphql", _BODY, {"Content-Type": "application/json", "X-Api-Token": token})
        answer = connection.getresponse()
        body = answer.read()
    except (OSError, http.client.HTTPException):
        connection.close()
        return float("inf")
    seconds = perf_counter() - began
    has_data = b'"errors"' not in body and b'"customer":null' not in body
    answered = (answer.status == 200 and has_data) or (may_shed and answer.status == 503)
    return seconds if answered else float("inf")
