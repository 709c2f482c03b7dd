#!/usr/bin/env python3
"""Writes the parts of docs/ that the code knows better: settings, the command's help, log fields, metrics."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
WRITTEN = "<!-- Written by scripts/document.py. -->"
COMMANDS = ("serve", "query", "schema", "cost", "limits", "settings")


def main() -> None:
    """Writes every page anew."""
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")


def pages() -> dict[Path, str]:
    """The pages as they have to be."""
    operations = DOCS / "operations.md"
    blocks = {"fields": _fields(), "metrics": _metrics()}
    return {
        DOCS / "settings.md": _settings(),
        DOCS / "command.md": _command(),
        operations: _with_blocks(operations.read_text(encoding="utf-8"), blocks),
    }


def _settings() -> str:
    from custgraph.config import Settings, list_settings
    from custgraph.config.load import LoadedSettings

    lines = [
        WRITTEN,
        "",
        "# Settings",
        "",
        "All have a default. They come from these sources, the later one winning:",
        "",
        "| Source | Example |",
        "| --- | --- |",
        "| the environment | `CUSTGRAPH_MAX_DEPTH=12` |",
        "| `.env` in the working directory | `CUSTGRAPH_MAX_DEPTH=12` |",
        "| `custgraph.toml` in the working directory | `max_depth = 12` |",
        "| flags | `--set max_depth=12`; some have their own, see [command](command.md) |",
        "",
        "A wrong value or an unknown name stops the start with exit code 2, the setting's name, its fault and an",
        "example. Lists are separated by commas. `custgraph settings` shows what is in force and where it came from.",
    ]
    for group, settings in groupby(list_settings(LoadedSettings(Settings(), {})), lambda setting: setting.group):
        lines += ["", f"## {group.rstrip('.')}", "", "| Setting | Default | Example | |", "| --- | --- | --- | --- |"]
        lines += [
            f"| `{setting.variable}` | {_code(setting.default)} | `{setting.example}` | {setting.help} |"
            for setting in settings
        ]
    return "\n".join(lines) + "\n"


def _code(value: str) -> str:
    return value if value == "unset" else f"`{value}`"


def _command() -> str:
    lines = [WRITTEN, "", "# The command", ""]
    for name in ("", *COMMANDS):
        lines += ["```text", *_help(*([name] if name else [])), "```", ""]
        if not name:
            lines += [
                "Exit codes: 0 if all went well; 1 if the answer has errors, a document would be refused, a schema",
                "file differs, or a stop cut something off; 2 for wrong usage or settings; 3 if it cannot start.",
                "",
            ]
    return "\n".join(lines).rstrip() + "\n"


def _help(*command: str) -> Iterator[str]:
    shown = subprocess.run(
        [sys.executable, "-m", "custgraph", *command, "--help"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "COLUMNS": "100", "TERM": "dumb"},
    )
    yield from (f"$ custgraph {' '.join([*command, '--help'])}", "")
    yield from (line.rstrip() for line in shown.stdout.strip().splitlines())


def _fields() -> str:
    from custgraph.telemetry.vocabulary import FIELDS

    return "\n".join(["| Field | |", "| --- | --- |", *(f"| `{name}` | {text} |" for name, text in FIELDS.items())])


def _metrics() -> str:
    from custgraph.telemetry.metrics import Metrics

    rows = [
        f"| `{family.name}{'_total' if family.type == 'counter' else ''}` | {family.type} | {family.documentation} |"
        for family in Metrics().registry.collect()
    ]
    return "\n".join(["| Metric | Type | |", "| --- | --- | --- |", *rows])


def _with_blocks(text: str, blocks: dict[str, str]) -> str:
    """Puts each block between its marks."""
    for name, block in blocks.items():
        pattern = rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)"
        text = re.sub(pattern, lambda found, block=block: f"{found[1]}{block}\n{found[2]}", text, flags=re.DOTALL)
    return text


if __name__ == "__main__":
    main()
