"""The page about limits says what is so."""

from __future__ import annotations

from pathlib import Path

from custgraph.config import Settings
from custgraph.execution import limit_table

PAGE = (Path(__file__).parents[2] / "docs" / "limits.md").read_text(encoding="utf-8")


def test_the_table_lists_the_defaults() -> None:
    rows = [
        f"| {row.group} | `{row.setting}` | {'none' if row.value is None else row.value} | {row.description} |"
        for row in limit_table(Settings())
    ]
    assert [line for line in PAGE.splitlines() if "| `CUSTGRAPH_" in line] == rows
