"""Builds GraphiQL from `explorer/` into the package. Does nothing when the built assets match their sources."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "explorer"
PACKAGES = SOURCES / "node_modules"
ASSETS = ROOT / "src" / "custgraph" / "explorer" / "assets"

LEAST_NODE = 20
NO_NODE = (
    f"Building custgraph's explorer (GraphiQL) needs Node.js {LEAST_NODE} or later, with npm, on the PATH; found {{}}. "
    "Install it from your system's packages or https://nodejs.org, or install a built wheel, which needs none."
)


def main() -> None:
    """Installs the npm packages and builds, each only when it is not done yet; an interrupted step is done again."""
    digest = _digest(path for path in (*SOURCES.iterdir(), *(SOURCES / "src").rglob("*")) if path.is_file())
    if _read(ASSETS / "sources.sha256") == digest:
        return
    npm = _find_npm()
    print("Building the explorer …", flush=True)
    lock = _digest([SOURCES / "package-lock.json"])
    if _read(PACKAGES / ".installed.sha256") != lock:
        subprocess.run([npm, "ci", "--loglevel=error"], cwd=SOURCES, check=True)
        (PACKAGES / ".installed.sha256").write_text(lock)
    subprocess.run([npm, "run", "--silent", "build"], cwd=SOURCES, check=True)
    (ASSETS / "sources.sha256").write_text(digest)


def _digest(paths: Iterable[Path]) -> str:
    """One digest of the files' paths and contents."""
    files = [
        f"{path.relative_to(SOURCES).as_posix()} {hashlib.sha256(path.read_bytes()).hexdigest()}" for path in paths
    ]
    return hashlib.sha256("\n".join(sorted(files)).encode()).hexdigest()


def _read(path: Path) -> str | None:
    return path.read_text() if path.is_file() else None


def _find_npm() -> str:
    """Path of npm. Stops the program when Node is missing or too old."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        sys.exit(NO_NODE.format("none" if node is None else "Node.js without npm"))
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    found = re.match(r"v(\d+)\.", version)
    if found is None or int(found[1]) < LEAST_NODE:
        sys.exit(NO_NODE.format(f"{version} at {node}"))
    return npm


if __name__ == "__main__":
    main()
