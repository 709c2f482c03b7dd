"""Memory that long answers give back is kept for the next ones."""

from __future__ import annotations

import os
import platform
import subprocess
import sys

import pytest

from custgraph.config.libraries import ALLOCATOR

pytestmark = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has these thresholds")

COUNT = """
import resource
from custgraph.cli.allocator import keep_freed_memory

def take_and_give_back():
    answers = [b"x" * 180_000 for _ in range(16)]
    del answers

def faults():
    take_and_give_back()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(20):
        take_and_give_back()
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

print(faults(), keep_freed_memory(), faults())
"""


def count(**environment: str) -> tuple[int, bool, int]:
    """Counts page faults before and after, and says whether it was set, in a process of its own."""
    given = {name: value for name, value in os.environ.items() if name not in ALLOCATOR} | environment
    run = subprocess.run([sys.executable, "-c", COUNT], env=given, capture_output=True, text=True, check=True)  # noqa: S603
    before, kept, after = run.stdout.split()
    return int(before), kept == "True", int(after)


def test_long_answers_cost_no_page_faults() -> None:
    before, kept, after = count()
    assert kept
    assert before > 1_000
    assert after < 100


def test_what_the_environment_says_stays() -> None:
    before, kept, after = count(MALLOC_TRIM_THRESHOLD_="131072")
    assert not kept
    assert before > 1_000
    assert after > 1_000
