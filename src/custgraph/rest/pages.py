"""Holds the rows of a list against what was asked for: no row is used that cannot be an answer."""

from __future__ import annotations

import operator
from collections.abc import Collection

import msgspec

from custgraph.rest.params import ListQuery
from custgraph.rest.records import Customer
from custgraph.rest.resources import Rows


class Examined(msgspec.Struct, frozen=True, gc=False):
    """The rows of one answer, sorted out.

    Attributes:
        kept: rows that may be used, each id once.
        bad: places of rows that are unsound or another enterprise's.
        strays: places of rows that the search conditions rule out: the upstream ignored them, or is at fault.
        foreign: how many of the bad ones are another enterprise's.
    """

    kept: list[Customer]
    bad: list[int]
    strays: list[int]
    foreign: int = 0


def examine(rows: Rows, query: ListQuery) -> Examined:
    """Sorts out the rows of a list call."""
    low, high, wanted = _bounds(query)
    if rows.sound and wanted is None:
        ids = [customer.id for customer in rows.records]  # type: ignore[union-attr]  # sound rows are all there
        if _fits(ids, low, high, descending=query.descending) and _is_of(rows.records, query.enterprise_id):
            return Examined(rows.records, [], [])  # type: ignore[arg-type]  # the same
    examined = _examine_each(rows, query.enterprise_id, low, high, wanted)
    kept = examined.kept
    if (query.descending or low or high) and not _in_order([row.id for row in kept], descending=query.descending):
        return Examined([], examined.bad, list(range(len(rows.records))), examined.foreign)
    return examined


def examine_by_ids(rows: Rows, ids: Collection[int]) -> Examined:
    """Sorts out the rows of a by-id call."""
    return _examine_each(rows, None, 0, 0, ids)


def _bounds(query: ListQuery) -> tuple[int, int, Collection[int] | None]:
    """Reads the conditions on `id`: above, below (0: none), among."""
    low = high = 0
    wanted: Collection[int] | None = None
    for condition in query.conditions:
        if condition.attribute == "id":
            ids = [int(value) for value in condition.values]
            match condition.predicate:
                case "gt":
                    low = ids[0]
                case "lt":
                    high = ids[0]
                case "eq" | "in":
                    wanted = set(ids) if wanted is None else set(ids) & set(wanted)
    return low, high, wanted


def _fits(ids: list[int], low: int, high: int, *, descending: bool) -> bool:
    if not ids:
        return True
    if not _in_order(ids, descending=descending):
        return False
    least, most = (ids[-1], ids[0]) if descending else (ids[0], ids[-1])
    return least > low and (not high or most < high)


def _in_order(ids: list[int], *, descending: bool) -> bool:
    return all(map(operator.gt if descending else operator.lt, ids, ids[1:]))


def _is_of(records: list[Customer | None], enterprise_id: int | None) -> bool:
    return enterprise_id is None or all(row.enterprise_id == enterprise_id for row in records)  # type: ignore[union-attr]


def _examine_each(
    rows: Rows, enterprise_id: int | None, low: int, high: int, wanted: Collection[int] | None
) -> Examined:
    kept: dict[int, Customer] = {}
    bad: list[int] = []
    strays: list[int] = []
    foreign = 0
    for place, row in enumerate(rows.records):
        if row is None:
            bad.append(place)
        elif row.id <= low or (high and row.id >= high) or (wanted is not None and row.id not in wanted):
            strays.append(place)
        elif enterprise_id is not None and row.enterprise_id != enterprise_id:
            bad.append(place)
            foreign += 1
        else:
            kept.setdefault(row.id, row)
    return Examined(list(kept.values()), bad, strays, foreign)
