"""Reports for people and their CI: what a document may cost, and which limits there are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from custgraph.config import Settings
from custgraph.execution.limits.amounts import CEILING
from custgraph.execution.limits.check import PREFIX, Limits
from custgraph.execution.limits.measure import Measures


@dataclass(frozen=True, slots=True)
class Measured:
    """One measure of an operation beside its limit.

    Attributes:
        name: what was measured, such as `upstream calls`.
        value: the measure; an upper bound.
        maximum: the limit.
        setting: the environment variable that sets the limit.
    """

    name: str
    value: int
    maximum: int
    setting: str

    @property
    def passed(self) -> bool:
        """Whether the limit is passed, so that the operation would be refused."""
        return self.value > self.maximum


@dataclass(frozen=True, slots=True)
class OperationReport:
    """What one operation asks for.

    Attributes:
        name: its name, if it has one.
        kind: `query` or `mutation`.
        measures: depth, aliases, root fields, directives, fields, cost and upstream calls, in this order.
    """

    name: str | None
    kind: str
    measures: tuple[Measured, ...]

    @property
    def refused(self) -> bool:
        """Whether a limit is passed."""
        return any(measure.passed for measure in self.measures)


def report_operation(
    name: str | None, kind: str, measures: Measures, variables: Mapping[str, int], limits: Limits
) -> OperationReport:
    """Puts an operation's measures beside the limits.

    Args:
        name: the operation's name.
        kind: query or mutation.
        measures: what it asks for.
        variables: upper bounds of variables that list sizes come from: a number, or the length of a list. One that is
            not told counts as large as its argument takes.
        limits: the limits.
    """
    told = {variable: CEILING for size in measures.amounts.sizes for variable in size.variables}
    told.update(variables)
    cost, calls = measures.amounts.compute(told)
    rows = (
        (limits.depth, measures.depth),
        (limits.aliases, measures.aliases),
        (limits.root_fields, measures.root_fields),
        (limits.directives, measures.directives),
        (limits.fields, measures.fields),
        (limits.cost, cost),
        (limits.calls, calls),
    )
    return OperationReport(
        name, kind, tuple(Measured(limit.name, value, limit.maximum, limit.setting) for limit, value in rows)
    )


@dataclass(frozen=True, slots=True)
class LimitRow:
    """One limit of the table.

    Attributes:
        group: what it limits: a document, an operation, a request, the upstream leg, or what is kept.
        setting: the environment variable that sets it.
        value: what is in force; None: no limit.
        description: what it means.
    """

    group: str
    setting: str
    value: int | float | None
    description: str


_TABLE: Final[Mapping[str, tuple[str, ...]]] = {
    "document": ("max_source_bytes", "max_tokens", "max_comments"),
    "operation": (
        "max_depth",
        "max_aliases",
        "max_root_fields",
        "max_directives",
        "max_fields",
        "max_cost",
        "max_upstream_calls",
        "max_representations",
    ),
    "request": (
        "max_body_bytes",
        "max_header_bytes",
        "max_headers",
        "max_url_bytes",
        "max_batch",
        "body_timeout",
        "query_deadline",
        "mutation_deadline",
        "max_in_flight",
        "max_loop_lag",
        "rate_limit",
    ),
    "upstream": (
        "connect_timeout",
        "pool_timeout",
        "write_timeout",
        "attempt_timeout",
        "upstream_concurrency",
        "credential_concurrency",
        "upstream_queue",
        "retry_budget",
        "max_answer_bytes",
        "max_answer_header_bytes",
    ),
    "memory": (
        "document_cache",
        "document_cache_tokens",
        "persisted_query_cache",
        "persisted_query_cache_bytes",
    ),
}


def limit_table(settings: Settings) -> tuple[LimitRow, ...]:
    """Lists all limits in force."""
    return tuple(
        LimitRow(
            group,
            PREFIX + setting.upper(),
            getattr(settings, setting),
            Settings.model_fields[setting].description or "",
        )
        for group, names in _TABLE.items()
        for setting in names
    )
