"""What libraries are told through the environment: by the supervisor of several workers, and by whoever runs them."""

from __future__ import annotations

import os
from pathlib import Path

ALLOCATOR = ("MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_")
"""Variables that tell glibc how long to keep freed memory."""
TUNABLES = ("glibc.malloc.trim_threshold", "glibc.malloc.mmap_threshold")
"""The same within `GLIBC_TUNABLES`."""


def share_metrics(folder: Path) -> None:
    """Makes the processes that are started from now on count into one folder, as prometheus-client wants to be told."""
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)


def allocator_is_told() -> bool:
    """Whether the environment tells the C library how long to keep freed memory."""
    tunables = os.environ.get("GLIBC_TUNABLES", "")
    return any(name in os.environ for name in ALLOCATOR) or any(name in tunables for name in TUNABLES)
