"""Reads the settings from every source, and says plainly what is wrong with them."""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dotenv import dotenv_values
from pydantic import ValidationError

from custgraph.config.settings import Settings

PREFIX = "CUSTGRAPH_"


class SettingsError(Exception):
    """The settings are wrong; the message names each setting, its fault and an example."""


@dataclass(frozen=True)
class LoadedSettings:
    """The settings with the name of the source that each one given came from."""

    settings: Settings
    sources: Mapping[str, str]


def load_settings(
    flags: Mapping[str, object] | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> LoadedSettings:
    """Reads all sources, the later one winning: environment, `.env`, `custgraph.toml`, flags.

    Args:
        flags: values by setting name; None stands for a flag that was not given.
        environ: the environment; the process's own by default.
        folder: where `.env` and `custgraph.toml` are looked for; the working directory by default.

    Raises:
        SettingsError: a value is wrong, a name unknown, or a file unreadable.
    """
    folder = folder or Path.cwd()
    layers = (
        ("environment", _from_environment(os.environ if environ is None else environ)),
        (".env", _from_environment(dotenv_values(folder / ".env"))),
        ("custgraph.toml", _from_toml(folder / "custgraph.toml")),
        ("flag", {name: value for name, value in (flags or {}).items() if value is not None}),
    )
    values: dict[str, object] = {}
    sources: dict[str, str] = {}
    for source, given in layers:
        _refuse_unknown(given, source)
        values.update(given)
        sources.update(dict.fromkeys(given, source))
    try:
        return LoadedSettings(Settings(**values), sources)  # type: ignore[arg-type]  # validated by it
    except ValidationError as error:
        raise SettingsError(_explain(error, sources)) from None


def _from_environment(environ: Mapping[str, str | None]) -> dict[str, object]:
    return {
        name.removeprefix(PREFIX).lower(): value for name, value in environ.items() if name.startswith(PREFIX) and value
    }


def _from_toml(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path.name} cannot be read: {error}") from None


def _refuse_unknown(given: Mapping[str, object], source: str) -> None:
    known = Settings.model_fields
    for name in given:
        if name in known:
            continue
        near = difflib.get_close_matches(name, known, n=1)
        hint = f" Did you mean {_spelled(near[0], source)}?" if near else " `custgraph settings` lists them all."
        raise SettingsError(f"{_spelled(name, source)} (from {source}) is not a setting.{hint}")


def _spelled(name: str, source: str) -> str:
    if source in ("environment", ".env"):
        return PREFIX + name.upper()
    return f"--{name.replace('_', '-')}" if source == "flag" else name


def _explain(error: ValidationError, sources: Mapping[str, str]) -> str:
    return "\n".join(_explain_one(fault, sources) for fault in error.errors(include_url=False, include_input=False))


def _explain_one(fault: Mapping[str, Any], sources: Mapping[str, str]) -> str:
    message = str(fault["msg"]).removeprefix("Value error, ")
    name = str(fault["loc"][0]) if fault["loc"] else message.partition(":")[0]
    if not fault["loc"]:
        message = message.partition(": ")[2]
    field = Settings.model_fields.get(name)
    example = f" Example: {PREFIX}{name.upper()}={field.examples[0]}" if field and field.examples else ""
    source = sources.get(name, "default")
    return f"{_spelled(name, source)} (from {source}): {message}.{example}"
