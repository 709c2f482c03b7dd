"""The limits on what one operation may ask for, and how a refusal says which one was passed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from custgraph.config import Settings
from custgraph.errors import QueryTooComplex
from custgraph.execution.faults import Fault
from custgraph.execution.limits.measure import Measures

PREFIX: Final = "CUSTGRAPH_"


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit.

    Attributes:
        name: what is limited.
        setting: the environment variable that sets it.
        maximum: the most that is let through.
    """

    name: str
    setting: str
    maximum: int

    def fault(self, measured: int) -> Fault:
        """Says that the limit was passed."""
        return Fault(
            f"The operation is too complex: {self.name} {measured}, where {self.maximum} is the limit.",
            QueryTooComplex.code,
            extensions={"limit": self.maximum, "measured": measured, "setting": self.setting},
        )


class Limits:
    """All limits on documents and operations."""

    def __init__(self, settings: Settings) -> None:
        def limit(name: str, setting: str) -> Limit:
            return Limit(name, PREFIX + setting.upper(), getattr(settings, setting))

        self.source = limit("source bytes", "max_source_bytes")
        self.tokens = limit("tokens", "max_tokens")
        self.comments = limit("comments", "max_comments")
        self.depth = limit("depth", "max_depth")
        self.aliases = limit("aliases", "max_aliases")
        self.root_fields = limit("root fields", "max_root_fields")
        self.directives = limit("directives", "max_directives")
        self.fields = limit("fields", "max_fields")
        self.cost = limit("cost", "max_cost")
        self.calls = limit("upstream calls", "max_upstream_calls")

    def passed_by(self, measures: Measures) -> tuple[Fault, ...]:
        """Names the limits that an operation passes whatever its variables are."""
        measured = (
            (self.depth, measures.depth),
            (self.aliases, measures.aliases),
            (self.root_fields, measures.root_fields),
            (self.directives, measures.directives),
            (self.fields, measures.fields),
        )
        return tuple(_faults(measured))

    def passed_by_amounts(self, cost: int, calls: int) -> tuple[Fault, ...]:
        """Names the limits that an operation's amounts pass."""
        if cost <= self.cost.maximum and calls <= self.calls.maximum:
            return ()
        return tuple(_faults(((self.cost, cost), (self.calls, calls))))


def _faults(measured: tuple[tuple[Limit, int], ...]) -> Iterator[Fault]:
    for limit, value in measured:
        if value > limit.maximum:
            yield limit.fault(value)
