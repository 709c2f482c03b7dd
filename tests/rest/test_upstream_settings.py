"""Settings of the upstream leg: what is malformed stops the start and says so, what is given reaches the leg."""

from __future__ import annotations

from pathlib import Path

import pytest

from custgraph.config import Settings, SettingsError, load_settings
from custgraph.config.upstream import UpstreamSettings
from custgraph.rest import Upstream
from custgraph.rest.native_wire import NativeWire

NUMBERS = sorted(name for name, field in UpstreamSettings.model_fields.items() if type(field.default) in (int, float))
FLAGS = sorted(name for name, field in UpstreamSettings.model_fields.items() if type(field.default) is bool)


def refusal(folder: Path, **environ: str) -> str:
    with pytest.raises(SettingsError) as refused:
        load_settings(environ={f"CUSTGRAPH_{name.upper()}": value for name, value in environ.items()}, folder=folder)
    return str(refused.value)


def test_there_is_something_to_set() -> None:
    assert len(NUMBERS) >= 14
    assert len(FLAGS) >= 2


@pytest.mark.parametrize("value", ["soon", "-1", "nan", "inf", "1e400", "1,5", "5s", "0x10", "99999999999"])
@pytest.mark.parametrize("name", NUMBERS)
def test_a_number_that_is_none_is_refused_with_its_name_and_an_example(tmp_path: Path, name: str, value: str) -> None:
    message = refusal(tmp_path, **{name: value})
    assert message.startswith(f"CUSTGRAPH_{name.upper()} (from environment): ")
    assert f"Example: CUSTGRAPH_{name.upper()}=" in message


@pytest.mark.parametrize("name", [name for name in NUMBERS if name != "retry_budget"])
def test_nothing_is_no_limit(tmp_path: Path, name: str) -> None:
    assert name.upper() in refusal(tmp_path, **{name: "0"})


@pytest.mark.parametrize("name", FLAGS)
def test_a_flag_is_true_or_false(tmp_path: Path, name: str) -> None:
    assert name.upper() in refusal(tmp_path, **{name: "perhaps"})


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("upstream_url", "shop.example/api/v1", "http or https URL"),
        ("upstream_url", "ftp://shop.example/api/v1", "http or https URL"),
        ("upstream_url", "https://", "http or https URL"),
        ("upstream_url", "https://shop.example/a b", "http or https URL"),
        ("upstream_url", "https://shop.example:99999/api", "port"),
        ("upstream_url", "https://user:pass@shop.example/api", "no credentials"),
        ("upstream_url", "https://shop.example/api?token=x", "no credentials, query"),
        ("upstream_url", "https://shop.example/api#x", "fragment"),
        ("upstream_url", "http://shop.example/api/v1", "must be https"),
        ("upstream_token", "short", "8 to 256"),
        ("upstream_token", "with space in it", "8 to 256"),
        ("upstream_put", "patch", "full"),
        ("upstream_wire", "curl", "native"),
        ("upstream_ca_file", "missing.pem", "PEM file"),
    ],
)
def test_what_is_malformed_is_refused(tmp_path: Path, name: str, value: str, words: str) -> None:
    message = refusal(tmp_path, **{name: value})
    assert f"CUSTGRAPH_{name.upper()}" in message
    assert words in message


def test_a_token_that_is_refused_is_not_repeated(tmp_path: Path) -> None:
    assert "tell nobody" not in refusal(tmp_path, upstream_token="tell nobody")


@pytest.mark.parametrize(
    ("name", "meant"),
    [("query_deadlin", "QUERY_DEADLINE"), ("breaker_second", "BREAKER_SECONDS"), ("upstream_uri", "UPSTREAM_URL")],
)
def test_an_unknown_name_is_refused_with_the_one_that_was_meant(tmp_path: Path, name: str, meant: str) -> None:
    assert f"Did you mean CUSTGRAPH_{meant}?" in refusal(tmp_path, **{name: "1"})


def test_what_is_given_reaches_the_leg(tmp_path: Path) -> None:
    given = {
        "upstream_url": "https://shop.example/api/v1/",
        "query_deadline": "11",
        "mutation_deadline": "12",
        "attempt_timeout": "1.5",
        "connect_timeout": "0.5",
        "pool_timeout": "0.25",
        "write_timeout": "6",
        "keepalive": "7",
        "upstream_concurrency": "8",
        "credential_concurrency": "9",
        "upstream_queue": "10",
        "retry_budget": "0.5",
        "breaker_failures": "13",
        "breaker_seconds": "14",
        "max_answer_bytes": "15",
        "max_answer_header_bytes": "16",
        "max_upstream_calls": "17",
        "upstream_check_request_id": "false",
        "upstream_put": "partial",
    }
    loaded = load_settings(
        environ={f"CUSTGRAPH_{name.upper()}": value for name, value in given.items()}, folder=tmp_path
    )
    upstream = Upstream(loaded.settings)
    wire, bulkheads, breaker = upstream._wire, upstream.bulkheads, upstream.breaker
    assert isinstance(wire, NativeWire)
    assert (upstream.query_deadline, upstream.mutation_deadline, upstream.attempt_timeout) == (11, 12, 1.5)
    assert (wire.connect_timeout, wire.write_timeout, wire.keepalive, wire._max_idle) == (0.5, 6, 7, 8)
    assert (bulkheads._limit, bulkheads._lane_limit, bulkheads._queue, bulkheads._patience) == (8, 9, 10, 0.25)
    assert (upstream.retries._share, breaker._in_a_row, breaker._first_rest) == (0.5, 13, 14)
    assert (wire.max_body, wire.max_headers, wire.check_request_id) == (15, 16, False)
    assert (upstream.max_calls, upstream.full_put, wire.base_path) == (17, False, "/api/v1")
    assert (wire._host, wire._port, wire._ssl_context is not None) == ("shop.example", 443, True)


@pytest.mark.parametrize(("url", "tls"), [("HTTPS://shop.example/api/v1", True), ("HTTP://127.0.0.1/api/v1", False)])
def test_a_scheme_in_capitals_is_the_same_scheme(url: str, tls: bool) -> None:
    wire = Upstream(Settings(upstream_url=url))._wire
    assert isinstance(wire, NativeWire)
    assert (wire._ssl_context is not None) is tls
