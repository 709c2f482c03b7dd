"""The command, run to its end."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

COMMAND = (sys.executable, "-m", "custgraph")


def run(
    *arguments: str, folder: Path | None = None, stdin: str = "", environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Runs it; gives its exit code and all that it printed."""
    return subprocess.run(  # noqa: S603 - our own command
        [*COMMAND, *arguments],
        cwd=folder,
        env={**os.environ, "COLUMNS": "100", **(environment or {})},
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
