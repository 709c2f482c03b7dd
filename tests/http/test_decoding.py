"""From bodies and query strings to requests: what is taken, and what is said of the rest."""

from __future__ import annotations

import contextlib
from typing import Any
from urllib.parse import quote

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from custgraph.http.decoding import decode_body, decode_query_string
from custgraph.http.refusals import Refused
from custgraph.operation import OperationRequest
from support.edge import refusal, stage

NO_REQUEST = {
    "nothing": (b"", "The body is empty; send a JSON object with a 'query'."),
    "a number": (b"1", "The request must be a JSON object, not a number."),
    "a string": (b'"{hello}"', "The request must be a JSON object, not a string."),
    "null": (b"null", "The request must be a JSON object, not null."),
    "true": (b"true", "The request must be a JSON object, not a boolean."),
    "no query": (b"{}", "The request has no 'query'."),
    "a misspelled query": (b'{"qeury":"{hello}"}', "The request has no 'query'."),
    "null as query": (b'{"query":null}', "The request has no 'query'."),
    "extensions without a persisted query": (b'{"extensions":{"a":1}}', "The request has no 'query'."),
    "an object as query": (b'{"query":{}}', "'query' must be a string, not an object."),
    "a number as query": (b'{"query":0}', "'query' must be a string, not a number."),
    "false as query": (b'{"query":false}', "'query' must be a string, not a boolean."),
    "an array as query": (b'{"query":["{hello}"]}', "'query' must be a string, not an array."),
    "text as variables": (b'{"query":"{hello}","variables":"{}"}', "'variables' must be an object, not a string."),
    "an array as variables": (b'{"query":"{hello}","variables":[]}', "'variables' must be an object, not an array."),
    "a number as extensions": (b'{"query":"{hello}","extensions":0}', "'extensions' must be an object, not a number."),
    "a number as name": (b'{"query":"{hello}","operationName":1}', "'operationName' must be a string, not a number."),
    "a number as document id": (b'{"documentId":1}', "'documentId' must be a string, not a number."),
    "a name twice": (
        b'{"query":"{hello}","query":"{fail}"}',
        "The body is not sound JSON: a name twice in one object at $.",
    ),
    "NaN": (
        b'{"query":"{hello}","variables":{"a":[NaN]}}',
        "The body is not sound JSON: NaN, which is not JSON at $.variables.a[0].",
    ),
    "half a surrogate pair": (
        rb'{"query":"{hello}","variables":{"a":"\ud800"}}',
        "The body is not sound JSON: half a surrogate pair at $.variables.a.",
    ),
    "a long path": (
        b'{"variables":{"%s":NaN}}' % (b"x" * 5000),
        "The body is not sound JSON: NaN, which is not JSON at $.variables." + "x" * 108 + ".",
    ),
    "text behind": (b'{"query":"{hello}"}x', "The body is not sound JSON: text behind the value at character 19."),
    "a form": (b"query=%7Bhello%7D", "The body is not sound JSON: no value where one is needed at character 0."),
    "deep": (b"[" * 10_000, "The body is not sound JSON: nested too deep."),
    "deeper": (b"[" * 100_000, "The body is not sound JSON: more than 20000 values."),
}


@pytest.mark.parametrize(("body", "message"), NO_REQUEST.values(), ids=NO_REQUEST)
@pytest.mark.parametrize("accept", ["application/json", "application/graphql-response+json"])
async def test_a_body_that_is_no_request(body: bytes, message: str, accept: str) -> None:
    """It is a 400 in either media type, says what is wrong and where, and nothing is run."""
    here = stage()
    assert refusal(await here.post(body, accept=accept)) == (400, "BAD_REQUEST", message)
    assert here.engine.contexts == []


TAKEN = {
    b'{"query":"{hello}"}': OperationRequest("{hello}"),
    b'{"query":""}': OperationRequest(""),
    b' {"query":"{hello}","variables":null,"operationName":null,"extensions":null,"documentId":null} ': (
        OperationRequest("{hello}")
    ),
    b'{"query":"{hello}","variables":{"a":{"b":[1]}},"operationName":"Q","extensions":{"c":1},"other":2}': (
        OperationRequest("{hello}", "Q", {"a": {"b": [1]}}, {"c": 1})
    ),
    b'{"documentId":"x"}': OperationRequest(document_id="x"),
    b'{"extensions":{"persistedQuery":{"version":1}}}': OperationRequest(extensions={"persistedQuery": {"version": 1}}),
}


@pytest.mark.parametrize(("body", "request_"), TAKEN.items())
def test_a_body_that_is_a_request(body: bytes, request_: OperationRequest) -> None:
    assert decode_body(body) == request_


def test_the_fault_of_a_member_of_an_array_has_its_place() -> None:
    with pytest.raises(Refused) as caught:
        decode_body(b'[{"query":"{hello}"},{"query":1}]')
    assert caught.value.message == "'query' of [1] must be a string, not a number."
    with pytest.raises(Refused) as caught:
        decode_body(b'[{"query":"{hello}"},[]]')
    assert caught.value.message == "The request at [1] must be a JSON object, not an array."


NO_QUERY_STRING = {
    "nothing": ("", "The request has no 'query'."),
    "no query": ("a=1", "The request has no 'query'."),
    "two queries": ("query={hello}&query={fail}", "The parameter 'query' came twice."),
    "two queries, one encoded": ("query={hello}&qu%65ry={fail}", "The parameter 'query' came twice."),
    "not UTF-8": ("query=%FF", "The query string is not UTF-8."),
    "an encoded surrogate": ("query=%ED%A0%80", "The query string is not UTF-8."),
    "variables that are no JSON": (
        "query={hello}&variables={a}",
        "The parameter 'variables' is not sound JSON: no name where one is needed at character 1.",
    ),
    "a name twice in variables": (
        'query={hello}&variables={"a":1,"a":2}',
        "The parameter 'variables' is not sound JSON: a name twice in one object at $.",
    ),
    "text as variables": ('query={hello}&variables="a"', "'variables' must be an object, not a string."),
    "an array as extensions": ("query={hello}&extensions=[]", "'extensions' must be an object, not an array."),
    "a token": (
        "query={hello}&token=a-token-of-a-test",
        "Send no token in a URL, where logs and histories keep it; use the X-Api-Token header.",
    ),
}


@pytest.mark.parametrize(("query", "message"), NO_QUERY_STRING.values(), ids=NO_QUERY_STRING)
async def test_a_query_string_that_is_no_request(query: str, message: str) -> None:
    here = stage()
    assert refusal(await here.send("GET", f"/graphql?{query}")) == (400, "BAD_REQUEST", message)
    assert here.engine.contexts == []


async def test_a_token_in_the_url_of_a_post() -> None:
    here = stage()
    async with here.client as client:
        response = await client.post("/graphql?%74oken=x", json={"query": "{hello}"})
    assert refusal(response)[:2] == (400, "BAD_REQUEST")
    assert here.engine.contexts == []


async def test_the_query_string_of_a_post_means_nothing() -> None:
    here = stage()
    async with here.client as client:
        response = await client.post("/graphql?query={fail}&x", json={"query": "{hello}"})
    assert response.json() == {"data": {"hello": "Hello you!"}}


TAKEN_FROM_URLS = {
    "query={hello}": OperationRequest("{hello}"),
    "query=%7Bhello%7D&other=1": OperationRequest("{hello}"),
    "query={+hello%20}": OperationRequest("{ hello }"),
    "query={a:hello(name:%22%C3%A9%22)}": OperationRequest('{a:hello(name:"é")}'),
    "query={hello}&variables=&extensions=&operationName=": OperationRequest("{hello}"),
    "query={hello}&variables=null": OperationRequest("{hello}"),
    'query={hello}&variables={"a":"=%26"}&operationName=Q&extensions={"b":1}': OperationRequest(
        "{hello}", "Q", {"a": "=&"}, {"b": 1}
    ),
    "query=": OperationRequest(""),
    "documentId=x": OperationRequest(document_id="x"),
}


@pytest.mark.parametrize(("query", "request_"), TAKEN_FROM_URLS.items())
def test_a_query_string_that_is_a_request(query: str, request_: OperationRequest) -> None:
    assert decode_query_string(query.encode()) == request_


JSON_OBJECTS = st.dictionaries(st.text(), st.none() | st.integers(0, 9) | st.text(), max_size=3)


@given(st.text(), JSON_OBJECTS, st.text())
def test_a_request_is_the_same_in_a_body_and_in_a_url(query: str, variables: dict[str, Any], name: str) -> None:
    body = msgspec.json.encode({"query": query, "variables": variables, "operationName": name or None})
    encoded = quote(msgspec.json.encode(variables))
    url = f"query={quote(query)}&variables={encoded}&operationName={quote(name)}"
    assert decode_query_string(url.encode()) == decode_body(body)


@given(st.binary(max_size=100))
def test_any_query_string_is_taken_or_refused(text: bytes) -> None:
    with contextlib.suppress(Refused):
        assert isinstance(decode_query_string(text), OperationRequest)
