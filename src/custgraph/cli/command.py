"""The command and its subcommands: each imports what it needs when it runs, so that help comes at once."""

from __future__ import annotations

from typing import Annotated

import typer

from custgraph.cli.cost import cost
from custgraph.cli.query import query
from custgraph.cli.schema import schema
from custgraph.cli.serve import serve
from custgraph.cli.settings import limits, settings

_app = typer.Typer(
    name="custgraph",
    help="A GraphQL gateway over the Customers REST API v1 of Open Food Network.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


def _print_version(asked: bool) -> None:
    if asked:
        from custgraph import __version__

        typer.echo(__version__)
        raise typer.Exit


@_app.callback()
def _top(
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_print_version, help="Print the version and exit.")
    ] = False,
) -> None:
    del version


for _command in (serve, query, schema, cost, limits, settings):
    _app.command()(_command)


def main() -> None:
    """Runs the command and exits."""
    _app(prog_name="custgraph")
