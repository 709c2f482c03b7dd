"""Turns a run's cells into tables of Markdown: ratios to the reference, figures, calls and memory."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median
from typing import Any

Run = dict[str, Any]
Cell = dict[str, Any]
Scenario = tuple[str, int, int]


def markdown(run: Run) -> str:
    """The whole report of one run."""
    return "\n".join(
        line
        for part in (
            head(run),
            _titled("Throughput of {} over each server's: median [least-most]", run, ratios(run, "rate")),
            _titled("CPU per request of each server over {}'s: median [least-most]", run, ratios(run, "cpu_us")),
            _figures(run),
            *([_unanswered(run)] if run["unanswered"] else []),
            _calls(run),
            _memory(run),
            version_line(run),
        )
        for line in (*part, "")
    )


def scenario_name(scenario: Scenario) -> str:
    """Such as `Q1, c=16` or `Q1, c=32, 5 ms upstream`."""
    operation, connections, delay_us = scenario
    return f"{operation}, c={connections}" + (f", {delay_us / 1000:g} ms upstream" if delay_us else "")


def scenarios(run: Run) -> list[Scenario]:
    """The scenarios in the order in which they were first run."""
    return list(dict.fromkeys((cell["operation"], cell["connections"], cell["delay_us"]) for cell in run["cells"]))


def values(run: Run, server: str, scenario: Scenario, figure: str) -> dict[int, float]:
    """One figure of one server in one scenario, by round."""
    return {
        cell["round"]: cell[figure]
        for cell in run["cells"]
        if cell["server"] == server and (cell["operation"], cell["connections"], cell["delay_us"]) == scenario
    }


def ratio(run: Run, server: str, other: str, scenario: Scenario, figure: str) -> list[float]:
    """`server` over `other`, round by round, from the least up; empty where either was not measured."""
    ours, theirs = values(run, server, scenario, figure), values(run, other, scenario, figure)
    return sorted(ours[round_] / theirs[round_] for round_ in ours if round_ in theirs)


def head(run: Run) -> Iterator[str]:
    """When, where and how it was measured."""
    machine, options = run["machine"], run["options"]
    yield f"{run['made']}. {machine['cpus']} x {machine['cpu']}, {machine['memory_mib'] // 1024} GiB, Linux"
    yield f"{machine['kernel']}; load before the run {machine['load_before']}. {options['rounds']} rounds of"
    yield f"{options['duration']} s for each cell, servers in random order; medians over the rounds."


def _titled(title: str, run: Run, lines: Iterator[str]) -> Iterator[str]:
    yield f"### {title.format(run['options']['reference'])}"
    yield ""
    yield from lines


def ratios(run: Run, figure: str, connections: int | None = None) -> Iterator[str]:
    """How the reference stands to each other server, above 1 where it is better; for some connections or all."""
    reference = run["options"]["reference"]
    others = [name for name in run["servers"] if name != reference]
    yield f"| | {' | '.join(others)} |"
    yield "| --- |" + " ---: |" * len(others)
    for scenario in scenarios(run):
        if connections is None or scenario[1] == connections or scenario[2]:
            pairs = ((reference, other) if figure == "rate" else (other, reference) for other in others)
            cells = (_span(ratio(run, *pair, scenario, figure)) for pair in pairs)
            yield f"| {scenario_name(scenario)} | {' | '.join(cells)} |"


def _span(ratios: list[float]) -> str:
    if not ratios:
        return ""
    middle = median(ratios)
    digits = 1 if middle >= 10 else 2
    if len(ratios) == 1:
        return f"{middle:.{digits}f}"
    return f"**{middle:.{digits}f}** [{ratios[0]:.{digits}f}-{ratios[-1]:.{digits}f}]"


def _figures(run: Run) -> Iterator[str]:
    yield "### Requests per second · p50 / p99 ms · CPU us per request"
    yield ""
    yield f"| | {' | '.join(run['servers'])} |"
    yield "| --- |" + " --- |" * len(run["servers"])
    for scenario in scenarios(run):
        yield f"| {scenario_name(scenario)} | {' | '.join(_figure(run, name, scenario) for name in run['servers'])} |"


def _figure(run: Run, server: str, scenario: Scenario) -> str:
    rate, p50, p99, cpu = (
        list(values(run, server, scenario, figure).values()) for figure in ("rate", "p50_ms", "p99_ms", "cpu_us")
    )
    if not rate:
        return ""
    return f"{median(rate):.0f} · {median(p50):.2f} / {median(p99):.2f} · {median(cpu):.0f}"


def _unanswered(run: Run) -> Iterator[str]:
    yield "### No answer within the time"
    yield ""
    for cell in run["unanswered"]:
        scenario = cell["operation"], cell["connections"], cell["delay_us"]
        yield f"- {cell['server']}: {scenario_name(scenario)}, round {cell['round'] + 1}"


def _calls(run: Run) -> Iterator[str]:
    operations = list(dict.fromkeys(name for calls in run["calls"].values() for name in calls))
    yield "### Upstream calls for one request"
    yield ""
    yield f"| | {' | '.join(operations)} |"
    yield "| --- |" + " ---: |" * len(operations)
    for server, calls in run["calls"].items():
        yield f"| {server} | {' | '.join(str(calls.get(name, '')) for name in operations)} |"


def _memory(run: Run) -> Iterator[str]:
    yield "### Memory, MiB, and seconds to the first answer"
    yield ""
    yield "| | at start | at the end | peak | start |"
    yield "| --- | ---: | ---: | ---: | ---: |"
    for server, told in run["servers"].items():
        yield f"| {server} | {told['rss_start']} | {told['rss_end']} | {told['rss_peak']} | {told['start_seconds']} |"


def version_line(run: Run) -> Iterator[str]:
    """What was measured."""
    yield "Versions: " + ", ".join(f"{name} {version}" for name, version in run["versions"].items()) + "."
