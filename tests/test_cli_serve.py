"""`custgraph serve`: what it prints, what it serves, and what stops it from starting."""

from __future__ import annotations

import json
import re
import resource
import shlex
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from custgraph import __version__
from support.command import COMMAND
from support.programs import running
from support.served import Served, serving


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The gateway as a newcomer starts it."""
    with serving(tmp_path_factory.mktemp("served")) as served:
        yield served


def start_in_vain(folder: Path, *flags: str, **environment: str) -> tuple[int, str]:
    """Starts it where it cannot; gives the exit code and all that it printed."""
    with running(*COMMAND, "serve", *flags, folder=folder, environment=environment) as program:
        return program.wait(), program.output


def test_the_printed_command_is_a_query_that_is_answered(served: Served) -> None:
    command = re.search(r"^  curl .*\\\n.*$", served.program.output, re.MULTILINE)
    assert command is not None
    curl, url, *options = shlex.split(command[0].replace("\\\n", ""))
    assert curl == "curl"
    assert options[0::2] == ["-H", "-d"]
    name, value = options[1].split(": ")
    answer = httpx.post(url, headers={name: value}, content=options[3]).json()
    assert [customer["firstName"] for customer in answer["data"]["customers"]["nodes"]] == ["Alice", "Tanis", "Bindi"]


def test_it_says_what_it_serves(served: Served) -> None:
    assert served.program.output.startswith(f"custgraph {__version__} serves GraphQL at {served.url}\n")
    token = re.search(r"^Demo token +(\S+)", served.program.output, re.MULTILINE)
    assert token is not None
    customer = httpx.get(f"{served.origin}/api/v1/customers/1", headers={"X-Api-Token": token[1]}).json()
    assert customer["data"]["attributes"]["email"] == "alice@example.com"
    for path in ("livez", "readyz"):
        assert f"{served.origin}/{path}" in served.program.output
        assert httpx.get(f"{served.origin}/{path}").status_code == 200


def test_a_browser_gets_graphiql(served: Served) -> None:
    page = httpx.get(served.url, headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert "<title>" in page.text
    assert "server" not in page.headers


def test_the_root_leads_to_the_endpoint(served: Served) -> None:
    assert httpx.get(served.origin, headers={"Accept": "text/html"}, follow_redirects=True).url == served.url


def test_every_request_has_its_line_in_the_log(served: Served) -> None:
    answer = httpx.post(served.url, json={"query": "{ __typename }"}, headers={"X-Request-Id": "one-of-a-kind"})
    assert answer.headers["x-request-id"] == "one-of-a-kind"
    line = json.loads(served.program.wait_for(r'^\{.*"one-of-a-kind".*$')[0])
    assert line["event"] == "request"
    assert (line["method"], line["path"], line["status"], line["bytes"]) == (
        "POST",
        "/graphql",
        200,
        len(answer.content),
    )


def processor_time_of_children() -> float:
    """Seconds, of those that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_a_later_start_takes_less_than_two_seconds(served: Served, tmp_path: Path) -> None:
    """Of the processor's time: what else runs on the machine is not counted; of the clock's it may take some more."""
    del served  # it has made Python's bytecode
    with serving(tmp_path, settings={"log_level": "warning"}):
        pass
    least, fastest = 60.0, 60.0
    for _ in range(3):
        started, before = time.monotonic(), processor_time_of_children()
        with serving(tmp_path, settings={"log_level": "warning"}) as later:
            assert httpx.post(later.url, json={"query": '{ customer(id: "1") { id } }'}).status_code == 200
            fastest = min(fastest, time.monotonic() - started)
        least = min(least, processor_time_of_children() - before)
    assert least < 2
    assert fastest < 5


def test_a_port_in_use_is_named_with_what_to_do(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, output = start_in_vain(tmp_path, "--port", str(port))
    assert (code, output) == (
        3,
        f"custgraph: port {port} of 127.0.0.1 is in use. Choose another, such as --port {port + 1}, "
        "or --port 0 for a free one.\n",
    )


def test_a_host_that_is_not_ours_is_named(tmp_path: Path) -> None:
    code, output = start_in_vain(tmp_path, "--host", "192.0.2.1", "--port", "0")
    assert (code, output) == (3, "custgraph: 192.0.2.1 is no address of this machine. Example: --host 127.0.0.1\n")


@pytest.mark.parametrize(
    ("flags", "environment", "output"),
    [
        (["--port", "x"], {}, "custgraph: --port (from flag): should be a valid integer, unable to parse string as an"),
        ([], {"CUSTGRAPH_PORT": "x"}, "custgraph: CUSTGRAPH_PORT (from environment): should be a valid integer"),
        ([], {"CUSTGRAPH_PROT": "1"}, "custgraph: CUSTGRAPH_PROT (from environment) is not a setting. Did you mean"),
        (
            ["--set", "max_depth"],
            {},
            "custgraph: --set max_depth: give a name and a value. Example: --set max_depth=16",
        ),
        (["-s", "max-depth=0"], {}, "custgraph: --set max_depth (from flag): should be greater than or equal to 1."),
        (
            ["--memory", "--workers", "2"],
            {},
            "custgraph: --memory (from flag): needs a single worker, since each would",
        ),
    ],
)
def test_wrong_settings_end_it_with_code_2(
    flags: list[str], environment: dict[str, str], output: str, tmp_path: Path
) -> None:
    code, said = start_in_vain(tmp_path, *flags, **environment)
    assert (code, said.startswith(output), said.count("\n")) == (2, True, 1), said


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_database_that_cannot_be_used_ends_it_with_code_3(workers: str, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no database")
    code, output = start_in_vain(
        tmp_path, "--port", "0", "--workers", workers, CUSTGRAPH_EMBEDDED_DATA=str(tmp_path / "notes.txt")
    )
    assert code == 3
    assert "notes.txt cannot be used as the embedded database" in output
    assert "Traceback" not in output


@pytest.mark.parametrize("workers", ["1", "2"])
def test_documents_that_are_wrong_are_told_of_once_and_end_it_with_code_2(workers: str, tmp_path: Path) -> None:
    code, output = start_in_vain(
        tmp_path, "--port", "0", "--workers", workers, CUSTGRAPH_DOCUMENTS=str(tmp_path / "none.json")
    )
    assert (code, output.count("\n")) == (2, 1), output
    assert output.startswith(f"custgraph: CUSTGRAPH_DOCUMENTS: {tmp_path}/none.json: cannot be read: No such file")


def test_all_addresses_of_a_host_share_one_port(tmp_path: Path) -> None:
    with serving(tmp_path, "--host", "localhost") as served:
        port = httpx.URL(served.origin).port
        for host in {str(address[4][0]) for address in socket.getaddrinfo("localhost", port, type=socket.SOCK_STREAM)}:
            place = f"[{host}]" if ":" in host else host
            assert httpx.get(f"http://{place}:{port}/livez").status_code == 200


def test_a_path_prefix_that_a_proxy_strips_is_shown_and_what_is_served_here_is_without(tmp_path: Path) -> None:
    with serving(tmp_path, settings={"root_path": "/shop"}) as served:
        served.program.wait_for("^Prefix +/shop, which the proxy in front has to strip$")
        assert httpx.post(served.url, json={"query": "{ __typename }"}).status_code == 200
        others = re.findall(r"http://\S+/(?:livez|readyz|customers)\b", served.program.output)
        assert [httpx.get(address).status_code for address in others] == [200] * 3


def test_what_is_kept_in_memory_leaves_no_file(tmp_path: Path) -> None:
    with serving(tmp_path, "--memory") as served:
        assert "with sample data, in memory\n" in served.program.output
        assert httpx.post(served.url, json={"query": "{ customers { totalCount } }"}).json()["data"] is not None
    assert list(tmp_path.iterdir()) == []


def test_over_a_real_upstream_there_is_no_demo_token_and_no_rest(served: Served, tmp_path: Path) -> None:
    with serving(tmp_path, "--upstream", f"{served.origin}/api/v1") as gateway:
        assert "Demo token" not in gateway.program.output
        assert "-H 'X-Api-Token: YOUR-KEY'" in gateway.program.output
        assert httpx.get(f"{gateway.origin}/api/v1/customers").status_code == 404
        ask = {"query": '{ customer(id: "1") { email } }'}
        refused = httpx.post(gateway.url, json=ask).json()
        assert refused["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
        answer = httpx.post(gateway.url, json=ask, headers={"Authorization": "Bearer demo-token"}).json()
        assert answer == {"data": {"customer": {"email": "alice@example.com"}}}


def test_a_service_token_speaks_for_callers_without_one(served: Served, tmp_path: Path) -> None:
    with serving(tmp_path, "--upstream", f"{served.origin}/api/v1", "--token", "farm-manager") as gateway:
        answer = httpx.post(gateway.url, json={"query": '{ customer(id: "1") { email } }'}).json()
        assert answer == {"data": {"customer": {"email": "alice@example.com"}}}
        assert "farm-manager" not in gateway.program.output
