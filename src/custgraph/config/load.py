"""Reads the settings from every source, and says plainly what is wrong with them."""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any, Final

from dotenv.parser import parse_stream
from pydantic import ValidationError

from custgraph.config.settings import Settings

PREFIX: Final = "CUSTGRAPH_"
FLAGS: Final[Mapping[str, str]] = {
    "host": "--host",
    "port": "--port",
    "workers": "--workers",
    "upstream_url": "--upstream",
    "upstream_token": "--token",
    "embedded_memory": "--memory",
}
"""Settings with a flag of their own; the others are given as `--set name=value`."""

Source = str
ENVIRONMENT: Final = "environment"
DOTENV: Final = ".env"
TOML: Final = "custgraph.toml"
FLAG: Final = "flag"
DEFAULT: Final = "default"


class SettingsError(Exception):
    """The settings are wrong; the message names each setting, its fault and an example, one on a line."""


@dataclass(frozen=True)
class LoadedSettings:
    """The settings with the name of the source that each one given came from."""

    settings: Settings
    sources: Mapping[str, Source]


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
        SettingsError: values are wrong, names unknown, or a file cannot be read.
    """
    folder = folder or Path.cwd()
    layers = (
        (ENVIRONMENT, _of_variables(os.environ if environ is None else environ)),
        (DOTENV, _of_variables(_read_dotenv(folder / DOTENV))),
        (TOML, _read_toml(folder / TOML)),
        (FLAG, {name: value for name, value in (flags or {}).items() if value is not None}),
    )
    values: dict[str, object] = {}
    sources: dict[str, Source] = {}
    for source, given in layers:
        values.update(given)
        sources.update(dict.fromkeys(given, source))
    unknown = [_not_a_setting(name, sources[name]) for name in values if name not in Settings.model_fields]
    if unknown:
        raise SettingsError("\n".join(unknown))
    try:
        return LoadedSettings(Settings(**values), sources)  # type: ignore[arg-type]  # validated by it
    except ValidationError as error:
        raise SettingsError("\n".join(_explain(error, sources))) from None


def _of_variables(variables: Mapping[str, str]) -> dict[str, object]:
    """Takes our variables; an empty one is as good as none, which is how a shell unsets a single one."""
    return {
        name.removeprefix(PREFIX).lower(): value
        for name, value in variables.items()
        if name.startswith(PREFIX) and value
    }


def _read_dotenv(path: Path) -> dict[str, str]:
    try:
        text = path.read_text(encoding="utf-8")
    except (FileNotFoundError, IsADirectoryError):  # some keep a Python environment there
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path.name} cannot be read: {_reason(error)}") from None
    found = {}
    for line in parse_stream(StringIO(text)):
        if line.key is not None and line.value is not None:
            found[line.key] = line.value
        elif ours := re.match(rf"\s*(?:export\s+)?({PREFIX}\w+)", line.original.string):
            fault = "that cannot be read" if line.error else "without a value"
            raise SettingsError(f"{path.name} has a line {fault}: {ours[1]}. Example: {PREFIX}PORT=8000")
    return found


def _read_toml(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path.name} cannot be read: {_reason(error)}") from None


def _reason(error: Exception) -> str:
    return error.strerror or type(error).__name__ if isinstance(error, OSError) else str(error)


def _not_a_setting(name: str, source: Source) -> str:
    near = difflib.get_close_matches(name.lower().removeprefix(PREFIX.lower()), Settings.model_fields, n=1)
    hint = f"Did you mean {spelled(near[0], source)}?" if near else "`custgraph settings` lists them all."
    return f"{spelled(name, source)} (from {source}) is not a setting. {hint}"


def spelled(name: str, source: Source) -> str:
    """Gives the setting's name as the source has it."""
    if source == TOML:
        return name
    if source == FLAG:
        return FLAGS.get(name, f"--set {name}")
    return PREFIX + name.upper()


def example_of(name: str, source: Source, value: str | None = None) -> str:
    """Gives an example of the setting as the source has it: this value, or the setting's own."""
    example = value or str((Settings.model_fields[name].examples or ["…"])[0])
    if source == TOML:
        return f"{name} = {example if _is_toml(example) else repr(example)}"
    if source == FLAG and name in FLAGS:
        return FLAGS[name] if example == "true" else f"{FLAGS[name]} {example}"
    return f"{spelled(name, source)}={example}"


def _is_toml(value: str) -> bool:
    try:
        tomllib.loads(f"x = {value}")
    except tomllib.TOMLDecodeError:
        return False
    return True


def _explain(error: ValidationError, sources: Mapping[str, Source]) -> Iterator[str]:
    """Tells each fault; one of settings that do not go together names the one that it is about in its context."""
    for fault in error.errors(include_url=False, include_input=False):
        message = str(fault["msg"]).removeprefix("Value error, ").removeprefix("Input ")
        if fault["type"] == "string_pattern_mismatch":
            message = "does not have the form of the example"
        place: tuple[Any, ...] = fault["loc"]
        context = fault.get("ctx", {})
        name = str(place[0]) if place else context["setting"]
        source = sources.get(name, DEFAULT)
        example = example_of(name, source) if place else example_of(context["change"], source, context["to"])
        yield f"{spelled(name, source)} (from {source}): {message.removeprefix(f'{name}: ')}. Example: {example}"
