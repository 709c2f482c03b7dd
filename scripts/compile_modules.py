"""Compiles the modules that `pyproject.toml` names: with mypyc, or from the C file that lies beside one.

    python scripts/compile_modules.py FOLDER

FOLDER is made, and holds all that is written: C files, objects, and under `lib/` the extensions. Nothing is ever
written beside the sources, where an old extension would be imported in place of a newer module.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
import sysconfig
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
GROUP = "custgraph"  # names the library that all of the modules share: one group calls itself without lookups

PURE = "`make wheel PURE=1` builds the wheel without compiled modules, which needs none of this."
NO_COMPILER = f"Compiling custgraph needs a C compiler; found none (tried {{}}). Install gcc, or name one in CC. {PURE}"
NO_HEADERS = f"Compiling custgraph needs Python's C headers; there are none in {{}}. Install python3-dev. {PURE}"
NO_MYPYC = f"Compiling custgraph needs mypy and setuptools: `make .make/test-deps` installs them. {PURE}"


def main(folder: Path) -> None:
    """Compiles, or ends the program saying what is missing."""
    _check()
    sources = folder / "src"
    ignored = shutil.ignore_patterns("__pycache__", "assets", "*.so", "*.pyd")
    shutil.copytree(ROOT / "src" / "custgraph", sources / "custgraph", ignore=ignored)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    modules: list[str] = project["tool"]["hatch"]["build"]["hooks"]["custom"]["compiled"]
    os.chdir(sources)  # so that tracebacks name files as the wheel has them
    _build(folder, [f"custgraph/{module}" for module in modules])


def _build(folder: Path, paths: list[str]) -> None:
    from mypyc.build import mypycify
    from setuptools import Distribution, Extension

    in_c = {path: Path(path).with_suffix(".c") for path in paths if Path(path).with_suffix(".c").is_file()}
    options = [f"--config-file={ROOT / 'pyproject.toml'}", f"--cache-dir={folder / 'cache'}"]
    extensions = mypycify(
        [*options, *(path for path in paths if path not in in_c)],
        opt_level="3",
        debug_level="0",
        group_name=GROUP,
        target_dir=str(folder / "c"),
    )
    optimize = [] if sys.platform == "win32" else ["-O3"]
    extensions += [
        Extension(path.removesuffix(".py").replace("/", "."), [str(source)], extra_compile_args=optimize)
        for path, source in in_c.items()
    ]
    command = Distribution({"name": "custgraph", "ext_modules": extensions}).get_command_obj("build_ext")
    command.build_lib = str(folder / "lib")
    command.build_temp = str(folder / "objects")
    command.ensure_finalized()
    command.run()


def _check() -> None:
    """Ends the program where something is missing, before a minute has gone by."""
    if importlib.util.find_spec("mypyc") is None or importlib.util.find_spec("setuptools") is None:
        sys.exit(NO_MYPYC)
    compiler = (os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc").split()[0]
    if sys.platform != "win32" and shutil.which(compiler) is None:
        sys.exit(NO_COMPILER.format(compiler))
    headers = sysconfig.get_path("include")
    if not Path(headers, "Python.h").is_file():
        sys.exit(NO_HEADERS.format(headers))


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
