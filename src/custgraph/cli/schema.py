"""`custgraph schema`."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from custgraph.steps import Blueprint


DialectName = Literal["federation", "stitching", "composite", "plain"]  # as custgraph.schema.dialects has them


def schema(
    file: Annotated[Path | None, typer.Argument(metavar="FILE", help="With --check: the file to check.")] = None,
    dialect: Annotated[
        DialectName | None, typer.Option(help="Whose directives to print it with; federation by default.")
    ] = None,
    check: Annotated[
        bool,
        typer.Option(
            "--check", help="Compare FILE, or else all that the repository keeps; exit code 1 if one differs."
        ),
    ] = False,
) -> None:
    """Print the schema as SDL, or check a file."""
    from custgraph.config import Settings
    from custgraph.schema import build_blueprint
    from custgraph.schema.dialects import COMMITTED, sdl

    if file and not check:
        raise typer.BadParameter("it goes with --check.", param_hint="FILE")
    blueprint = build_blueprint(Settings())
    if not check:
        typer.echo(sdl(blueprint, dialect or "federation"), nl=False)
        return
    files = {name: Path(path) for name, path in COMMITTED.items() if dialect in (None, name)}
    if file:
        kept = next((name for name, path in files.items() if path.resolve() == file.resolve()), None)
        files = {dialect or kept or "federation": file}
    stale = [path for name, path in files.items() if not _is_up_to_date(blueprint, name, path)]
    if stale:
        raise typer.Exit(1)


def _is_up_to_date(blueprint: Blueprint, name: DialectName, path: Path) -> bool:
    """Compares a file with the schema; tells what differs."""
    from custgraph.schema.dialects import sdl

    command = f"`custgraph schema --dialect {name} > {path}`"
    if not path.is_file():
        typer.echo(f"{path}: is not there ({name}); {command} makes it")
        return False
    want = sdl(blueprint, name)
    have = path.read_text("utf-8", errors="replace")
    if have == want:
        typer.echo(f"{path}: up to date ({name})")
        return True
    typer.echo(f"{path}: differs from the schema ({name}); {command} renews it")
    lines = difflib.unified_diff(have.splitlines(), want.splitlines(), str(path), "the schema", lineterm="", n=1)
    for line in lines:
        typer.echo(line)
    return False
