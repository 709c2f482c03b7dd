"""Loads one server with wrk and says what came of it, the server's CPU time included."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from harness.operations import CALLERS, Operation, bodies
from harness.paths import BENCHMARKS, WORK
from harness.processes import LOAD_CPU, Running

Measured = dict[str, Any]
SCRIPT = BENCHMARKS / "load" / "post.lua"


class LoadError(Exception):
    """Answers came back wrong under load."""


class NoAnswer(LoadError):
    """A server answered nothing within the time: it is too slow for so many connections."""


def write_requests(operation: Operation, dialect: str) -> Path | None:
    """Writes the requests of an operation as wrk's script reads them; None where the dialect does not know it."""
    if dialect == "rest":
        requests = [_get(path, turn) for turn, path in enumerate(operation.paths)]
    else:
        requests = [_post(body, turn) for turn, body in enumerate(bodies(operation, dialect))]
    if not requests:
        return None
    file = WORK / "requests" / f"{dialect}-{operation.name}"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"".join(b"%d\n%b" % (len(request), request) for request in requests))
    return file


def load(running: Running, requests: Path, connections: int, seconds: int, *, check: bool = False) -> Measured:
    """Runs wrk for whole seconds. `check` reads every answer too, which is for warming up, not for measuring.

    Returns:
        wrk's figures with `rate` (requests per second), `cpu_us` (the server's CPU time per request) and
        `bytes_each` (bytes of one answer, on average).

    Raises:
        LoadError: there were bad statuses, socket errors or, with `check`, GraphQL errors; or wrk failed.
        NoAnswer: there was nothing else either.
    """
    env = {**os.environ, "REQUESTS": str(requests), **({"CHECK": "1"} if check else {})}
    wrk = ("wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "-s", str(SCRIPT), running.origin)
    before = running.process.cpu_seconds()
    run = subprocess.run(["taskset", "-c", str(LOAD_CPU), *wrk], env=env, capture_output=True, text=True, check=False)
    used = running.process.cpu_seconds() - before
    measured = f"{running.server.name} under {requests.name}, c={connections}"
    if run.returncode:
        raise LoadError(f"{measured}: {run.stdout}{run.stderr}")
    told: Measured = json.loads(run.stdout.partition("RESULT ")[2].partition("\n")[0])
    told["rate"] = round(told["requests"] / told["seconds"], 1)
    told["cpu_us"] = round(used * 1e6 / max(told["requests"], 1), 1)
    told["bytes_each"] = round(told["bytes"] / max(told["requests"], 1), 1)
    faults = {name: told[name] for name in ("bad_status", "socket_errors", "graphql_errors") if told[name]}
    if faults:
        raise LoadError(f"{measured}: {faults}")
    if not told["requests"]:
        raise NoAnswer(f"{measured}: no answer")
    return told


def _post(body: str, turn: int) -> bytes:
    content = body.encode()
    head = (
        f"POST /graphql HTTP/1.1\r\nHost: localhost\r\nX-Api-Token: benchmark-{turn % CALLERS}\r\n"
        f"Content-Type: application/json\r\nAccept: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content


def _get(path: str, turn: int) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\nX-Api-Token: benchmark-{turn % CALLERS}\r\n\r\n".encode()
