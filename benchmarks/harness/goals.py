"""What the gateway is meant to reach, and how a run stands to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median

from harness.report import Run, Scenario, ratio, scenarios, values

REST_PROXY = "proxy-native"
PEERS = ("mercurius-jit", "mercurius", "yoga", "apollo", "tailcall", "strawberry", "ariadne")


@dataclass(frozen=True)
class Goal:
    """One line of the goals' table; `figure` is None where the run did not measure it."""

    title: str
    figure: Callable[[Run], float | None]
    floor: float
    goal: float
    at_most: bool = False


def _over(other: str, scenario: Scenario) -> Callable[[Run], float | None]:
    def figure(run: Run) -> float | None:
        ratios = ratio(run, "custgraph", other, scenario, "rate")
        return median(ratios) if ratios else None

    return figure


def _over_best_peer(scenario: Scenario) -> Callable[[Run], float | None]:
    def figure(run: Run) -> float | None:
        ratios = [ratio(run, "custgraph", peer, scenario, "rate") for peer in PEERS]
        return min((median(one) for one in ratios if one), default=None)

    return figure


def _tail(run: Run) -> float | None:
    """The worst p99 / p50 at c=16 of all operations."""
    found = []
    for scenario in scenarios(run):
        if scenario[1:] == (16, 0):
            p50, p99 = (values(run, "custgraph", scenario, figure) for figure in ("p50_ms", "p99_ms"))
            found += [median(p99[round_] / p50[round_] for round_ in p50)] if p50 else []
    return max(found, default=None)


GOALS = (
    Goal("Q1 over Mercurius with jit", _over("mercurius-jit", ("Q1", 16, 0)), 1.0, 1.2),
    Goal("Q1 over Tailcall", _over("tailcall", ("Q1", 16, 0)), 1.0, 1.1),
    Goal("Q2 over Mercurius with jit", _over("mercurius-jit", ("Q2", 16, 0)), 1.2, 1.5),
    Goal("Q3 over Mercurius with jit", _over("mercurius-jit", ("Q3", 16, 0)), 1.5, 2.0),
    Goal("Q4 over Mercurius with jit", _over("mercurius-jit", ("Q4", 16, 0)), 2.0, 3.0),
    Goal("Q5 over Mercurius with jit", _over("mercurius-jit", ("Q5", 16, 0)), 0.6, 0.9),
    Goal("Q5 over Strawberry behind its own view", _over("strawberry", ("Q5", 16, 0)), 2.5, 2.5),
    Goal("Q1 over a pass-through proxy with the same client", _over(REST_PROXY, ("Q1", 16, 0)), 0.7, 1.0),
    Goal("Q1 over the best peer, 5 ms upstream, c=32", _over_best_peer(("Q1", 32, 5000)), 0.95, 1.0),
    Goal("Q1 over plain Strawberry", _over("strawberry", ("Q1", 16, 0)), 25, 25),
    Goal("Q2 over plain Strawberry", _over("strawberry", ("Q2", 16, 0)), 25, 25),
    Goal("Q3 over plain Strawberry", _over("strawberry", ("Q3", 16, 0)), 25, 25),
    Goal("Q4 over plain Strawberry", _over("strawberry", ("Q4", 16, 0)), 25, 25),
    Goal("p99 / p50, the worst operation at c=16", _tail, 4, 3, at_most=True),
)


def table(run: Run) -> Iterator[str]:
    """The goals, what the run measured, and whether it is enough, as lines of Markdown."""
    yield "| | floor | goal | measured | |"
    yield "| --- | ---: | ---: | ---: | --- |"
    for goal in GOALS:
        sign = "<=" if goal.at_most else ">="
        measured = goal.figure(run)
        told = "" if measured is None else f"{measured:.2f}"
        limits = f"{sign} {goal.floor:g} | {sign} {goal.goal:g}"
        yield f"| {goal.title} | {limits} | {told} | {_verdict(goal, measured)} |"


def _verdict(goal: Goal, measured: float | None) -> str:
    if measured is None:
        return "not measured"
    sign = -1 if goal.at_most else 1
    if sign * measured < sign * goal.floor:
        return "**below the floor**"
    return "above the floor" if sign * measured < sign * goal.goal else "reached"
