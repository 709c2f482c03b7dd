"""Builds GraphiQL from `explorer/` into the package. Does nothing when the built assets match their sources."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "explorer"
ASSETS = ROOT / "src" / "custgraph" / "explorer" / "assets"
# What was built and installed, written last: a step that was interrupted is done again.
BUILT = ASSETS / "sources.sha256"
INSTALLED = SOURCES / "node_modules" / ".installed.sha256"

LEAST_NODE = 20
NO_NODE = (
    f"Building custgraph's explorer (GraphiQL) needs Node.js {LEAST_NODE} or later, with npm, on the PATH; found {{}}. "
    "Install it from your system's packages or https://nodejs.org, or install a built wheel, which needs none."
)


def main() -> None:
    """Installs the npm packages and builds, each only when it is not done yet."""
    digest = _digest(path for path in (*SOURCES.iterdir(), *(SOURCES / "src").rglob("*")) if path.is_file())
    if _read(BUILT) == digest:
        return
    npm = _find_npm()
    with _alone() as lock:
        if _read(BUILT) == digest:
            return
        print("Building the explorer …", flush=True)
        packages = _digest([SOURCES / "package-lock.json"])
        if _read(INSTALLED) != packages:
            _run(npm, "ci", "--loglevel=error", lock=lock)
            INSTALLED.write_text(packages)
        _run(npm, "run", "--silent", "build", lock=lock)
        BUILT.write_text(digest)


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


@contextmanager
def _alone() -> Iterator[int | None]:
    """Waits for any other build of this tree. Gives the lock, which lasts as long as a child holds it."""
    try:
        import fcntl  # Unix has it; elsewhere nothing is locked
    except ImportError:
        yield None
        return
    folder = os.open(SOURCES, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield folder
    finally:
        os.close(folder)


def _run(*command: str, lock: int | None) -> None:
    """Runs a step. It holds the lock too: when this program is killed, the step may live on for a while."""
    step = subprocess.run(
        command, cwd=SOURCES, pass_fds=() if lock is None else (lock,), stdout=subprocess.DEVNULL, check=False
    )
    if step.returncode:
        sys.exit(f"Building the explorer failed at `{' '.join(command)}`, see above.")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)  # what a shell makes of Ctrl+C; the next run begins where this one was
