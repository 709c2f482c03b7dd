"""Hatchling's build hook: what is built holds the built explorer, and a wheel compiled modules where asked for."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

COMPILE = "HATCH_BUILD_HOOK_ENABLE_MYPYC"
"""Set to `true` it asks for compiled modules; other projects that mypyc compiles have it by the same name."""


class CustgraphBuildHook(BuildHookInterface[Any]):
    """Builds the explorer first, unless it is built, so that installing a wheel or sdist needs no Node.

    Compiling needs a C compiler and a minute, and makes a wheel for one Python on one platform; so it has to be asked
    for. An editable install needs neither the explorer nor compiled modules.
    """

    _compiled: TemporaryDirectory[str] | None = None

    def dependencies(self) -> list[str]:
        """Tells what a build in an environment of its own needs: what the modules import, too, for its types."""
        return ["mypy>=2.4", "setuptools>=80", *self.metadata.core.dependencies] if self._compiles() else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Runs before the files are collected."""
        if version == "editable":
            return
        self._run("build_explorer.py", failed="its explorer could not be built")
        if self._compiles():
            self._compiled = TemporaryDirectory(prefix="custgraph-")
            self._run("compile_modules.py", self._compiled.name, failed="its modules could not be compiled")
            library = Path(self._compiled.name) / "lib"
            extensions = [path for path in library.rglob("*") if path.is_file()]
            build_data["force_include"].update({str(path): str(path.relative_to(library)) for path in extensions})
            build_data["pure_python"] = False
            build_data["infer_tag"] = True

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002
        """Runs when the files are written."""
        if self._compiled is not None:
            self._compiled.cleanup()

    def _compiles(self) -> bool:
        return self.target_name == "wheel" and os.environ.get(COMPILE, "").lower() in ("1", "true")

    def _run(self, script: str, *arguments: str, failed: str) -> None:
        command = [sys.executable, str(Path(self.root) / "scripts" / script), *arguments]
        if subprocess.run(command, check=False).returncode:  # noqa: S603 - our own scripts
            raise SystemExit(f"custgraph was not built: {failed}, see above")
