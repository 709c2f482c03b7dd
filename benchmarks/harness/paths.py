"""Where things are."""

from __future__ import annotations

from pathlib import Path

BENCHMARKS = Path(__file__).resolve().parents[1]
PROJECT = BENCHMARKS.parent
WORK = BENCHMARKS / ".work"
RESULTS = BENCHMARKS / "results"
