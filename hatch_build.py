"""Hatchling's build hook: a wheel or sdist holds the built explorer, so that installing one needs no Node."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ExplorerBuildHook(BuildHookInterface[Any]):
    """Builds the explorer first, unless it is built. An editable install has no need of it."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's signature
        """Runs before the files are collected."""
        if version == "editable":
            return
        script = Path(self.root) / "scripts" / "build_explorer.py"
        built = subprocess.run([sys.executable, str(script)], check=False)  # noqa: S603 - our own script
        if built.returncode:
            raise SystemExit("custgraph was not built: its explorer could not be built, see above")
