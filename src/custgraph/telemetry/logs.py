"""The log: where lines go, in which of two forms, and what becomes of libraries' own logging."""

from __future__ import annotations

import atexit
import logging
import sys
from collections.abc import Callable, MutableMapping
from typing import Any, Literal, TextIO

import msgspec
import structlog

from custgraph.telemetry.faults import fault
from custgraph.telemetry.lines import Clock, LineWriter, RequestLines, write_to
from custgraph.telemetry.vocabulary import FIELDS, LONGEST, safe

Level = Literal["debug", "info", "warning", "error"]
Format = Literal["auto", "json", "console"]
Render = Callable[[dict[str, Any]], bytes]

# Libraries whose messages are about the process and never about a request.
_SAYS_NOTHING_OF_REQUESTS = frozenset({"uvicorn.error", "custgraph.embedded.service"})
_TAMED = ("uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi", "httpx", "httpcore", "asyncio", "aiohttp")


def configure_logs(level: Level, form: Format, stream: TextIO | None = None, *, libraries: bool = True) -> None:
    """Sends the process's log to a stream.

    Args:
        level: the least that is logged.
        form: JSON, or for people; `auto`: for people where the stream is a terminal.
        stream: standard error by default.
        libraries: takes in what libraries log through `logging`: from warnings on, without their texts.
    """
    stream = stream or sys.stderr
    render = _for_people if form == "console" or (form == "auto" and stream.isatty()) else _as_json
    clock = Clock()
    writer = LineWriter(write_to(stream), lambda lost: render(_lost_lines(clock.now(), lost)))
    atexit.register(writer.flush)
    structlog.configure(
        processors=[_Renderer(render, clock)],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=_Sinks(writer, render, clock, info=level in ("debug", "info")),
        cache_logger_on_first_use=True,
    )
    if libraries:
        _take_in_libraries()


def flush_logs() -> None:
    """Writes what waits, now: for a process that is about to end without ado."""
    sinks = structlog.get_config()["logger_factory"]
    if isinstance(sinks, _Sinks):
        sinks.writer.flush()


def logs_are_configured() -> bool:
    """Whether `configure_logs` was called, or a host has configured structlog for itself."""
    return structlog.is_configured()


class RequestLine(msgspec.Struct, omit_defaults=True):
    """The line of one HTTP request. Each field is in the vocabulary, and its values are safe as they are."""

    request_id: str
    method: str
    path: str
    status: int
    ms: float
    bytes: int | None = None
    errors: int | None = None
    code: str | None = None
    credential: str | None = None


def request_log() -> Callable[[RequestLine], None]:
    """Gives what logs requests, one line for each: straight to the writer, since it runs for every request."""
    sinks = structlog.get_config()["logger_factory"]
    if isinstance(sinks, _Sinks):
        return sinks.request_log()
    log = structlog.get_logger("custgraph.http")  # a host's own
    return lambda line: log.info("request", **_fields_of(line))


def _fields_of(line: RequestLine) -> dict[str, Any]:
    said = msgspec.structs.asdict(line)
    return {name: value for name, value in said.items() if value is not None and name in FIELDS}


class _Sinks:
    """Makes the ends of loggers, which all write to one writer."""

    def __init__(self, writer: LineWriter, render: Render, clock: Clock, *, info: bool) -> None:
        self.writer = writer
        self._render = render
        self._clock = clock
        self._info = info

    def request_log(self) -> Callable[[RequestLine], None]:
        """Gives what writes the lines of requests."""
        if not self._info:
            return lambda _line: None
        if self._render is _as_json:
            return RequestLines(self.writer, self._clock, _encode).put
        return self._put_request

    def _put_request(self, line: RequestLine) -> None:
        head = {"time": self._clock.now(), "level": "info", "part": "http", "event": "request"}
        self.writer.put(self._render({**head, **_fields_of(line)}))

    def __call__(self, *names: str) -> _Sink:
        return _Sink(names[0] if names else "", self.writer.put)


class _Sink:
    """The end of one part's logger."""

    __slots__ = ("debug", "error", "info", "name", "warning")

    def __init__(self, name: str, put: Callable[[bytes], None]) -> None:
        self.name = name.removeprefix("custgraph.")
        self.debug = self.info = self.warning = self.error = put


class _Renderer:
    """The one processor: time, level, part and event first, then the fields, made safe."""

    __slots__ = ("_clock", "_render")

    def __init__(self, render: Render, clock: Clock) -> None:
        self._render = render
        self._clock = clock

    def __call__(self, sink: Any, level: str, event: MutableMapping[str, Any]) -> bytes:
        line = {"time": self._clock.now(), "level": level, "part": sink.name, "event": event.pop("event")}
        for name, value in event.items():
            kind = type(value)
            if name in FIELDS and (
                kind is int or kind is float or (kind is str and len(value) <= LONGEST and value.isprintable())
            ):
                line[name] = value  # nearly always; this runs for every request
            else:
                line[name] = safe(name, value)
        return self._render(line)


def _lost_lines(now: str, lost: int) -> dict[str, Any]:
    return {"time": now, "level": "warning", "part": "telemetry", "event": "log lines lost", "count": lost}


_encode = msgspec.json.Encoder().encode
_as_json: Render = msgspec.json.Encoder(enc_hook=lambda value: type(value).__name__).encode


def _for_people(line: dict[str, Any]) -> bytes:
    fields = "".join(f"  {name}={value}" for name, value in list(line.items())[4:])
    return f"{line['time'][11:23]} {line['level']:7} {line['part']}: {line['event']}{fields}".encode()


def _take_in_libraries() -> None:
    root = logging.getLogger()
    root.handlers = [_LibraryHandler()]
    root.setLevel(logging.WARNING)
    for name in _TAMED:
        tamed = logging.getLogger(name)
        tamed.handlers = []
        tamed.propagate = True
        tamed.setLevel(logging.WARNING)


class _LibraryHandler(logging.Handler):
    """Says that a library logged something; its text only when it cannot be about a request."""

    def emit(self, record: logging.LogRecord) -> None:
        """Logs one record. Also this must never raise."""
        fields: dict[str, object] = {"source": record.name}
        if record.exc_info and record.exc_info[1] is not None:
            fields |= fault(record.exc_info[1])
        if record.name in _SAYS_NOTHING_OF_REQUESTS and isinstance(record.msg, str):
            fields["text"] = record.getMessage().partition("\n")[0]
        level = "error" if record.levelno >= logging.ERROR else "warning"
        getattr(structlog.get_logger("custgraph.library"), level)("a library logged", **fields)
