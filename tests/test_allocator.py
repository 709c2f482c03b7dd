"""Memory that long answers give back is kept for the next ones."""

from __future__ import annotations

import os
import platform
import subprocess
import sys

import pytest

from custgraph.config import allocator_is_told

glibc = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has these thresholds")

COUNT = """
import resource, sys
from custgraph.cli.allocator import keep_freed_memory

many, size = int(sys.argv[1]), int(sys.argv[2])

def take_and_give_back():
    answers = [b"x" * size for _ in range(many)]
    del answers

def faults():
    take_and_give_back()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(20):
        take_and_give_back()
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

print(faults(), keep_freed_memory(), faults())
"""
PAGES = 20 * 16 * 180_000 // os.sysconf("SC_PAGE_SIZE")
"""Pages that twenty times sixteen answers of 180 kB take up."""


def count(many: int, size: int, **environment: str) -> tuple[int, bool, int]:
    """Counts page faults before and after, and says whether it was set, in a process of its own."""
    given = {name: value for name, value in os.environ.items() if not name.startswith(("MALLOC_", "GLIBC_"))}
    command = [sys.executable, "-c", COUNT, str(many), str(size)]
    run = subprocess.run(command, env=given | environment, capture_output=True, text=True, check=True)  # noqa: S603
    before, kept, after = run.stdout.split()
    return int(before), kept == "True", int(after)


@glibc
def test_long_answers_cost_no_page_faults() -> None:
    before, kept, after = count(16, 180_000)
    assert kept
    assert before > PAGES // 2
    assert after < PAGES // 50


@glibc
def test_the_longest_answers_cost_no_more_than_by_default() -> None:
    before, kept, after = count(2, 2_000_000)
    assert kept
    assert after <= before
    assert after < PAGES // 50


@glibc
@pytest.mark.parametrize(
    "told",
    [
        {"MALLOC_TRIM_THRESHOLD_": "131072"},
        {"MALLOC_MMAP_THRESHOLD_": "131072"},
        {"GLIBC_TUNABLES": "glibc.malloc.trim_threshold=131072"},
    ],
    ids=lambda told: next(iter(told)),
)
def test_what_the_environment_says_stays(told: dict[str, str]) -> None:
    before, kept, after = count(16, 180_000, **told)
    assert not kept
    assert before > PAGES // 2
    assert after > PAGES // 2


def test_what_else_the_environment_tells_the_library_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GLIBC_TUNABLES", "glibc.malloc.arena_max=1")
    assert not allocator_is_told()
