"""`custgraph cost`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from custgraph.cli.options import SetOption, fail, flags, load
from custgraph.cli.settings import print_json

if TYPE_CHECKING:
    from custgraph.execution import InvalidDocument, Meter, OperationReport

OVER_A_LIMIT = 1
"""Exit code: an operation would be refused, or a document cannot run at all."""


def cost(
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="Documents, or folders of *.graphql.")],
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    size: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=NUMBER",
            help="The most that a variable asks for: its number, or its list's length; else as many as there may be.",
        ),
    ] = None,
    set_: SetOption = None,
) -> None:
    """Tell what documents may cost.

    Prints depth, cost, upstream calls and more; exit code 1 if an operation would be refused.
    """
    from custgraph.config import Settings
    from custgraph.execution import Meter
    from custgraph.schema import build_blueprint

    settings: Settings = load(flags({}, set_)).settings
    meter = Meter(build_blueprint(settings), settings)
    sizes = dict(map(_size, size or ()))
    reports = [_report(meter, path, sizes) for path in _documents(files)]
    if json:
        print_json(reports)
    else:
        for report in reports:
            _print(report)
    if any(report["refused"] for report in reports):
        raise typer.Exit(OVER_A_LIMIT)


def _size(pair: str) -> tuple[str, int]:
    name, _, number = pair.partition("=")
    if not number.isdecimal():
        fail(f"--size {pair}: give a variable and a whole number. Example: --size first=50", 2)
    return name.removeprefix("$"), int(number)


def _documents(files: list[Path]) -> Iterator[Path]:
    """The files, and those in the folders."""
    for path in files:
        if path.is_dir():
            found = sorted(path.rglob("*.graphql"))
            if not found:
                fail(f"{path}: there is no *.graphql in this folder", 2)
            yield from found
        elif path.is_file():
            yield path
        else:
            fail(f"{path}: there is no such file", 2)


def _report(meter: Meter, path: Path, sizes: dict[str, int]) -> dict[str, Any]:
    from custgraph.execution import InvalidDocument

    try:
        operations = meter.measure(path.read_text("utf-8"), sizes)
    except InvalidDocument as invalid:
        return {"file": str(path), "refused": True, "errors": list(_faults(invalid)), "operations": []}
    except (OSError, UnicodeDecodeError):
        fail(f"{path}: cannot be read as UTF-8", 2)
    refused = any(operation.refused for operation in operations)
    return {"file": str(path), "refused": refused, "errors": [], "operations": list(map(_measures, operations))}


def _measures(operation: OperationReport) -> dict[str, Any]:
    return {
        "name": operation.name,
        "kind": operation.kind,
        "refused": operation.refused,
        "measures": {
            measure.name: {"value": measure.value, "maximum": measure.maximum, "setting": measure.setting}
            for measure in operation.measures
        },
    }


def _faults(invalid: InvalidDocument) -> Iterator[str]:
    for fault in invalid.faults:
        places = ", ".join(f"{place.line}:{place.column}" for place in fault.locations or ())
        yield f"{places}: {fault.message}" if places else fault.message


def _print(report: dict[str, Any]) -> None:
    for error in report["errors"]:
        typer.echo(f"{report['file']}:{error}")
    for operation in report["operations"]:
        typer.echo(f"{report['file']}: {operation['kind']} {operation['name'] or '(no name)'}")
        for name, measure in operation["measures"].items():
            over = f"  over {measure['setting']}" if measure["value"] > measure["maximum"] else ""
            typer.echo(f"  {name:14} {measure['value']:>7} of {measure['maximum']}{over}")
