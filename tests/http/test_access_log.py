"""One line for each request: what it may say, and what it never does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from custgraph.credentials import Credential
from custgraph.http.server.reader import Refusal
from custgraph.telemetry.vocabulary import HIDDEN
from support.asgi import Exchange, posting
from support.edge import TOKEN, stage
from support.faults.logs import Captured, captured_logs

CANARY = "eve@canary.example"


@pytest.fixture
def logs() -> Iterator[Captured]:
    with captured_logs() as captured:
        yield captured


def lines(logs: Captured) -> list[dict[str, Any]]:
    """Our own lines; what libraries say, as a host's own logging would show it, comes after them."""
    return [msgspec.json.decode(line) for line in logs.take().splitlines() if line.startswith("{")]


async def test_a_request(logs: Captured) -> None:
    await stage().post(x_request_id="an-id", x_api_token=TOKEN)
    [line] = lines(logs)
    line.pop("time")
    assert line.pop("ms") > 0
    assert line == {
        "level": "info",
        "part": "http",
        "event": "request",
        "request_id": "an-id",
        "method": "POST",
        "path": "/graphql",
        "status": 200,
        "bytes": 31,
        "credential": Credential.of(TOKEN).key[:8],
    }


async def test_errors_are_counted_and_the_first_is_named(logs: Captured) -> None:
    here = stage(batching=True)
    await here.post(b'{"query":"{hello a:fail b:fail}"}')
    await here.post(b'[{"query":"{hello}"},{"query":"{"},{"query":"{x}"}]')
    await here.post(b"{")
    await here.send("PUT")
    told = [(line["status"], line["errors"], line["code"]) for line in lines(logs)]
    assert told == [
        (200, 2, "INTERNAL_SERVER_ERROR"),
        (200, 2, "GRAPHQL_PARSE_FAILED"),
        (400, 1, "BAD_REQUEST"),
        (405, 1, "METHOD_NOT_ALLOWED"),
    ]


async def test_a_request_that_could_not_be_taken(logs: Captured) -> None:
    here = stage(max_body_bytes=10)
    await posting().run(here.edge)
    answer = here.edge.refuse(Refusal(431, "The headers are too large."))
    first, second = lines(logs)
    assert (first["event"], first["status"], first["code"]) == ("request not taken", 413, "BODY_TOO_LARGE")
    assert (second["event"], second["status"], second["code"]) == ("request not taken", 431, "HEADERS_TOO_LARGE")
    assert dict(answer.headers)[b"x-request-id"].decode() == second["request_id"]


@pytest.mark.parametrize(
    "exchange",
    [
        posting(b'{"query":"{hello(name:\\"%s\\")}","variables":{"a":"%s"}}' % (CANARY.encode(), CANARY.encode())),
        posting(b'{"query":"query %s {"}' % CANARY.encode()),
        posting(b'{"%s":NaN}' % CANARY.encode()),
        posting(b'{"query":"{hello}","operationName":"%s"}' % CANARY.encode()),
        posting(b"{}", ("x-api-token", CANARY)),
        posting(b"{}", ("authorization", f"Bearer {CANARY}")),
        posting(b"{}", ("authorization", f"Basic {CANARY}")),
        posting(b"{}", ("x-request-id", CANARY)),
        posting(b"{}", ("user-agent", CANARY), ("cookie", CANARY), ("referer", CANARY), ("origin", CANARY)),
        Exchange("GET", f"/graphql?query={{hello}}&variables={CANARY}&token={CANARY}"),
    ],
)
@pytest.mark.parametrize("crash", [False, True])
async def test_what_a_caller_sends_is_not_in_it(logs: Captured, exchange: Exchange, crash: bool) -> None:
    here = stage()
    here.engine.crash = crash
    exchange.sends(b"")
    exchange.sent.clear()
    await exchange.run(here.edge)
    text = logs.take()
    assert text
    assert CANARY not in text
    assert "secret of the server" not in text


async def test_a_line_is_one_line(logs: Captured) -> None:
    exchange = posting()
    exchange.scope["raw_path"] = b"/graphql\r\nevil: 1\x1b[31m\xff"
    await exchange.run(stage().edge)
    [line] = lines(logs)
    assert line["path"] == r"/graphql\r\nevil: 1\x1b[31mÿ"


async def test_all_its_fields_are_in_the_vocabulary(logs: Captured) -> None:
    here = stage(max_body_bytes=40)
    here.engine.crash = True
    await here.post(x_api_token=TOKEN)
    await here.post(b"x" * 41)
    assert HIDDEN not in logs.take()
