"""Pinned npm projects: installed from their locks, and their scripts run.

A project is a folder with `package.json` (exact versions), `package-lock.json` and `.npmrc`
(`omit-lockfile-registry-resolved=true`, `ignore-scripts=true`).
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

_STAMP = ".installed.sha256"


def install(project: Path, *, seconds: float = 600) -> Path:
    """Installs a project's packages with `npm ci`, unless `node_modules` is what its lock asks for. Gives the folder.

    Raises:
        AssertionError: when npm is not there or fails; the message has what npm printed.
    """
    wanted = _digest(project)
    stamp = project / "node_modules" / _STAMP
    if _read(stamp) == wanted:
        return project
    with _alone(project):
        if _read(stamp) != wanted:
            done = run(project, "npm", "ci", "--loglevel=error", seconds=seconds)
            assert done.returncode == 0, f"`npm ci` failed in {project}:\n{done.stdout}{done.stderr}"
            stamp.write_text(wanted)
    return project


def run(
    project: Path,
    program: str,
    *arguments: str,
    folder: Path | None = None,
    seconds: float = 60,
    environment: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Runs `node`, `npm` or a program of the project's own packages, to its end.

    It runs in the project's folder unless another is given. Variables come on top of this process's own.

    Raises:
        subprocess.TimeoutExpired: when it does not end in time; it is killed then.
    """
    return subprocess.run(  # noqa: S603 - the tests name the programs
        [program_path(project, program), *arguments],
        cwd=folder or project,
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )


def program_path(project: Path, program: str) -> str:
    """Path of a program: the project's own, or else one on the PATH."""
    own = project / "node_modules" / ".bin" / program
    path = str(own) if own.is_file() else shutil.which(program)
    assert path, f"These tests need `{program}`: install Node.js 20 or later, with npm."
    return path


def _digest(project: Path) -> str:
    files = [project / name for name in ("package.json", "package-lock.json", ".npmrc")]
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()


def _read(path: Path) -> str | None:
    return path.read_text() if path.is_file() else None


@contextmanager
def _alone(project: Path) -> Iterator[None]:
    """Waits for any other test run that installs this project."""
    folder = os.open(project, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)
