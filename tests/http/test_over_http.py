"""Methods, statuses and headers of GraphQL over HTTP, beyond what the audits ask."""

from __future__ import annotations

from typing import Any

import pytest

from custgraph.operation import OperationResult
from support.edge import refusal, stage

JSON = "application/json"
GRAPHQL = "application/graphql-response+json"
ALLOWED = "GET, HEAD, POST, OPTIONS"

STATUSES: dict[str, tuple[bytes, int, int]] = {
    # what: body, status as application/json, status as application/graphql-response+json
    "a query": (b'{"query":"{hello}"}', 200, 200),
    "a mutation": (rb'{"query":"mutation{write(text:\"a\")}"}', 200, 200),
    "a field error": (b'{"query":"{hello fail}"}', 200, 200),
    "no data at all": (b'{"query":"{fail}"}', 200, 200),
    "a document that does not parse": (b'{"query":"{"}', 200, 400),
    "a document of nothing": (b'{"query":""}', 200, 400),
    "a document that is not valid": (b'{"query":"{x}"}', 200, 400),
    "variables that do not fit": (b'{"query":"query($a:Int!){hello}","variables":{"a":"x"}}', 200, 400),
    "an operation that is not there": (b'{"query":"{hello}","operationName":"Q"}', 200, 400),
    "a body that is no request": (b"{}", 400, 400),
    "a body that is no JSON": (b"{", 400, 400),
}


@pytest.mark.parametrize(("body", "as_json", "as_graphql"), STATUSES.values(), ids=STATUSES)
async def test_statuses_by_media_type(body: bytes, as_json: int, as_graphql: int) -> None:
    here = stage()
    for accept, status in ((JSON, as_json), (GRAPHQL, as_graphql)):
        response = await here.post(body, accept=accept)
        assert (response.status_code, response.headers["content-type"]) == (status, f"{accept}; charset=utf-8")


@pytest.mark.parametrize("accept", [JSON, GRAPHQL])
async def test_errors_have_all_members(accept: str) -> None:
    here = stage()
    document = (await here.post(b'{"query":"{hello fail}"}', accept=accept, x_request_id="an-id")).json()
    assert document["data"] == {"hello": "Hello you!", "fail": None}
    assert document["errors"] == [
        {
            "message": "It failed.",
            "locations": [{"line": 1, "column": 8}],
            "path": ["fail"],
            "extensions": {"code": "INTERNAL_SERVER_ERROR", "requestId": "an-id"},
        }
    ]
    assert list(document) == ["errors", "data"]
    refused = (await here.post(b'{"query":"{x}"}', accept=accept)).json()
    assert list(refused) == ["errors"]


async def test_what_nobody_accepts() -> None:
    here = stage()
    for response in (
        await here.post(accept="text/html"),
        await here.send("GET", "/graphql?query={hello}", accept="image/png"),
    ):
        assert refusal(response)[:2] == (406, "NOT_ACCEPTABLE")
        assert response.headers["content-type"] == "application/json; charset=utf-8"
    assert here.engine.contexts == []


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "QUERY"])
async def test_other_methods(method: Any) -> None:
    here = stage()
    response = await here.send(method, "/graphql?query={hello}")
    assert refusal(response)[:2] == (405, "METHOD_NOT_ALLOWED")
    assert response.headers["allow"] == ALLOWED
    assert here.engine.contexts == []


async def test_options() -> None:
    here = stage()
    response = await here.send("OPTIONS")
    assert (response.status_code, response.content, response.headers["allow"]) == (204, b"", ALLOWED)
    assert here.engine.contexts == []


async def test_get_reads() -> None:
    here = stage()
    response = await here.send("GET", '/graphql?query=query($a:String){hello(name:$a)}&variables={"a":"me"}')
    assert (response.status_code, response.json()) == (200, {"data": {"hello": "Hello me!"}})


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("accept", [JSON, GRAPHQL])
async def test_get_never_writes(method: Any, accept: str) -> None:
    """A mutation is a 405 in either media type, and is not run."""
    here = stage()
    response = await here.send(method, '/graphql?query=mutation{write(text:"a")}', accept=accept)
    assert (response.status_code, response.headers["allow"]) == (405, "POST")
    assert here.engine.written == []


async def test_head_is_get_without_the_body() -> None:
    here = stage()
    target = "/graphql?query={hello}"
    head, get = await here.send("HEAD", target), await here.send("GET", target)
    assert (head.status_code, head.content) == (200, b"")
    for name in ("content-type", "content-length", "vary", "cache-control"):
        assert head.headers[name] == get.headers[name]


SAFE = {"cache-control": "no-store", "x-content-type-options": "nosniff", "vary": "accept"}


@pytest.mark.parametrize("body", [b'{"query":"{hello}"}', b'{"query":"{fail}"}', b'{"query":"{"}', b"{", b""])
async def test_headers_of_every_answer(body: bytes) -> None:
    response = await stage().post(body)
    assert SAFE.items() <= dict(response.headers).items()
    assert response.headers["x-request-id"]
    assert "server" not in response.headers


async def test_a_bug_is_a_500_that_tells_nothing() -> None:
    here = stage()
    here.engine.crash = True
    response = await here.post(accept=GRAPHQL)
    assert refusal(response) == (500, "INTERNAL_SERVER_ERROR", "Something went wrong in the gateway.")
    assert response.headers["content-type"] == f"{GRAPHQL}; charset=utf-8"
    assert here.engine.contexts[-1].closed.is_set()
    assert here.edge.gate.in_flight == 0


async def test_a_context_is_closed_when_the_answer_is_made() -> None:
    here = stage()
    await here.post()
    await here.send("GET", "/graphql?query={hello}")
    assert [context.closed.is_set() for context in here.engine.contexts] == [True, True]


async def test_what_the_engine_adds() -> None:
    """Its extensions, its status where that is HTTP's, and its headers."""
    here = stage()
    limited = OperationResult(None, [{"message": "Wait."}], {"cost": 1}, False, 429, (("retry-after", "3"),))

    async def execute(*_: Any, **__: Any) -> OperationResult:
        return limited

    here.engine.execute = execute  # type: ignore[method-assign]
    for accept in (JSON, GRAPHQL):
        response = await here.post(accept=accept)
        assert (response.status_code, response.headers["retry-after"]) == (429, "3")
        assert response.json() == {"errors": [{"message": "Wait."}], "extensions": {"cost": 1}}


async def test_answers_are_strict_json() -> None:
    here = stage()

    async def execute(*_: Any, **__: Any) -> OperationResult:
        return OperationResult({"a": float("nan"), "b": "é\u2028\0"})

    here.engine.execute = execute  # type: ignore[method-assign]
    assert (await here.post()).content == '{"data":{"a":null,"b":"é\u2028\\u0000"}}'.encode()


async def test_what_cannot_be_written_is_a_500() -> None:
    here = stage()

    async def execute(*_: Any, **__: Any) -> OperationResult:
        return OperationResult({"a": "\ud800"})

    here.engine.execute = execute  # type: ignore[method-assign]
    assert refusal(await here.post())[0] == 500


async def test_the_websocket_protocol_is_not_spoken() -> None:
    here = stage()
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    await here.edge({"type": "websocket"}, None, send)
    assert sent == [{"type": "websocket.close"}]
    response = await here.send("GET", "/graphql?query={hello}", upgrade="websocket", connection="upgrade")
    assert refusal(response)[:2] == (404, "NOT_FOUND")
    assert here.engine.contexts == []
