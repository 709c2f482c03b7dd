"""Every setting with its value, its source and its help, for people to read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from pydantic import SecretStr
from pydantic_core import PydanticUndefined

from custgraph.config.load import DEFAULT, PREFIX, LoadedSettings
from custgraph.config.settings import Settings

HIDDEN: Final = "(hidden)"
UNSET: Final = "unset"


class Listed(NamedTuple):
    """One setting, all as text; a secret's value is hidden."""

    name: str
    variable: str
    value: str
    source: str
    default: str
    help: str
    example: str
    group: str


def list_settings(loaded: LoadedSettings) -> Iterator[Listed]:
    """Lists every setting, by group, in the order in which they are defined."""
    for group, names in _groups():
        for name in names:
            field = Settings.model_fields[name]
            assert field.description is not None  # noqa: S101 - a test sees to it
            assert field.default is not PydanticUndefined  # noqa: S101 - the same
            yield Listed(
                name,
                PREFIX + name.upper(),
                shown(getattr(loaded.settings, name)),
                loaded.sources.get(name, DEFAULT),
                shown(field.default),
                field.description,
                str((field.examples or [""])[0]),
                group,
            )


def _groups() -> Iterator[tuple[str, list[str]]]:
    """The groups that `Settings` is made of, with the names of their settings."""
    for base in reversed(Settings.__bases__[:-1]):
        yield (base.__doc__ or "").partition("\n")[0], list(base.model_fields)  # type: ignore[attr-defined]  # pydantic


def shown(value: object) -> str:
    """Writes a value as the environment would have it; a secret is hidden, also one within a URL."""
    if value is None or value in ((), ""):
        return UNSET
    if isinstance(value, SecretStr):
        return HIDDEN
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return _without_credentials(value) if isinstance(value, str) and "://" in value else str(value)


def _without_credentials(url: str) -> str:
    parts = urlsplit(url)
    if "@" not in parts.netloc:
        return url
    return parts._replace(netloc=f"{HIDDEN}@{parts.netloc.rpartition('@')[2]}").geturl()
