"""What a run found: figures, each with the bound that it has to keep."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field

Progress = Callable[[str], None]


def silent(_text: str) -> None:
    """Tells nobody."""


@dataclass(frozen=True)
class Figure:
    """One figure. `most` and `least` are the bounds; None: it is told, and nothing hangs on it."""

    name: str
    value: float
    most: float | None = None
    least: float | None = None

    @property
    def holds(self) -> bool:
        return (self.most is None or self.value <= self.most) and (self.least is None or self.value >= self.least)

    def __str__(self) -> str:
        bound = "" if self.most is None else f" (at most {self.most:g})"
        bound += "" if self.least is None else f" (at least {self.least:g})"
        return f"{self.name}: {self.value:g}{bound}{'' if self.holds else '  <-- does not hold'}"


@dataclass
class Report:
    """All figures of one run, and what was seen where one does not hold."""

    title: str
    figures: list[Figure] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, name: str, value: float, *, most: float | None = None, least: float | None = None) -> None:
        self.figures.append(Figure(name, value, most, least))

    def none(self, name: str, found: Iterable[object]) -> None:
        """A figure that must be 0: how many were found."""
        seen = [str(item) for item in found]
        self.add(name, len(seen), most=0)
        self.notes += [f"{name}: {item}" for item in seen[:5]]

    @property
    def failures(self) -> list[str]:
        return [str(figure) for figure in self.figures if not figure.holds] + self.notes

    def __str__(self) -> str:
        return "\n".join([self.title, *(f"  {figure}" for figure in self.figures), *(f"    {n}" for n in self.notes)])


async def side_by_side(work: Iterable[Awaitable[None]], at_once: int, progress: Progress, what: str) -> None:
    """Does all the work, so much at once; tells how far it is every thousand."""
    gate, done = asyncio.Semaphore(at_once), 0

    async def one(piece: Awaitable[None]) -> None:
        nonlocal done
        try:
            await piece
        finally:
            gate.release()
            done += 1
            if not done % 1000:
                progress(f"{done} {what}")

    async with asyncio.TaskGroup() as group:
        for piece in work:
            await gate.acquire()
            group.create_task(one(piece))


def percentile(values: list[float], share: float) -> float:
    """The value that this share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]
