"""Every command, query, answer and program in README.md and docs/queries.md is what happens."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
from collections.abc import AsyncIterator, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest

from custgraph import Settings, create_app
from custgraph.app import Gateway
from support.command import run
from support.served import Served, serving
from support.snippets import Snippet, snippets

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
QUERIES = ROOT / "docs" / "queries.md"
NEVER_ENDS = ("custgraph serve", "make run", "make test")
"""Commands that are not run here: the first is, by the tests of the command; the others run these tests."""


def commands(*pages: Path) -> Iterator[tuple[Snippet, list[str]]]:
    """Every shell command of the pages, as words."""
    for page in pages:
        for snippet in snippets(page):
            if snippet.language == "sh":
                for line in snippet.text.replace("\\\n", " ").splitlines():
                    yield snippet, shlex.split(line, comments=True)


def answer_below(snippet: Snippet, page: Path) -> Any:
    """The JSON block that follows a snippet."""
    following = dict(pairwise(snippets(page)))
    assert following[snippet].language == "json", snippet.place
    return json.loads(following[snippet].text)


def without_ids(answer: Any) -> Any:
    """An answer with its request ids put out, which are never the same."""
    for error in answer.get("errors", ()):
        error["extensions"]["requestId"] = "…"
    return answer


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The gateway as `make run` serves it."""
    with serving(tmp_path_factory.mktemp("served")) as served:
        yield served


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    """A gateway with fresh sample data."""
    gateway = create_app(Settings(embedded_memory=True))
    yield gateway
    await gateway.aclose()


def test_the_first_query_has_this_answer(served: Served) -> None:
    ((snippet, words),) = [(snippet, words) for snippet, words in commands(README) if words[0] == "curl"]
    _, url, flag, header, data_flag, data = words
    assert (flag, data_flag) == ("-H", "-d")
    assert url == "http://127.0.0.1:8000/graphql"
    name, value = header.split(": ")
    answer = httpx.post(served.url, headers={name: value}, content=data)
    assert answer.json() == answer_below(snippet, README)


def test_every_command_ends_well(tmp_path: Path) -> None:
    ran = 0
    memory = {"CUSTGRAPH_EMBEDDED_MEMORY": "true"}
    for page in (README, QUERIES):
        for snippet, words in commands(page):
            if words[0] == "curl" or " ".join(words).startswith(NEVER_ENDS):
                continue
            assert words[0] == "custgraph", snippet.place
            ended = run(*words[1:], folder=ROOT if words[1] == "cost" else tmp_path, environment=memory)
            assert ended.returncode == 0, f"{snippet.place}: {ended.stdout}{ended.stderr}"
            if words[1] == "query":
                assert json.loads(ended.stdout) == answer_below(snippet, page)
            ran += 1
    assert ran >= 4


def test_the_targets_of_make_are_there() -> None:
    named = set(re.findall(r"\bmake ([a-z-]+)", README.read_text()))
    targets = set(re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert {"run", "test", "check", "help"} <= named <= targets


@pytest.mark.parametrize(("variables", "command"), [(["PORT=9000"], "serve --port 9000"), ([], "serve")])
def test_make_run_takes_a_port_and_leaves_it_to_the_settings_otherwise(variables: list[str], command: str) -> None:
    of_make = {"PORT", "MAKEFLAGS", "MFLAGS", "MAKELEVEL"}  # it may be what runs these tests
    shown = subprocess.run(  # noqa: S603 - our own Makefile
        ["make", "--dry-run", "run", *variables],  # noqa: S607
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name not in of_make},
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stdout.rstrip().endswith(f"/custgraph {command}")


def test_the_commands_that_are_not_run_take_these_flags() -> None:
    shown = run("serve", "--help").stdout
    for _, words in commands(README):
        if words[:2] == ["custgraph", "serve"]:
            assert {word for word in words if word.startswith("--")} <= set(re.findall(r"--[a-z]+", shown))
    flags = set(re.findall(r"`(--[a-z]+)", README.read_text()))
    assert flags <= set(re.findall(r"--[a-z]+", shown))


def test_the_settings_of_the_table_are_there() -> None:
    named = set(re.findall(r"CUSTGRAPH_([A-Z_]+)", README.read_text()))
    assert {name.lower() for name in named} - {""} <= Settings.model_fields.keys()
    assigned = re.findall(r"`--set ([a-z_]+)=", README.read_text())
    assert set(assigned) <= Settings.model_fields.keys()


async def test_the_program_runs() -> None:
    (program,) = (snippet for snippet in snippets(README) if snippet.language == "python")
    names: dict[str, Any] = {}
    exec(compile(program.text, program.place, "exec"), names)  # noqa: S102 - it is ours
    transport = httpx.ASGITransport(names["app"])
    async with (
        names["app"].router.lifespan_context(names["app"]),
        httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client,
    ):
        assert (await client.post("/shop/graphql", json={"query": "{ __typename }"})).json() == {
            "data": {"__typename": "Query"}
        }


async def test_every_query_of_the_tour_has_its_answer(gateway: Gateway) -> None:
    asked = 0
    pending: str | None = None
    variables: Any = None
    for snippet in snippets(QUERIES):
        if snippet.language == "graphql":
            pending, variables = snippet.text, None
        elif snippet.language == "json" and snippet.title == "variables":
            variables = json.loads(snippet.text)
        elif snippet.language == "json" and pending is not None:
            result = await gateway.execute(pending, variables)
            answer = {"errors": result.errors} if result.errors else {}
            assert without_ids({**answer, "data": result.data}) == json.loads(snippet.text), snippet.place
            asked, pending = asked + 1, None
    assert pending is None
    assert asked >= 12
