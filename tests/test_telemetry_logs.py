"""The log: one event, one line, nobody's data."""

from __future__ import annotations

import ast
import asyncio
import io
import logging
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from custgraph.telemetry import configure_logs, fault, flush_logs, logger
from custgraph.telemetry.lines import MOST_WAITING, LineWriter
from custgraph.telemetry.vocabulary import FIELDS, HIDDEN, LONGEST, one_line

SOURCES = Path(__file__).parents[1] / "src" / "custgraph"
CANARY = "eve@canary.example"

Log = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def own_logging() -> Iterator[None]:
    """Puts the process's logging back as it was."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    yield
    structlog.reset_defaults()
    root.handlers, level = before
    root.setLevel(level)


@pytest.fixture
def log(own_logging: None) -> Log:  # noqa: ARG001 - for what it puts back
    """Configures the log, lets a function write to it, and gives the lines."""

    def lines(write: Callable[[Any], object], level: Any = "info", form: Any = "json") -> list[dict[str, Any]]:
        stream = io.StringIO()
        configure_logs(level, form, stream)
        write(logger("custgraph.http"))
        flush_logs()
        return [msgspec.json.decode(line) for line in stream.getvalue().splitlines()]

    return lines


def test_a_line_has_time_level_part_and_event_before_its_fields(log: Log) -> None:
    (line,) = log(lambda to: to.info("request", status=200, ms=1.5))
    assert list(line) == ["time", "level", "part", "event", "status", "ms"]
    assert list(line.values())[1:] == ["info", "http", "request", 200, 1.5]
    assert len(line["time"]) == len("2026-01-01T00:00:00.000Z")


def test_what_is_below_the_level_is_not_logged(log: Log) -> None:
    def write(to: Any) -> None:
        to.debug("quiet")
        to.info("quiet")
        to.warning("loud")

    assert [line["event"] for line in log(write, "warning")] == ["loud"]


def test_a_field_outside_the_vocabulary_is_hidden(log: Log) -> None:
    (line,) = log(lambda to: to.info("request", email=CANARY))
    assert line["email"] == HIDDEN


@pytest.mark.parametrize("value", [{"a": CANARY}, [CANARY], ValueError(CANARY), CANARY.encode()])
def test_a_value_that_is_no_plain_one_is_hidden(log: Log, value: object) -> None:
    (line,) = log(lambda to: to.info("request", note=value))
    assert line["note"] == HIDDEN


@pytest.mark.parametrize("form", ["json", "console"])
@given(text=st.text())
def test_any_text_stays_on_one_line_and_cannot_steer_a_terminal(form: Any, text: str) -> None:
    stream = io.StringIO()
    try:
        configure_logs("info", form, stream, libraries=False)
        logger("custgraph.http").info("request", path=text)
        flush_logs()
    finally:
        structlog.reset_defaults()
    line = stream.getvalue()
    assert line.endswith("\n")
    assert line[:-1].isprintable()


@given(st.text())
def test_a_printable_short_text_is_kept_as_it_is(text: str) -> None:
    assert (one_line(text) == text) == (text.isprintable() and len(text) <= LONGEST)


@pytest.mark.usefixtures("own_logging")
def test_lines_for_people_name_the_time_of_day_the_level_and_the_fields() -> None:
    stream = io.StringIO()
    configure_logs("info", "console", stream)
    logger("custgraph.rest").warning("upstream call failed", note="no answer", status=503)
    flush_logs()
    assert stream.getvalue()[12:] == " warning rest: upstream call failed  note=no answer  status=503\n"


def test_a_librarys_text_is_left_out_and_its_error_is_named(log: Log) -> None:
    def write(_to: object) -> None:
        try:
            raise ValueError(CANARY)  # noqa: TRY301 - as a library would
        except ValueError:
            logging.getLogger("httpx").exception("GET %s", CANARY)
        logging.getLogger("httpx").info("GET %s", CANARY)

    (line,) = log(write, "debug")
    assert (line["level"], line["source"], line["error"]) == ("error", "httpx", "ValueError")
    assert CANARY not in str(line)


def test_an_exception_that_nobody_awaited_is_named_without_its_text(log: Log) -> None:
    async def forget() -> None:
        async def fail() -> None:
            raise ValueError(CANARY)

        task = asyncio.create_task(fail())
        await asyncio.wait([task])
        del task

    (line,) = log(lambda _: asyncio.run(forget()), "debug")
    assert (line["source"], line["error"]) == ("asyncio", "ValueError")
    assert CANARY not in str(line)


def test_uvicorn_may_speak_of_the_process(log: Log) -> None:
    (line,) = log(lambda _: logging.getLogger("uvicorn.error").warning("Worker %d died", 7))
    assert line["text"] == "Worker 7 died"


def test_a_fault_is_its_class_and_where_it_was_raised() -> None:
    def deeper() -> None:
        raise KeyError(CANARY)

    with pytest.raises(KeyError) as raised:
        deeper()
    told = fault(raised.value)
    assert told["error"] == "KeyError"
    assert [place.rpartition(":")[0] for place in told["where"].split(" < ")] == [__name__, __name__]
    assert CANARY not in str(told)


def test_a_fault_of_the_sources_is_where_they_are_wrong() -> None:
    with pytest.raises(SyntaxError) as raised:
        compile("fine = 1\nbroken =", "shop/query.py", "exec")
    assert fault(raised.value)["where"].startswith(f"query:2 < {__name__}:")


def test_a_reader_that_stops_holds_up_nobody_and_hears_how_much_it_missed() -> None:
    goes_on = threading.Event()
    blocked = threading.Event()
    written: list[bytes] = []

    def write(data: bytes) -> None:
        blocked.set()
        goes_on.wait(30)
        written.append(data)

    writer = LineWriter(write, lambda lost: b"lost %d" % lost)
    writer.put(b"first")
    assert blocked.wait(30)
    for _ in range(MOST_WAITING + 5):
        writer.put(b"line")
    writer.flush(timeout=0.01)
    goes_on.set()
    writer.flush()
    lines = b"".join(written).split(b"\n")
    assert lines.count(b"line") == MOST_WAITING
    assert b"lost 5" in lines


def test_a_reader_that_is_gone_is_no_error() -> None:
    def write(_data: bytes) -> None:
        raise BrokenPipeError

    writer = LineWriter(write, lambda _lost: b"")
    writer.put(b"line")
    writer.flush()


def log_calls() -> Iterator[tuple[str, ast.Call]]:
    """Every call of a logger in the package's sources."""
    for path in SOURCES.rglob("*.py"):
        if "embedded" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in {"debug", "info", "warning", "error", "exception", "critical", "bind"}
                and "log" in ast.unparse(node.func.value).lower()
            ):
                yield f"{path.relative_to(SOURCES)}:{node.lineno}", node


def test_every_event_is_a_fixed_phrase_with_fields_of_the_vocabulary() -> None:
    faults = []
    found = 0
    for place, call in log_calls():
        found += 1
        if [type(argument) for argument in call.args] not in ([ast.Constant], []):
            faults.append(f"{place}: the event is not one fixed phrase")
        unknown = {keyword.arg for keyword in call.keywords if keyword.arg} - FIELDS.keys()
        faults += [f"{place}: {name} is not in the vocabulary" for name in unknown]
    assert faults == []
    assert found > 5
