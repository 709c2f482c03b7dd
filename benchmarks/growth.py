#!/usr/bin/env python3
"""Measures how the cost of a request grows: with rows, fields, concurrency and document size. Draws one plot of each.

Stores benchmarks/results/growth.json and draws docs/performance/*.svg; `--redraw` draws from the stored figures alone.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median
from typing import Any

from harness import machine
from harness.load import NoAnswer, load, write_requests
from harness.operations import ADDRESS, ALL_FIELDS, CUSTOMERS, ENTERPRISES, SCALARS, Operation, all_operations
from harness.paths import PROJECT, RESULTS
from harness.processes import Fleet
from harness.servers import all_servers, missing, versions

SERVERS = "custgraph,mercurius-jit,yoga,strawberry"
STORE = RESULTS / "growth.json"
PLOTS = PROJECT / "docs" / "performance"
NEW_DOCUMENTS = 8000
"""More different documents than a server answers in one cell, so that each one is new."""


@dataclass(frozen=True)
class Point:
    """One point of a sweep: an operation at `x`, under so many connections."""

    sweep: str
    x: int
    operation: Operation
    connections: int = 8


@dataclass(frozen=True)
class Plot:
    """What a plot shows: one figure of the cells of a sweep on `y`, over what `x` counts."""

    sweep: str
    title: str
    x: str
    y: str = "CPU per request, us"
    figure: str = "cpu_us"


PLOT = {
    "rows": Plot("rows", "Rows: a list, all fields", "rows"),
    "fields": Plot("fields", "Fields: a list of 50", "leaf fields of each row"),
    "concurrency": Plot(
        "concurrency", "Concurrency: one customer, 5 fields", "connections", "requests per second", "rate"
    ),
    "latency": Plot("concurrency", "Concurrency: one customer, 5 fields", "connections", "p99, ms", "p99_ms"),
    "known-documents": Plot("known-documents", "Document size, a document seen before", "fields in the document"),
    "new-documents": Plot("new-documents", "Document size, a document never seen", "fields in the document"),
}


def main() -> int:
    """Measures and draws, or only draws."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--servers", default=SERVERS)
    parser.add_argument("--sweeps", default=",".join({plot.sweep: None for plot in PLOT.values()}))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--redraw", action="store_true")
    options = parser.parse_args()
    if not options.redraw:
        measured = _measure(options.servers.split(","), options.sweeps.split(","), options.rounds)
        STORE.write_text(json.dumps(measured, indent=1) + "\n")
    _draw(json.loads(STORE.read_text()))
    return 0


def _points(round_: int) -> Iterator[Point]:
    enterprises = [{"e": str(e)} for e in range(1, ENTERPRISES + 1)]
    for rows in (1, 5, 10, 20, 50, 100, 150, 200):
        yield Point("rows", rows, _list(f"rows-{rows}", rows, ALL_FIELDS, enterprises))
    # Nine scalars first, then two addresses of thirteen leaf fields each.
    scalars = ("id", *SCALARS)
    addresses = (f"billingAddress {ADDRESS}", f"billingAddress {ADDRESS} shippingAddress {ADDRESS}")
    for count in (1, 3, 6, 9):
        yield Point("fields", count, _list(f"fields-{count}", 50, " ".join(scalars[:count]), enterprises))
    for count, address in zip((22, 35), addresses, strict=True):
        yield Point("fields", count, _list(f"fields-{count}", 50, f"{' '.join(scalars)} {address}", enterprises))
    one = all_operations()["Q1"]
    for connections in (1, 2, 4, 8, 16, 32, 64, 128):
        yield Point("concurrency", connections, one, connections)
    for fields in (5, 25, 50, 100, 200, 400):
        yield Point("known-documents", fields, _repeated(f"known-{fields}", fields, ("K",)))
        names = tuple(f"N{round_ + 1}x{n}" for n in range(NEW_DOCUMENTS))
        yield Point("new-documents", fields, _repeated(f"new-{fields}", fields, names))


def _list(name: str, rows: int, fields: str, enterprises: list[dict[str, Any]]) -> Operation:
    document = f"query L($e: ID!) {{ customers(enterpriseId: $e, first: {rows}) {{ nodes {{ {fields} }} }} }}"
    return Operation(name, "", (document,), tuple(enterprises))


def _repeated(name: str, fields: int, names: tuple[str, ...]) -> Operation:
    """The same few fields again and again, which merge: the document grows and the answer does not."""
    some = ("id", "firstName", "lastName", "email", "code")
    repeated = " ".join(some[i % len(some)] for i in range(fields))
    documents = tuple(f"query {name}($id: ID!) {{ customer(id: $id) {{ {repeated} }} }}" for name in names)
    rng = random.Random(fields)
    return Operation(name, "", documents, tuple({"id": str(rng.randint(1, CUSTOMERS))} for _ in range(200)))


def _measure(names: list[str], sweeps: list[str], rounds: int) -> dict[str, Any]:
    servers = [all_servers()[name] for name in names if not missing(all_servers()[name])]
    described = machine.describe()
    cells, unanswered = [], []
    with Fleet(servers) as fleet:
        for round_ in range(-1, rounds):
            for point in _points(round_):
                if point.sweep not in sweeps:
                    continue
                file = write_requests(point.operation, "graphql")
                assert file is not None
                for name in random.sample(list(fleet.running), len(fleet.running)):
                    try:
                        with fleet.alone(name) as running:
                            # The round before the first warms up, and reads every answer.
                            cell = load(running, file, point.connections, 1, check=round_ < 0)
                    except NoAnswer as error:
                        unanswered.append(str(error))
                        continue
                    if round_ >= 0:
                        cells.append({"sweep": point.sweep, "x": point.x, "server": name, **cell})
            print(f"round {round_ + 1} of {rounds} done", file=sys.stderr, flush=True)
    return {
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": described,
        "rounds": rounds,
        "versions": versions(servers),
        "cells": cells,
        "unanswered": unanswered,
    }


def _draw(measured: dict[str, Any]) -> None:
    import matplotlib as mpl  # only drawing needs it

    mpl.use("svg")
    mpl.rcParams.update({"svg.hashsalt": "custgraph", "svg.fonttype": "none", "font.size": 9})
    mpl.rcParams.update({"axes.spines.top": False, "axes.spines.right": False})
    from matplotlib import pyplot, ticker  # after the backend is chosen

    PLOTS.mkdir(parents=True, exist_ok=True)
    for name, plot in PLOT.items():
        lines = _lines(measured, plot)
        if not lines:
            continue
        figure, axes = pyplot.subplots(figsize=(5.6, 3.4), layout="constrained")
        for server, line in lines.items():
            axes.plot(*zip(*sorted(line.items()), strict=True), marker="o", markersize=3, label=server)
        axes.set(title=plot.title, xlabel=plot.x, ylabel=plot.y, xscale="log", yscale="log")
        ticks = sorted({x for line in lines.values() for x in line})
        axes.set_xticks(ticks, [str(tick) for tick in ticks])
        axes.yaxis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_major_formatter(ticker.StrMethodFormatter("{x:g}"))
        axes.minorticks_off()
        axes.grid(visible=True, alpha=0.25)
        axes.legend(frameon=False)
        figure.savefig(PLOTS / f"{name}.svg", metadata={"Date": None})
        pyplot.close(figure)


def _lines(measured: dict[str, Any], plot: Plot) -> dict[str, dict[int, float]]:
    """Medians over the rounds by server and x."""
    found: dict[str, dict[int, list[float]]] = {}
    for cell in measured["cells"]:
        if cell["sweep"] == plot.sweep:
            found.setdefault(cell["server"], {}).setdefault(cell["x"], []).append(cell[plot.figure])
    return {server: {x: median(values) for x, values in line.items()} for server, line in found.items()}


if __name__ == "__main__":
    sys.exit(main())
