"""The command but for `serve`: what each part prints, and its exit codes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from custgraph import Settings, __version__
from custgraph.cli.command import _app
from custgraph.cli.schema import DialectName
from custgraph.schema.dialects import COMMITTED, DIALECTS, Dialect
from support.command import run
from support.served import serving

ROOT = Path(__file__).parents[1]
IN_MEMORY = {"CUSTGRAPH_EMBEDDED_MEMORY": "true"}


@pytest.fixture
def invoke(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs a command that does nothing but print, in this process and a folder of its own."""
    monkeypatch.chdir(tmp_path)

    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(_app, list(arguments))

    return invoke


def test_help_lists_the_commands_each_with_a_whole_sentence() -> None:
    shown = run("--help")
    assert shown.returncode == 0
    assert re.findall(r"^  ([a-z]+)  +[A-Z].*\.$", shown.stdout, re.MULTILINE) == [
        *("serve", "query", "schema", "cost", "limits", "settings"),
    ]


def test_without_a_command_there_is_help_and_code_2() -> None:
    shown = run()
    assert shown.returncode == 2
    assert "Usage: " in shown.stdout + shown.stderr


def test_it_tells_its_version() -> None:
    assert run("--version").stdout == f"{__version__}\n"


def test_help_imports_nothing_that_takes_long() -> None:
    program = "import sys, custgraph.cli; print(*{name.partition('.')[0] for name in sys.modules})"
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)  # noqa: S603
    heavy = {"pydantic", "strawberry", "graphql", "starlette", "httpx", "aiohttp", "sqlalchemy", "uvicorn", "structlog"}
    assert heavy & set(shown.stdout.split()) == set()


def test_help_takes_less_than_300_ms_of_imports() -> None:
    assert 0 < min(microseconds_of_imports() for _ in range(5)) < 300_000  # the others were disturbed


def microseconds_of_imports() -> int:
    shown = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "custgraph", "--help"], capture_output=True, text=True, check=True
    )
    return sum(map(int, re.findall(r"^import time: +(\d+) \|", shown.stderr, re.MULTILINE)))


# query


def test_query_prints_the_answer_as_json() -> None:
    answered = run("query", '{ customer(id: "1") { firstName } }', environment=IN_MEMORY)
    assert (answered.returncode, answered.stderr) == (0, "")
    assert json.loads(answered.stdout) == {"data": {"customer": {"firstName": "Alice"}}}


def test_query_takes_variables_an_operation_and_standard_input() -> None:
    document = "query A { __typename } query B($id: ID!) { customer(id: $id) { firstName } }"
    answered = run(
        "query", "-", "--variables", '{"id": "1"}', "--operation", "B", stdin=document, environment=IN_MEMORY
    )
    assert json.loads(answered.stdout) == {"data": {"customer": {"firstName": "Alice"}}}


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ('{ customer(id: "x") { firstName } }', "BAD_USER_INPUT"),
        ("{ customer", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
    ],
)
def test_an_answer_with_errors_ends_query_with_code_1(document: str, code: str) -> None:
    answered = run("query", document, environment=IN_MEMORY)
    assert (answered.returncode, answered.stderr) == (1, "")
    answer = json.loads(answered.stdout)
    assert [error["extensions"]["code"] for error in answer["errors"]] == [code]
    assert ("data" in answer) == (code == "BAD_USER_INPUT")


def test_query_asks_with_the_token_that_it_is_given() -> None:
    query = "{ customers(first: 1) { nodes { enterprise { name } } } }"
    answered = run("query", query, "--token", "farm-manager", environment=IN_MEMORY)
    assert json.loads(answered.stdout)["data"]["customers"]["nodes"] == [{"enterprise": {"name": "The Farm"}}]
    refused = run("query", query, "--token", "nobody-knows-it", environment=IN_MEMORY)
    assert json.loads(refused.stdout)["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


def test_query_keeps_what_a_mutation_changed(tmp_path: Path) -> None:
    data = {"CUSTGRAPH_EMBEDDED_DATA": str(tmp_path / "customers.sqlite3")}
    mutation = """mutation { updateCustomer(id: "1", input: { firstName: "Ada" }) { userErrors { message } } }"""
    assert json.loads(run("query", mutation, environment=data).stdout) == {
        "data": {"updateCustomer": {"userErrors": []}}
    }
    answer = json.loads(run("query", '{ customer(id: "1") { firstName } }', environment=data).stdout)
    assert answer == {"data": {"customer": {"firstName": "Ada"}}}


def test_query_asks_a_real_upstream(tmp_path: Path) -> None:
    with serving(tmp_path) as served:
        asked = run("query", '{ customer(id: "1") { firstName } }', "--upstream", f"{served.origin}/api/v1")
        assert json.loads(asked.stdout)["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
        asked = run(
            *("query", '{ customer(id: "1") { firstName } }', "--upstream", f"{served.origin}/api/v1"),
            *("--token", "demo-token"),
        )
        assert json.loads(asked.stdout) == {"data": {"customer": {"firstName": "Alice"}}}


@pytest.mark.parametrize("variables", ["{", "[]", "1", "null"])
def test_variables_that_are_no_object_end_query_with_code_2(variables: str) -> None:
    refused = run("query", "{ __typename }", "--variables", variables, environment=IN_MEMORY)
    assert refused.returncode == 2
    assert refused.stderr.startswith("custgraph: --variables: give a JSON object. Example: --variables")


def test_query_that_cannot_be_run_says_why(invoke: Any) -> None:
    told = invoke("query", "{ __typename }", "--set", "documents=none.json")
    assert told.exit_code == 2
    assert told.stderr.startswith("custgraph: CUSTGRAPH_DOCUMENTS: none.json: cannot be read: No such file")
    told = invoke("query", "{ __typename }", "--set", "embedded_data=.")
    assert told.exit_code == 3
    assert told.stderr == (
        "custgraph: . cannot be used as the embedded database: unable to open database file. "
        "CUSTGRAPH_EMBEDDED_DATA names another file; CUSTGRAPH_EMBEDDED_MEMORY=true needs none.\n"
    )


# schema


def test_schema_prints_what_the_repository_keeps(invoke: Any) -> None:
    assert invoke("schema").stdout == (ROOT / "schema.graphql").read_text()
    for dialect in DIALECTS:
        assert invoke("schema", "--dialect", dialect).stdout == (ROOT / COMMITTED[dialect]).read_text()


def test_the_option_knows_every_dialect() -> None:
    assert DialectName.__args__ == DIALECTS  # type: ignore[attr-defined]  # a Literal has them


def test_schema_check_agrees_with_what_the_repository_keeps() -> None:
    checked = run("schema", "--check", folder=ROOT)
    assert (checked.returncode, checked.stdout.count(": up to date (")) == (0, len(DIALECTS)), checked.stdout


def test_schema_check_knows_the_dialect_of_a_file_that_the_repository_keeps() -> None:
    for dialect, path in COMMITTED.items():
        checked = run("schema", "--check", str(ROOT / path), folder=ROOT)
        assert (checked.returncode, checked.stdout) == (0, f"{ROOT / path}: up to date ({dialect})\n")


def test_schema_check_shows_what_differs(invoke: Any) -> None:
    Path("mine.graphql").write_text((ROOT / "schema.graphql").read_text().replace("  customer(", "  kunde("))
    checked = invoke("schema", "--check", "mine.graphql")
    assert checked.exit_code == 1
    assert checked.stdout.startswith(
        "mine.graphql: differs from the schema (federation); `custgraph schema --dialect federation > mine.graphql` "
    )
    assert "\n-  kunde(" in checked.stdout
    assert "\n+  customer(" in checked.stdout


def test_schema_check_of_files_that_are_not_there_fails(invoke: Any) -> None:
    checked = invoke("schema", "--check")
    assert checked.exit_code == 1
    assert checked.stdout == "".join(
        f"{path}: is not there ({name}); `custgraph schema --dialect {name} > {path}` makes it\n"
        for name, path in COMMITTED.items()
    )


@pytest.mark.parametrize("dialect", DIALECTS)
def test_schema_check_knows_one_dialect_alone(invoke: Any, dialect: Dialect) -> None:
    Path("mine.graphql").write_text((ROOT / COMMITTED[dialect]).read_text())
    for other in DIALECTS:
        checked = invoke("schema", "--check", "--dialect", other, "mine.graphql")
        assert checked.exit_code == (0 if other == dialect else 1)


def test_schema_takes_a_file_only_to_check_it(invoke: Any) -> None:
    refused = invoke("schema", "mine.graphql")
    assert refused.exit_code == 2
    assert "it goes with --check" in refused.stderr


# cost

LIST = "query List($first: Int) { customers(first: $first) { totalCount nodes { id enterprise { name } } } }"


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    (folder / "more").mkdir(parents=True)
    (folder / "list.graphql").write_text(LIST)
    (folder / "more" / "one.graphql").write_text('{ customer(id: "1") { id } }')
    return folder


def test_cost_tells_what_each_operation_of_a_folder_asks_for(invoke: Any, documents: Path) -> None:
    told = invoke("cost", str(documents))
    assert told.exit_code == 0
    assert told.stdout.splitlines()[0] == f"{documents}/list.graphql: query List"
    assert f"{documents}/more/one.graphql: query (no name)" in told.stdout
    assert re.search(r"^  upstream calls +\d+ of 1500$", told.stdout, re.MULTILINE)


def test_cost_takes_the_sizes_of_variables(invoke: Any, documents: Path) -> None:
    def calls(*sizes: str) -> int:
        told = invoke("cost", str(documents / "list.graphql"), "--json", *sizes)
        measure: int = json.loads(told.stdout)[0]["operations"][0]["measures"]["upstream calls"]["value"]
        return measure

    assert calls("--size", "first=1") < calls("--size", "$first=10") < calls() == calls("--size", "first=200")


def test_an_operation_over_a_limit_ends_cost_with_code_1(invoke: Any, documents: Path) -> None:
    told = invoke("cost", str(documents), "--set", "max_upstream_calls=2")
    assert told.exit_code == 1
    assert re.search(r"upstream calls +\d+ of 2  over CUSTGRAPH_MAX_UPSTREAM_CALLS$", told.stdout, re.MULTILINE)
    reports = json.loads(invoke("cost", str(documents), "--json", "--set", "max_upstream_calls=2").stdout)
    assert [report["refused"] for report in reports] == [True, False]


def test_a_document_that_cannot_run_ends_cost_with_code_1_and_its_place(invoke: Any, documents: Path) -> None:
    (documents / "broken.graphql").write_text("{\n  customers { nothing }\n}")
    told = invoke("cost", str(documents / "broken.graphql"))
    assert told.exit_code == 1
    assert told.stdout.startswith(f"{documents}/broken.graphql:2:15: Cannot query field 'nothing' on type")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere.graphql"], "nowhere.graphql: there is no such file"),
        (["."], ".: there is no *.graphql in this folder"),
        (
            [".", "--size", "first=many"],
            "--size first=many: give a variable and a whole number. Example: --size first=50",
        ),
    ],
)
def test_what_cost_cannot_read_ends_it_with_code_2(invoke: Any, arguments: list[str], message: str) -> None:
    told = invoke("cost", *arguments)
    assert (told.exit_code, told.stderr) == (2, f"custgraph: {message}\n")


# settings and limits


def test_settings_lists_all_with_source_and_help(invoke: Any) -> None:
    Path("custgraph.toml").write_text("port = 9000\nupstream_token = 'a-secret-token'\n")
    listed = invoke("settings").stdout
    assert "  CUSTGRAPH_PORT=9000  (from custgraph.toml)\n      Port to listen on; 0 takes a free one.\n" in listed
    assert "  CUSTGRAPH_UPSTREAM_TOKEN=(hidden)  (from custgraph.toml)\n" in listed
    assert "a-secret-token" not in listed
    as_json = json.loads(invoke("settings", "--json", "--set", "workers=2").stdout)
    assert as_json.keys() == Settings.model_fields.keys()
    assert (as_json["workers"]["value"], as_json["workers"]["source"]) == ("2", "flag")


def test_limits_lists_them_as_they_are_in_force(invoke: Any) -> None:
    listed = invoke("limits", "--set", "max_depth=7").stdout
    assert re.search(r"^  CUSTGRAPH_MAX_DEPTH +7  Deepest nesting of fields\.$", listed, re.MULTILINE)
    as_json = json.loads(invoke("limits", "--json").stdout)
    assert as_json["CUSTGRAPH_MAX_DEPTH"] == {
        "group": "operation",
        "value": 16,
        "description": "Deepest nesting of fields.",
    }


@pytest.mark.parametrize("command", ["settings", "limits", "serve", "query", "cost"])
def test_wrong_settings_end_every_command_with_code_2(invoke: Any, command: str) -> None:
    Path("custgraph.toml").write_text("port = 'x'\n")
    told = invoke(command, *(["{ __typename }"] if command in ("query", "cost") else []))
    assert told.exit_code == 2
    assert told.stderr == (
        "custgraph: port (from custgraph.toml): should be a valid integer, unable to parse string as an integer. "
        "Example: port = 8000\n"
    )
