"""`custgraph serve` as a program of its own, on a free port, without a home to leave anything in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from support.command import COMMAND
from support.programs import Program, running


class Served:
    """A running `custgraph serve`.

    Attributes:
        program: the process.
        origin: where it is reached.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        self.origin = program.wait_for(r"serves GraphQL at (http://\S+)/graphql$")[1]

    @property
    def url(self) -> str:
        """The endpoint."""
        return f"{self.origin}/graphql"


@contextmanager
def serving(folder: Path, *flags: str, settings: Mapping[str, str] | None = None) -> Iterator[Served]:
    """Serves for the time of a block, over embedded data in the folder unless the settings have it otherwise."""
    environment = {
        "CUSTGRAPH_EMBEDDED_DATA": str(folder / "customers.sqlite3"),
        "CUSTGRAPH_LOG_FORMAT": "json",
        "CUSTGRAPH_MAX_LOOP_LAG": "3600",  # a slow machine is no overload
        **{f"CUSTGRAPH_{name.upper()}": value for name, value in (settings or {}).items()},
    }
    with running(*COMMAND, "serve", "--port", "0", *flags, folder=folder, environment=environment) as program:
        yield Served(program)
