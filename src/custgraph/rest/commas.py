"""Counts commas. Where the package is compiled, `commas.c` takes this module's place and needs a tenth of the time."""

from __future__ import annotations


def count_commas(text: bytes) -> int:
    """Counts the commas of a text.

    Raises:
        TypeError: it is not bytes.
    """
    if not isinstance(text, bytes):
        raise TypeError("count_commas takes bytes")
    return text.count(b",")
