"""Has the C library keep the memory that long answers take and give back, for the next of them."""

from __future__ import annotations

import ctypes

from custgraph.config import allocator_is_told

# The parameters of mallopt(3), as glibc's malloc.h numbers them.
_TRIM_THRESHOLD = -1
_MMAP_THRESHOLD = -3

KEPT = 8 * 2**20
"""Bytes that may lie free at a heap's end before they go back to the system."""
MAPPED = 4 * 2**20
"""Blocks of so many bytes are taken from the system one by one, and given back at once."""


def keep_freed_memory() -> bool:
    """Sets glibc's thresholds, unless the environment does; by default each long answer costs dozens of page faults.

    Returns:
        whether they are set now: other C libraries have no such thing, and are left as they are.
    """
    if allocator_is_told():
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, TypeError, AttributeError):
        return False
    return bool(mallopt(_MMAP_THRESHOLD, MAPPED)) and bool(mallopt(_TRIM_THRESHOLD, KEPT))
