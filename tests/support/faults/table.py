"""Writes `docs/faults.md` from the expectations that the tests go by."""

from __future__ import annotations

from support.faults.catalogue.bodies import BODIES
from support.faults.catalogue.connections import CONNECTIONS
from support.faults.catalogue.framing import FRAMING
from support.faults.catalogue.statuses import STATUSES
from support.faults.endpoints import ENDPOINTS
from support.faults.expectations import EXPECTED, OVER_HTTPX, Expected
from support.faults.judge import UNKNOWN

_INTRO = """\
# What the gateway answers when the upstream misbehaves

Made from the tests (`make faults-table`); a test holds it current. [reliability.md](reliability.md) tells what the
codes mean and when it is safe to try again.

- A code stands for a field that is null, with an error of that `extensions.code`. The other fields of the operation
  keep their data; so do the other ids of a `customersByIds`, and the other rows of a list.
- "asked again": the read is sent once more, within the retry budget; if that goes well, it gives its data.
- "settled": a write that may have been applied is followed by one read. It answers its result if that read shows the
  change, and `MUTATION_OUTCOME_UNKNOWN` if not. No write is ever sent twice.
- "refused": nothing was applied.
"""

_HEAD = ("| Fault | A read answers | A write answers |", "| --- | --- | --- |")
_SECTIONS = (
    ("The upstream cannot be reached: it …", [(name, title) for name, (title, _) in ENDPOINTS.items()]),
    ("The connection: the upstream …", [(fault.name, fault.title) for fault in CONNECTIONS]),
    ("The status: the upstream …", [(fault.name, fault.title) for fault in STATUSES]),
    ("The body: the upstream …", [(fault.name, fault.title) for fault in BODIES]),
    ("The framing: the upstream …", [(fault.name, fault.title) for fault in FRAMING]),
)


def render() -> str:
    """Gives the whole file."""
    parts = [_INTRO]
    for heading, faults in _SECTIONS:
        rows = [f"| {title} | {_read(EXPECTED[name])} | {_write(EXPECTED[name])} |" for name, title in faults]
        parts.append("\n".join([f"## {heading}\n", *_HEAD, *rows, ""]))
    titles = {name: title for _, faults in _SECTIONS for name, title in faults}
    over_httpx = "; ".join(
        f"an upstream that {titles[name]} gives {_read(expected)}" for name, expected in OVER_HTTPX.items()
    )
    parts.append(f"With `CUSTGRAPH_UPSTREAM_WIRE=httpx` all is the same, but {over_httpx} on reads.\n")
    return "\n".join(parts)


def _read(expected: Expected) -> str:
    words = [f"asked again, then {_words(expected.customer)}" if expected.again else _words(expected.customer)]
    if expected.list == expected.by_ids != expected.customer:
        words.append(f"lists: {_words(expected.list)}")
    elif expected.list != expected.customer:
        words += [f"a list: {_words(expected.list)}", f"by ids: {_words(expected.by_ids)}"]
    return "; ".join(words)


def _words(outcome: str) -> str:
    if outcome == "null":
        return "null"
    return ", ".join(
        {"data": "the data", "data but one": "the page without the row"}.get(part, f"`{part}`")
        for part in outcome.split(", ")
    )


def _write(expected: Expected) -> str:
    if not expected.failed:
        return "the result"
    if expected.failed == UNKNOWN:
        return f"settled: the result, or `{UNKNOWN}`"
    words = [_refusal(expected.failed)]
    if expected.delete != expected.failed:
        words.append(f"delete: {_refusal(expected.delete)}")
    return "refused: " + "; ".join(words)


def _refusal(outcome: str) -> str:
    return f"`userErrors` with `{outcome.removeprefix('userErrors ')}`" if " " in outcome else f"`{outcome}`"
