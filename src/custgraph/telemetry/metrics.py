"""Metrics for Prometheus. Labels are words of ours, never a client's, so the number of series is bounded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, multiprocess, start_http_server
from prometheus_client import values as prometheus_values
from prometheus_client.registry import Collector

OPERATION_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20)
CALL_SECONDS: Final = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 10)


class Metrics:
    """What one process counts. With several workers each writes to a folder that they share; see `shared_registry`."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "custgraph_requests",
            "HTTP requests for the endpoint by status; 499: the client had gone before its answer.",
            ("status",),
            registry=self.registry,
        )
        self._operations = Counter(
            "custgraph_operations",
            "GraphQL operations by kind (query, mutation; none: it did not get that far) and first error's code.",
            ("kind", "code"),
            registry=self.registry,
        )
        self._operation_seconds = Histogram(
            "custgraph_operation_seconds",
            "Seconds from a request's operation to its result.",
            ("kind",),
            buckets=OPERATION_SECONDS,
            registry=self.registry,
        )
        self.in_flight = Gauge(
            "custgraph_operations_in_flight",
            "GraphQL operations under way.",
            multiprocess_mode="livesum",
            registry=self.registry,
        )
        self._calls = Counter(
            "custgraph_upstream_calls",
            "Calls of the REST API, retries included, by method and outcome: a status class, or how it failed.",
            ("method", "outcome"),
            registry=self.registry,
        )
        self._call_seconds = Histogram(
            "custgraph_upstream_call_seconds",
            "Seconds of one call of the REST API.",
            ("method",),
            buckets=CALL_SECONDS,
            registry=self.registry,
        )

    def serve(self, host: str, port: int) -> Callable[[], None] | None:
        """Serves `/metrics`, unless the supervisor of several workers does; gives what ends that.

        Raises:
            OSError: the address is taken.
        """
        return None if counts_for_all_workers() else serve_metrics(host, port, self.registry)

    def request(self, status: int) -> None:
        """Counts an HTTP request that has been answered."""
        self._requests.labels(str(status)).inc()

    def operation(self, kind: str, code: str, seconds: float) -> None:
        """Counts an operation that has ended."""
        self._operations.labels(kind, code).inc()
        self._operation_seconds.labels(kind).observe(seconds)

    def call(self, method: str, outcome: str, seconds: float) -> None:
        """Counts an upstream call that has ended."""
        self._calls.labels(method, outcome).inc()
        self._call_seconds.labels(method).observe(seconds)


def counts_for_all_workers() -> bool:
    """Whether this process is one of several, whose supervisor serves their metrics."""
    return bool(prometheus_values.ValueClass._multiprocess)  # noqa: SLF001 - its only way to tell


def shared_registry(folder: Path) -> Collector:
    """Gives what all workers have counted into the folder, taken together."""
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry, path=str(folder))  # type: ignore[no-untyped-call]
    return registry


def forget_worker(folder: Path, pid: int) -> None:
    """Takes a worker that has died out of the gauges; what it counted stays."""
    multiprocess.mark_process_dead(pid, path=str(folder))  # type: ignore[no-untyped-call]


def serve_metrics(host: str, port: int, registry: Collector) -> Callable[[], None]:
    """Serves `/metrics` from a thread; gives what ends that.

    Raises:
        OSError: the address is taken.
    """
    server, thread = start_http_server(port, host, registry)

    def end(server: object = server, thread: Thread = thread) -> None:
        server.shutdown()  # type: ignore[attr-defined]  # a WSGIServer
        server.server_close()  # type: ignore[attr-defined]
        thread.join()

    return end
