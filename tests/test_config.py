"""Settings: where they come from, what is refused and how that is said."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from custgraph.config import Settings, SettingsError, list_settings, load_settings
from custgraph.config.load import FLAGS, example_of, spelled

NAMES = sorted(Settings.model_fields)
SOURCES = ["environment", ".env", "custgraph.toml", "flag"]
NEEDS = {
    "documents_only": {"documents": "persisted.json"},
    "upstream_ca_file": {"upstream_ca_file": "/etc/ssl/certs/ca-certificates.crt"},
}
"""What else has to be set with a setting's example."""


def load(source: str, folder: Path, **values: str) -> Settings:
    """Loads settings that one source gives."""
    environ: dict[str, str] = {}
    flags: dict[str, object] = {}
    if source == "environment":
        environ = {f"CUSTGRAPH_{name.upper()}": value for name, value in values.items()}
    elif source == "flag":
        flags = dict(values)
    elif source == ".env":
        (folder / ".env").write_text("".join(f"CUSTGRAPH_{name.upper()}='{value}'\n" for name, value in values.items()))
    else:
        (folder / "custgraph.toml").write_text("".join(f"{name} = '{value}'\n" for name, value in values.items()))
    return load_settings(flags, environ=environ, folder=folder).settings


def refusal(source: str, folder: Path, **values: str) -> str:
    """The message about settings that one source gives and that are wrong."""
    with pytest.raises(SettingsError) as refused:
        load(source, folder, **values)
    return str(refused.value)


def test_a_later_source_wins(tmp_path: Path) -> None:
    environ = {"CUSTGRAPH_PORT": "1", "CUSTGRAPH_HOST": "a", "CUSTGRAPH_WORKERS": "2", "CUSTGRAPH_MAX_DEPTH": "5"}
    (tmp_path / ".env").write_text("CUSTGRAPH_PORT=2\nCUSTGRAPH_HOST=b\nCUSTGRAPH_WORKERS=3\nOTHER=1\n")
    (tmp_path / "custgraph.toml").write_text('port = 3\nhost = "c"\n')
    loaded = load_settings({"port": "4", "host": None}, environ=environ, folder=tmp_path)
    settings = loaded.settings
    assert (settings.port, settings.host, settings.workers, settings.max_depth) == (4, "c", 3, 5)
    assert loaded.sources == {
        "port": "flag",
        "host": "custgraph.toml",
        "workers": ".env",
        "max_depth": "environment",
    }


def test_without_any_source_there_are_the_defaults(tmp_path: Path) -> None:
    assert load_settings(environ={"PORT": "1", "CUSTGRAPH_PORT": ""}, folder=tmp_path).settings == Settings()


def test_settings_made_directly_read_no_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUSTGRAPH_PORT", "1")
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("CUSTGRAPH_HOST=b\n")
    assert (Settings().port, Settings().host) == (8000, "127.0.0.1")


def test_the_processs_own_sources_are_read_by_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUSTGRAPH_PORT", "1")
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("CUSTGRAPH_HOST=b\n")
    settings = load_settings().settings
    assert (settings.port, settings.host) == (1, "b")


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        Settings().port = 1  # type: ignore[misc]  # that is what is tested


def test_a_dollar_sign_is_just_that(tmp_path: Path) -> None:
    settings = load(".env", tmp_path, upstream_token="pa$${HOME}ss")
    assert settings.upstream_token is not None
    assert settings.upstream_token.get_secret_value() == "pa$${HOME}ss"


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("name", NAMES)
def test_every_settings_example_is_taken_from_every_source(name: str, source: str, tmp_path: Path) -> None:
    field = Settings.model_fields[name]
    assert field.description
    assert field.description.endswith(".")
    assert field.examples
    values = {name: str(field.examples[0]), **NEEDS.get(name, {})}
    given = getattr(load(source, tmp_path, **values), name)
    assert given == getattr(Settings.model_validate(values), name)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in NEEDS])
def test_the_example_in_a_message_can_be_copied(name: str, tmp_path: Path) -> None:
    (tmp_path / "custgraph.toml").write_text(example_of(name, "custgraph.toml"))
    assert load_settings(environ={}, folder=tmp_path).sources == {name: "custgraph.toml"}


WRONG = [
    ("port", "eighty", "should be a valid integer, unable to parse string as an integer"),
    ("port", "-1", "should be greater than or equal to 0"),
    ("port", "65536", "should be less than or equal to 65535"),
    ("port", "80.5", "should be a valid integer, unable to parse string as an integer"),
    ("workers", "0", "should be greater than or equal to 1"),
    ("workers", "1000", "should be less than or equal to 256"),
    ("root_path", "shop", "does not have the form of the example"),
    ("root_path", "/shop/", "does not have the form of the example"),
    ("log_level", "loud", "should be 'debug', 'info', 'warning' or 'error'"),
    ("log_format", "xml", "should be 'auto', 'json' or 'console'"),
    ("metrics_port", "x", "should be a valid integer, unable to parse string as an integer"),
    ("drain_timeout", "0", "should be greater than 0"),
    ("drain_timeout", "nan", "should be a finite number"),
    ("drain_timeout", "inf", "should be a finite number"),
    ("graphiql", "perhaps", "should be a valid boolean, unable to interpret input"),
    ("cors_origins", "*", "'*' is not an origin (scheme and host, no path, no wildcard)"),
    ("cors_origins", "https://a.example/x", "'https://a.example/x' is not an origin (scheme and host, no path, no"),
    ("session_cookie", "a b", "does not have the form of the example"),
    ("max_body_bytes", "0", "should be greater than or equal to 1"),
    ("upstream_url", "ftp://shop.example", "must be an http or https URL with a host"),
    ("upstream_url", "shop.example/api/v1", "must be an http or https URL with a host"),
    ("upstream_url", "https://shop example", "must be an http or https URL with a host"),
    ("upstream_url", "https://shop.example:99999", "must have a port from 0 to 65535, or none"),
    ("upstream_url", "https://user:secret@shop.example", "must have no credentials, query or fragment"),
    ("upstream_url", "https://shop.example?token=x", "must have no credentials, query or fragment"),
    ("upstream_url", "http://shop.example", "must be https (or set upstream_allow_http, and keys travel in the clear)"),
    ("upstream_token", "short", "must be 8 to 256 characters of ASCII without spaces"),
    ("upstream_token", "a space in it", "must be 8 to 256 characters of ASCII without spaces"),
    ("upstream_put", "some", "should be 'full' or 'partial'"),
    ("upstream_wire", "curl", "should be 'native' or 'httpx'"),
    ("upstream_ca_file", "/nowhere.pem", "must be a readable PEM file of certificates"),
    ("query_deadline", "soon", "should be a valid number, unable to parse string as a number"),
    ("retry_budget", "2", "should be less than or equal to 1"),
    ("shared_url", "http://localhost", "does not have the form of the example"),
]


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize(("name", "value", "fault"), WRONG, ids=[f"{name}={value}" for name, value, _ in WRONG])
def test_a_wrong_value_names_the_setting_its_source_its_fault_and_an_example(
    name: str, value: str, fault: str, source: str, tmp_path: Path
) -> None:
    message = refusal(source, tmp_path, **{name: value})
    assert message.startswith(f"{spelled(name, source)} (from {source}): {fault}")
    assert message.endswith(f". Example: {example_of(name, source)}")
    assert "\n" not in message


@pytest.mark.parametrize(
    ("source", "name", "example"),
    [
        ("environment", "CUSTGRAPH_PORT", "CUSTGRAPH_PORT=8000"),
        (".env", "CUSTGRAPH_PORT", "CUSTGRAPH_PORT=8000"),
        ("custgraph.toml", "port", "port = 8000"),
        ("flag", "--port", "--port 8000"),
    ],
)
def test_names_and_examples_are_spelled_as_their_source_has_them(
    source: str, name: str, example: str, tmp_path: Path
) -> None:
    message = refusal(source, tmp_path, port="x")
    assert message.startswith(f"{name} (from {source}): ")
    assert message.endswith(f"Example: {example}")


def test_a_setting_without_a_flag_of_its_own_is_set_by_name(tmp_path: Path) -> None:
    assert "--set max_depth (from flag): " in refusal("flag", tmp_path, max_depth="x")
    assert refusal("flag", tmp_path, max_depth="x").endswith("Example: --set max_depth=16")


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    message = refusal("environment", tmp_path, port="x", workers="0", log_level="loud")
    assert [line.partition(" ")[0] for line in message.splitlines()] == [
        "CUSTGRAPH_PORT",
        "CUSTGRAPH_WORKERS",
        "CUSTGRAPH_LOG_LEVEL",
    ]


@given(st.sampled_from(NAMES), st.text(st.characters(codec="ascii", categories=["L", "N", "P", "S", "Zs"])))
def test_any_text_is_taken_or_refused_with_the_settings_name(name: str, text: str) -> None:
    try:
        load_settings({name: text}, environ={}, folder=Path("/nonexistent"))
    except SettingsError as refused:
        assert str(refused).startswith(f"{FLAGS.get(name, f'--set {name}')} (from flag): ")  # noqa: PT017


def test_embedded_data_in_memory_has_one_worker(tmp_path: Path) -> None:
    message = refusal("environment", tmp_path, embedded_memory="true", workers="2")
    assert message == (
        "CUSTGRAPH_EMBEDDED_MEMORY (from environment): needs a single worker, since each would have data of its own. "
        "Example: CUSTGRAPH_WORKERS=1"
    )
    remote = {"embedded_memory": "true", "workers": "2", "upstream_url": "https://shop.example/api/v1"}
    assert load("environment", tmp_path, **remote).workers == 2


def test_trusting_documents_alone_needs_some(tmp_path: Path) -> None:
    assert refusal("flag", tmp_path, documents_only="true") == (
        "--set documents_only (from flag): needs documents, or every request would be refused. "
        "Example: --set documents=persisted.json,documents/"
    )


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_a_loopback_upstream_may_be_asked_without_tls(host: str, tmp_path: Path) -> None:
    assert (
        load("flag", tmp_path, upstream_url=f"http://{host}:3000/api/v1/").upstream_url == f"http://{host}:3000/api/v1"
    )


@pytest.mark.parametrize("source", SOURCES)
def test_an_unknown_name_is_refused_with_the_nearest_one(source: str, tmp_path: Path) -> None:
    assert refusal(source, tmp_path, upstream_ulr="x") == (
        f"{spelled('upstream_ulr', source)} (from {source}) is not a setting. "
        f"Did you mean {spelled('upstream_url', source)}?"
    )


def test_the_prefix_of_variables_is_no_part_of_other_names(tmp_path: Path) -> None:
    assert refusal("custgraph.toml", tmp_path, CUSTGRAPH_PORT="1").endswith(" is not a setting. Did you mean port?")
    assert refusal("flag", tmp_path, custgraph_max_depth="1").endswith("Did you mean --set max_depth?")


def test_a_name_like_no_other_points_to_the_list(tmp_path: Path) -> None:
    assert refusal("environment", tmp_path, zzzzzz="x").endswith("`custgraph settings` lists them all.")


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("custgraph.toml", b"port = ", "custgraph.toml cannot be read: Invalid value (at end of document)"),
        ("custgraph.toml", b"\xff", "custgraph.toml cannot be read: 'utf-8' codec can't decode byte 0xff"),
        (".env", b"\xff", ".env cannot be read: 'utf-8' codec can't decode byte 0xff"),
        (".env", b"CUSTGRAPH_PORT\n", ".env has a line without a value: CUSTGRAPH_PORT. Example: CUSTGRAPH_PORT=8000"),
        (
            ".env",
            b"\nexport CUSTGRAPH_PORT 80\n",
            ".env has a line that cannot be read: CUSTGRAPH_PORT. Example: CUSTG",
        ),
        (
            ".env",
            b'CUSTGRAPH_UPSTREAM_TOKEN="secret',
            ".env has a line that cannot be read: CUSTGRAPH_UPSTREAM_TOKEN. ",
        ),
    ],
)
def test_a_file_that_cannot_be_read_stops_the_start(name: str, content: bytes, fault: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SettingsError) as refused:
        load_settings(environ={}, folder=tmp_path)
    assert str(refused.value).startswith(fault)
    assert "secret" not in str(refused.value)


def test_lines_of_others_in_a_dotenv_file_are_theirs(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(
        "not ours\nOTHER\n# CUSTGRAPH_HOST no more\nOTHER # as CUSTGRAPH_PORT\nCUSTGRAPH_PORT=1"
    )
    assert load_settings(environ={}, folder=tmp_path).sources == {"port": ".env"}


def test_secrets_hide_in_repr_and_in_the_list(tmp_path: Path) -> None:
    secrets = {"upstream_token": "canary-token", "shared_url": "redis://:canary-password@localhost/0"}
    loaded = load_settings(secrets, environ={}, folder=tmp_path)
    listed = {setting.name: setting.value for setting in list_settings(loaded)}
    assert "canary" not in repr(loaded) + str(loaded.settings) + str(listed)
    assert listed["upstream_token"] == "(hidden)"
    assert listed["shared_url"] == "redis://(hidden)@localhost/0"


def test_a_fault_never_repeats_the_value_of_a_secret(tmp_path: Path) -> None:
    assert "canary" not in refusal("flag", tmp_path, upstream_token="canary with spaces")
    assert "canary" not in refusal("flag", tmp_path, shared_url="canary://canary")
    assert "canary" not in refusal("flag", tmp_path, upstream_url="https://canary:canary@shop.example")


def test_the_list_has_every_setting_once_with_its_source(tmp_path: Path) -> None:
    loaded = load_settings({"port": "9000", "cors_origins": "https://a.example"}, environ={}, folder=tmp_path)
    listed = list(list_settings(loaded))
    assert sorted(setting.name for setting in listed) == NAMES
    by_name = {setting.name: setting for setting in listed}
    assert (by_name["port"].value, by_name["port"].source, by_name["port"].default) == ("9000", "flag", "8000")
    assert (by_name["cors_origins"].value, by_name["cors_origins"].default) == ("https://a.example", "unset")
    assert (by_name["query_deadline"].value, by_name["query_deadline"].source) == ("10", "default")
    assert by_name["graphiql"].value == "true"
    assert list(dict.fromkeys(setting.group for setting in listed)) == [
        "How the process listens and what its edge lets through.",
        "Where the Customers API is and what it is asked.",
        "The embedded Customers service that stands in when no upstream is configured.",
        "What one operation may ask for. All limits are on.",
        "Documents: the cache of prepared ones, persisted and trusted ones.",
    ]
