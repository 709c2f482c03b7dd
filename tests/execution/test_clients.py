"""Automatic persisted queries as real clients speak them, over HTTP."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from custgraph import Settings, create_app
from support import npm
from support.serving import serve

PROJECT = Path(__file__).parent / "clients"
CLIENTS = ("apollo", "apolloGet", "urql", "graphqlRequest")

pytestmark = pytest.mark.node


@pytest.fixture(scope="module", params=[True, False], ids=["on", "off"])
def spoken(request: pytest.FixtureRequest) -> tuple[bool, dict[str, Any]]:
    """Whether persisted queries are on, and what each client was answered and sent."""
    npm.install(PROJECT)
    with serve(create_app(Settings(embedded_memory=True, persisted_queries=request.param))) as origin:
        done = npm.run(PROJECT, "node", "persisted.js", f"{origin}/graphql")
    assert done.returncode == 0, done.stderr
    return request.param, {line["client"]: line for line in map(json.loads, done.stdout.splitlines())}


@pytest.mark.parametrize("client", CLIENTS)
def test_a_client_gets_its_answers(spoken: tuple[bool, dict[str, Any]], client: str) -> None:
    _, clients = spoken
    answers = clients[client]["answers"]
    assert [list(answer.values()) for answer in answers] == [["Query"]] * 3


@pytest.mark.parametrize("client", CLIENTS)
def test_a_client_sends_the_text_no_more_often_than_it_must(spoken: tuple[bool, dict[str, Any]], client: str) -> None:
    on, clients = spoken
    sent = clients[client]["sent"]
    assert (sent[0]["text"], sent[0]["hash"]) == (False, True)
    assert 400 <= sent[0]["status"] < 500 or sent[0]["status"] == 200
    assert "no-store" in sent[0]["cache"]
    assert sent[1]["text"]
    if on:
        assert [exchange["text"] for exchange in sent] == [False, True, False, False]
    elif client != "graphqlRequest":  # what the others remember, our middleware for it does not
        assert [exchange["text"] for exchange in sent] == [False, True, True, True]
        assert not any(exchange["hash"] for exchange in sent[1:])


def test_hashes_travel_by_get_where_a_client_wants_it(spoken: tuple[bool, dict[str, Any]]) -> None:
    _, clients = spoken
    assert clients["apolloGet"]["sent"][0]["method"] == "GET"
    assert clients["urql"]["sent"][0]["method"] == "GET"
