"""`custgraph settings` and `custgraph limits`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from custgraph.cli.options import SetOption, flags, load

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def settings(json: JsonOption = False, set_: SetOption = None) -> None:
    """List every setting, its value and its source."""
    from custgraph.config import list_settings

    listed = list(list_settings(load(flags({}, set_))))
    if json:
        print_json({setting.name: setting._asdict() for setting in listed})
        return
    group = ""
    for setting in listed:
        if setting.group != group:
            typer.echo(f"\n{setting.group}" if group else setting.group)
            group = setting.group
        typer.echo(f"  {setting.variable}={setting.value}  (from {setting.source})")
        typer.echo(f"      {setting.help}")


def limits(json: JsonOption = False, set_: SetOption = None) -> None:
    """List every limit in force."""
    from custgraph.execution import limit_table

    rows = limit_table(load(flags({}, set_)).settings)
    if json:
        print_json(
            {row.setting: {"group": row.group, "value": row.value, "description": row.description} for row in rows}
        )
        return
    group = ""
    width = max(len(row.setting) for row in rows)
    for row in rows:
        if row.group != group:
            typer.echo(f"\n{row.group}" if group else row.group)
            group = row.group
        value = "none" if row.value is None else f"{row.value:g}" if isinstance(row.value, float) else row.value
        typer.echo(f"  {row.setting:{width}}  {value:>10}  {row.description}")


def print_json(document: Any) -> None:
    """Prints a document, indented."""
    import msgspec

    typer.echo(msgspec.json.format(msgspec.json.encode(document)).decode())
