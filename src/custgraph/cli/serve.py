"""`custgraph serve`."""

from __future__ import annotations

from typing import Annotated

import typer

from custgraph.cli.options import CANNOT_START, SetOption, UpstreamOption, fail, flags, load


def serve(
    host: Annotated[str | None, typer.Option(metavar="HOST", help="Address to listen on; 127.0.0.1.")] = None,
    port: Annotated[str | None, typer.Option(metavar="PORT", help="Port to listen on; 8000. 0: a free one.")] = None,
    workers: Annotated[str | None, typer.Option(metavar="NUMBER", help="Worker processes; 1.")] = None,
    upstream: UpstreamOption = None,
    token: Annotated[
        str | None,
        typer.Option(metavar="KEY", help="API key for callers that send none."),
    ] = None,
    memory: Annotated[
        bool, typer.Option("--memory", help="Keep the embedded service's data in memory, for this run alone.")
    ] = False,
    reload: Annotated[
        bool, typer.Option("--reload", help="Start again when custgraph's sources or settings change.")
    ] = False,
    set_: SetOption = None,
) -> None:
    """Serve the gateway.

    Without an upstream it asks an embedded Customers service with sample data.
    """
    given = flags(
        {
            "host": host,
            "port": port,
            "workers": workers,
            "upstream_url": upstream,
            "upstream_token": token,
            "embedded_memory": "true" if memory else None,
        },
        set_,
    )
    settings = load(given).settings
    from custgraph.cli.listening import CannotListen
    from custgraph.cli.supervisors import run

    try:
        code = run(settings, given, reload=reload)
    except CannotListen as error:
        fail(str(error), CANNOT_START)
    raise typer.Exit(code)
