"""Several workers behind one port, and `--reload`."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from support.command import COMMAND
from support.programs import running
from support.served import Served, serving


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """Two workers over one embedded database."""
    with serving(tmp_path, "--workers", "2") as served:
        started(served, 2)
        yield served


def started(served: Served, count: int) -> list[int]:
    """Waits until that many workers have started, in all; gives their process ids."""
    served.program.wait_for(rf'(?s)(?:"event":"started".*?){{{count}}}')
    lines = [json.loads(line) for line in served.program.output.splitlines() if line.startswith("{")]
    return [line["pid"] for line in lines if line["event"] == "started"]


def write_until_started(served: Served, path: Path, text: str) -> None:
    """Writes the file, again and again: the first time the reloader may not have seen it as it was."""
    for _ in range(40):
        path.write_text(text)
        try:
            served.program.wait_for(r'(?s)(?:"event":"started".*?){2}', 0.5)
        except AssertionError:
            continue
        return
    raise AssertionError("it did not start again")


def ask(served: Served) -> int:
    """Asks on a connection of its own; gives the status."""
    return httpx.post(served.url, json={"query": '{ customer(id: "1") { email } }'}).status_code


def test_the_workers_serve_one_port_and_say_so_once(served: Served) -> None:
    assert {ask(served) for _ in range(20)} == {200}
    assert served.program.output.count("serves GraphQL at") == 1


def test_they_stop_in_order(served: Served) -> None:
    served.program.send(signal.SIGTERM)
    assert served.program.wait() == 0
    assert served.program.output.count('"event":"stopped"') == 2


def test_ctrl_c_reaches_all_of_them_and_they_stop_in_order(served: Served) -> None:
    assert served.program.interrupt() == 0
    assert "stopped at once" not in served.program.output


@pytest.mark.parametrize("flags", [("--workers", "2"), ("--reload",)])
def test_ctrl_c_before_they_have_started_ends_them_in_order(flags: tuple[str, ...], tmp_path: Path) -> None:
    with running(*COMMAND, "serve", "--port", "0", *flags, folder=tmp_path) as program:
        children = Path(f"/proc/{program.pid}/task/{program.pid}/children")
        while len(children.read_text().split()) < 2:  # one is multiprocessing's own
            assert not program.has_ended
        assert program.interrupt() == 0
        assert program.wait_until_all_ended()
        assert "Traceback" not in program.output


async def test_a_worker_that_is_killed_is_replaced_while_the_others_serve(served: Served) -> None:
    first, _ = started(served, 2)
    os.kill(first, signal.SIGKILL)
    killed = time.monotonic()
    statuses: list[int] = []

    async def keep_asking() -> None:
        async with asyncio.timeout(20):
            while len(started(served, 2)) < 3:
                async with httpx.AsyncClient() as client:
                    answer = await client.post(served.url, json={"query": "{ __typename }"})
                    statuses.append(answer.status_code)

    await keep_asking()
    assert time.monotonic() - killed < 5
    assert set(statuses) == {200}
    assert '"worker died and was replaced"' in served.program.output


def test_workers_whose_supervisor_is_killed_stop(served: Served) -> None:
    os.kill(served.program.pid, signal.SIGKILL)
    served.program.wait_for(r'(?s)(?:"event":"stopped".*?){2}', 10)


def test_hangup_replaces_them_by_workers_with_the_settings_of_now(tmp_path: Path) -> None:
    def introspects(served: Served) -> bool:
        answer = httpx.post(served.url, json={"query": "{ __schema { queryType { name } } }"})
        return "errors" not in answer.json()

    with serving(tmp_path, "--workers", "2") as served:
        started(served, 2)
        assert introspects(served)
        (tmp_path / "custgraph.toml").write_text("introspection = false\n")
        served.program.send(signal.SIGHUP)
        started(served, 4)
        served.program.wait_for(r'(?s)(?:"event":"stopped".*?){2}')
        assert not introspects(served)


def test_reload_starts_again_when_the_settings_file_changes(tmp_path: Path) -> None:
    (tmp_path / "custgraph.toml").write_text("graphiql = true\n")
    with serving(tmp_path, "--reload") as served:
        page = {"Accept": "text/html"}
        assert httpx.get(served.url, headers=page).headers["content-type"].startswith("text/html")
        write_until_started(served, tmp_path / "custgraph.toml", "graphiql = false\n")
        assert not httpx.get(served.url, headers=page).headers["content-type"].startswith("text/html")
        assert served.program.interrupt() == 0


def test_reload_starts_again_when_a_settings_file_comes_or_goes(tmp_path: Path) -> None:
    def has_graphiql(served: Served) -> bool:
        page = httpx.get(served.url, headers={"Accept": "text/html"})
        return page.headers["content-type"].startswith("text/html")

    with serving(tmp_path, "--reload") as served:
        started(served, 1)
        assert has_graphiql(served)
        (tmp_path / ".env").write_text("CUSTGRAPH_GRAPHIQL=false\n")
        started(served, 2)
        assert not has_graphiql(served)
        (tmp_path / ".env").unlink()
        started(served, 3)
        assert has_graphiql(served)
