"""The table in the documentation is the one that the tests go by."""

from __future__ import annotations

from pathlib import Path

from support.faults.matrix import ALL, title_of
from support.faults.table import render

FILE = Path(__file__).parents[2] / "docs" / "faults.md"


def test_the_committed_table_is_current() -> None:
    assert FILE.read_text(encoding="utf-8") == render(), "make faults-table writes it anew"


def test_the_table_has_every_fault_once() -> None:
    rows = [line.split(" | ")[0].removeprefix("| ") for line in render().splitlines() if line.startswith("| ")]
    assert sorted(row for row in rows if row not in ("Fault", "---")) == sorted(map(title_of, ALL))
