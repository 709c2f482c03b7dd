"""Reports for a frontend's CI, and the table of limits."""

from __future__ import annotations

import pytest

from custgraph.config import Settings
from custgraph.execution import InvalidDocument, Meter, OperationReport, limit_table
from support.shop import blueprint_with

PAGED = "query Paged($n: Int, $ids: [ID!]!) { page(first: $n) { items { id } } items(ids: $ids) { id } }"


def meter(**settings: int) -> Meter:
    return Meter(blueprint_with(steps=True), Settings(**settings))  # type: ignore[arg-type]  # names of settings


def figures(report: OperationReport) -> dict[str, int]:
    return {measure.name: measure.value for measure in report.measures}


def test_each_operation_is_measured_beside_the_limits() -> None:
    text = 'query A { a: __typename } mutation B { add(name: "x") { problem } }'
    first, second = meter().measure(text)
    assert (first.name, first.kind, second.name, second.kind) == ("A", "query", "B", "mutation")
    assert figures(first) == {
        "depth": 1,
        "aliases": 1,
        "root fields": 1,
        "directives": 0,
        "fields": 1,
        "cost": 1,
        "upstream calls": 0,
    }
    assert (figures(second)["cost"], figures(second)["upstream calls"]) == (11, 2)
    settings = Settings()
    assert {measure.setting: measure.maximum for measure in first.measures} == {
        "CUSTGRAPH_MAX_DEPTH": settings.max_depth,
        "CUSTGRAPH_MAX_ALIASES": settings.max_aliases,
        "CUSTGRAPH_MAX_ROOT_FIELDS": settings.max_root_fields,
        "CUSTGRAPH_MAX_DIRECTIVES": settings.max_directives,
        "CUSTGRAPH_MAX_FIELDS": settings.max_fields,
        "CUSTGRAPH_MAX_COST": settings.max_cost,
        "CUSTGRAPH_MAX_UPSTREAM_CALLS": settings.max_upstream_calls,
    }
    assert not first.refused


@pytest.mark.parametrize(
    ("bounds", "cost"),
    [
        (None, 1 + 1 + 100 + 50),  # the most that the arguments take
        ({"n": 10}, 1 + 1 + 10 + 50),
        ({"n": 10, "ids": 3}, 1 + 1 + 10 + 3),
        ({"n": 10_000, "ids": 10_000}, 1 + 1 + 100 + 50),
        ({"unknown": 1}, 1 + 1 + 100 + 50),
    ],
)
def test_variables_count_as_much_as_they_may_be(bounds: dict[str, int] | None, cost: int) -> None:
    (report,) = meter().measure(PAGED, bounds)
    assert figures(report)["cost"] == cost


def test_what_passes_a_limit_would_be_refused() -> None:
    (report,) = meter(max_cost=100).measure(PAGED)
    assert report.refused
    assert [measure.name for measure in report.measures if measure.passed] == ["cost"]
    assert not meter(max_cost=100).measure(PAGED, {"n": 5, "ids": 5})[0].refused


def test_a_document_that_can_never_run_says_why() -> None:
    with pytest.raises(InvalidDocument, match="Cannot query field 'nothing'") as caught:
        meter().measure("{\n  nothing\n}")
    assert caught.value.faults[0].locations[0].line == 2
    with pytest.raises(InvalidDocument, match="Syntax Error"):
        meter().measure("{")
    with pytest.raises(InvalidDocument, match="tokens 6, where 5 is the limit"):
        meter(max_tokens=5).measure("{ a: __typename b: __typename }")


def test_all_limits_are_listed_with_their_values() -> None:
    settings = Settings(max_depth=7)
    rows = {row.setting: row for row in limit_table(settings)}
    assert rows["CUSTGRAPH_MAX_DEPTH"].value == 7
    assert rows["CUSTGRAPH_RATE_LIMIT"].value is None
    assert all(row.description for row in rows.values())
    limits = {name for name in Settings.model_fields if name.startswith("max_")}
    assert {f"CUSTGRAPH_{name.upper()}" for name in limits} <= set(rows)
