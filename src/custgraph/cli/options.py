"""Options that several commands have, and the settings that they and all other sources come to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:
    from custgraph.config import LoadedSettings

UpstreamOption = Annotated[
    str | None,
    typer.Option("--upstream", metavar="URL", help="REST API to ask; without one, the embedded service."),
]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", "-s", metavar="NAME=VALUE", help="Any other setting; `custgraph settings` lists them."),
]

WRONG_SETTINGS = 2
"""Exit code, as of wrong usage."""
CANNOT_START = 3
"""Exit code: the settings are right, and yet it cannot start. uvicorn's own number: its supervisors then stop, too."""


def flags(own: Mapping[str, str | None], more: list[str] | None) -> dict[str, Any]:
    """Puts a command's own flags and its `--set`s together, by setting name."""
    given: dict[str, Any] = {name: value for name, value in own.items() if value is not None}
    for pair in more or ():
        name, sign, value = pair.partition("=")
        if not sign:
            fail(f"--set {pair}: give a name and a value. Example: --set max_depth=16", WRONG_SETTINGS)
        given[name.strip().replace("-", "_").lower()] = value
    return given


def load(given: Mapping[str, object]) -> LoadedSettings:
    """Reads all sources; what is wrong ends the command."""
    from custgraph.config import SettingsError, load_settings

    try:
        return load_settings(given)
    except SettingsError as error:
        fail(str(error), WRONG_SETTINGS)


def fail(message: str, code: int) -> NoReturn:
    """Says what is wrong, one line for each fault, and ends the command."""
    for line in message.splitlines():
        typer.echo(f"custgraph: {line}", err=True)
    raise typer.Exit(code)
