"""Chance that repeats itself."""

from __future__ import annotations

from random import Random


def chance_of(*about: object) -> Random:
    """Gives the chances of a matter: the same ones every time."""
    return Random(" ".join(map(str, about)))  # noqa: S311 - nothing is secret here
