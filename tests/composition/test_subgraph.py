"""custgraph as gateways see it, over HTTP: its SDL, and entities whatever it is sent."""

from __future__ import annotations

import json
import re
from typing import Any

import httpx
import pytest

from custgraph.embedded.sample import DEMO_TOKEN
from support.command import run
from support.gateways import Custgraph

ENTITIES = "query ($r: [_Any!]!) { _entities(representations: $r) { ... on Customer { id } ... on Enterprise { id } } }"
ALICE, FARM = '{"__typename": "Customer", "id": "1"}', '{"__typename": "Enterprise", "id": "2"}'
DEEP = "[" * 200 + "]" * 200
OF_PYTHON = re.compile(r"Traceback|File \"|Error\b|Exception|NoneType|\bdict\b|\bstr\b|object at|<class|custgraph\.")


def customer(id_: str) -> str:
    return f'{{"__typename": "Customer", "id": {id_}}}'


def ask(custgraph: Custgraph, representations: str) -> httpx.Response:
    """Asks for entities, given as JSON; forgets what was asked of the REST API before."""
    custgraph.calls.clear()
    body = f'{{"query": {json.dumps(ENTITIES)}, "variables": {{"r": {representations}}}}}'
    headers = {"X-Api-Token": DEMO_TOKEN, "Content-Type": "application/json"}
    return httpx.post(custgraph.url, content=body, headers=headers)


@pytest.mark.parametrize(
    ("query", "field", "dialect"),
    [("{ _service { sdl } }", "_service", "federation"), ("{ _sdl }", "_sdl", "stitching")],
)
def test_the_sdl_served_is_the_sdl_printed(custgraph: Custgraph, query: str, field: str, dialect: str) -> None:
    served = httpx.post(custgraph.url, json={"query": query}).json()["data"][field]
    printed = run("schema", "--dialect", dialect)
    assert (served["sdl"] if field == "_service" else served) == printed.stdout
    assert printed.stdout


@pytest.mark.parametrize(
    "bad",
    [
        *("1", '"Customer:1"', "true", "[]", "{}", f"[{ALICE}]", '{"id": "1"}', '{"__typename": "Customer"}'),
        *(f'{{"__typename": {name}, "id": "1"}}' for name in ("null", "1", '["Customer"]', '{"a": 1}', '"customer"')),
        *(f'{{"__typename": "{name}", "id": "1"}}' for name in ("Query", "_Service", "CustomerAddress", "Node", "")),
        *(customer(id_) for id_ in ("null", "true", "0", "-1", "1.5", "[1]", '{"id": 1}', '""', '" 1"', '"1\\u0000"')),
        *(customer(f'"{id_}"') for id_ in ("9" * 20, "9" * 10_000, "1/../2", "1&q[s]=id", "1\\r\\nX: y", "\\u0661")),
    ],
)
def test_a_bad_representation_costs_itself(custgraph: Custgraph, bad: str) -> None:
    answer = ask(custgraph, f"[{ALICE}, {bad}, {FARM}]")
    assert answer.status_code == 200
    body: dict[str, Any] = answer.json()
    assert body["data"] == {"_entities": [{"id": "1"}, None, {"id": "2"}]}
    [error] = body["errors"]
    assert (error["path"], error["extensions"]["code"]) == (["_entities", 1], "BAD_USER_INPUT")
    assert not OF_PYTHON.search(answer.text)
    assert len(answer.text) < 1_000
    assert [call.path for call in custgraph.calls] == ["/api/v1/customers/1"]


@pytest.mark.parametrize(
    "unsound", ["NaN", "1e400", "1" + "0" * 5_000, '"\\ud800"', DEEP, "[" * 5_000, '"\x00"', "'1'"]
)
def test_unsound_json_costs_nothing(custgraph: Custgraph, unsound: str) -> None:
    answer = ask(custgraph, f"[{ALICE}, {customer(unsound)}]")
    assert answer.status_code == 400
    assert [error["extensions"]["code"] for error in answer.json()["errors"]] == ["BAD_REQUEST"]
    assert not OF_PYTHON.search(answer.text)
    assert custgraph.calls == []


@pytest.mark.parametrize("representations", ["null", "[null]", '{"a": null}', "[]", "0", ALICE])
def test_what_is_no_list_is_as_graphql_has_it(custgraph: Custgraph, representations: str) -> None:
    answer = ask(custgraph, representations)
    assert answer.status_code == 200
    codes = {error["extensions"]["code"] for error in answer.json().get("errors", ())}
    assert codes <= {"BAD_USER_INPUT"}
    assert bool(codes) is (representations not in ("[]", ALICE))  # one value stands for a list of itself
    assert not OF_PYTHON.search(answer.text)


@pytest.mark.parametrize("literal", ["1" + "0" * 5_000, "1e999", "[1" + "0" * 5_000 + "]", "FOO", "true", "{id: 1}"])
def test_a_bad_representation_may_be_a_literal(custgraph: Custgraph, literal: str) -> None:
    query = f"{{ _entities(representations: {literal}) {{ ... on Customer {{ id }} }} }}"
    answer = httpx.post(custgraph.url, json={"query": query}, headers={"X-Api-Token": DEMO_TOKEN})
    assert answer.json()["data"] == {"_entities": [None]}
    assert [error["extensions"]["code"] for error in answer.json()["errors"]] == ["BAD_USER_INPUT"]
    assert not OF_PYTHON.search(answer.text)


@pytest.mark.parametrize(("count", "code"), [(1_001, "QUERY_TOO_COMPLEX"), (10_000, "BODY_TOO_LARGE")])
def test_too_many_representations_cost_nothing(custgraph: Custgraph, count: int, code: str) -> None:
    answer = ask(custgraph, f"[{', '.join([ALICE] * count)}]")
    assert [error["extensions"]["code"] for error in answer.json()["errors"]] == [code]
    assert answer.status_code < 500
    assert custgraph.calls == []


def test_as_many_as_may_be_cost_one_call(custgraph: Custgraph) -> None:
    ids = [str(index % 30 + 1) for index in range(1_000)]
    answer = ask(custgraph, f"[{', '.join(map(customer, ids))}]")
    assert [entity["id"] for entity in answer.json()["data"]["_entities"]] == ids
    assert len(custgraph.calls) == 1
