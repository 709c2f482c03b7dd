"""`custgraph query`."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from custgraph.cli.options import CANNOT_START, WRONG_SETTINGS, SetOption, UpstreamOption, fail, flags, load
from custgraph.cli.settings import print_json

if TYPE_CHECKING:
    from custgraph.config import Settings
    from custgraph.operation import OperationResult

ERRORS = 1
"""Exit code: the answer has errors."""


def query(
    document: Annotated[
        str, typer.Argument(metavar="DOCUMENT", help="The GraphQL document; - reads it from standard input.")
    ],
    variables: Annotated[str | None, typer.Option(metavar="JSON", help="The variables, as a JSON object.")] = None,
    operation: Annotated[
        str | None, typer.Option(metavar="NAME", help="Which of the document's operations to run.")
    ] = None,
    upstream: UpstreamOption = None,
    token: Annotated[
        str | None,
        typer.Option(metavar="KEY", help="The caller's API key; by default the service token or the demo token."),
    ] = None,
    set_: SetOption = None,
) -> None:
    """Run one operation, without a server.

    Prints the answer as JSON; exit code 1 if it has errors.
    """
    from custgraph.telemetry import configure_logs

    settings = load(flags({"upstream_url": upstream, "upstream_token": token}, set_)).settings
    configure_logs("error", settings.log_format)
    text = sys.stdin.read() if document == "-" else document
    result = _run(settings, text, _object(variables), operation)
    answer: dict[str, Any] = {"errors": result.errors} if result.errors else {}
    if result.executed:
        answer["data"] = result.data
    if result.extensions:
        answer["extensions"] = result.extensions
    print_json(answer)
    if result.errors:
        raise typer.Exit(ERRORS)


def _object(text: str | None) -> dict[str, Any] | None:
    if text is None:
        return None
    import msgspec

    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except msgspec.DecodeError:
        fail("""--variables: give a JSON object. Example: --variables '{"id": "1"}'""", 2)


def _run(settings: Settings, document: str, variables: dict[str, Any] | None, operation: str | None) -> OperationResult:
    from custgraph.app import CannotStart, create_app
    from custgraph.config import SettingsError

    async def run() -> OperationResult:
        app = create_app(settings)
        async with app.router.lifespan_context(app):
            return await app.execute(document, variables, operation_name=operation)

    try:
        return asyncio.run(run())
    except SettingsError as error:
        fail(str(error), WRONG_SETTINGS)
    except CannotStart as error:
        fail(str(error), CANNOT_START)
