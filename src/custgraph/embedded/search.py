"""Search conditions and sorting in Ransack's language: `q[ATTRIBUTE_PREDICATE]=VALUE` and `q[s]=ATTRIBUTE desc`.

As with Ransack, a condition that is not understood, or that has no value, is ignored without a word.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import reduce
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_

from .errors import Crash
from .params import Value, to_i
from .tables import customers

Column = ColumnElement[Any]
Clause = ColumnElement[bool]

_ATTRIBUTES: dict[str, Column] = {
    name: customers.c[name] for name in ("id", "first_name", "last_name", "email", "code")
}
_JOIN = re.compile("_(or|and)_")
_TRUE = frozenset({"1", "t", "T", "true", "TRUE"})
_FALSE = frozenset({"0", "f", "F", "false", "FALSE"})


def fold(text: str | None) -> str | None:
    """What "in any case" means here; also known to the database. By character, so that a part folds like the whole."""
    if text is None or text.isascii():
        return text and text.lower()
    return "".join(map(str.lower, text))


def _contains(column: Column, text: str) -> Clause:
    return func.instr(func.fold(column), fold(text)) > 0


def _starts(column: Column, text: str) -> Clause:
    folded = fold(text) or ""
    return func.substr(func.fold(column), 1, len(folded)) == folded


def _ends(column: Column, text: str) -> Clause:
    folded = fold(text) or ""
    return func.substr(func.fold(column), -len(folded)) == folded


def _matches(column: Column, pattern: str) -> Clause:
    return func.fold(column).like(fold(pattern), escape="\\")


def _present(column: Column) -> Clause:
    return column.is_not(None) & (column != "")


_COMPARISONS: dict[str, Callable[[Column, Any], Clause]] = {
    "eq": lambda column, value: column == value,
    "not_eq": lambda column, value: column != value,
    "lt": lambda column, value: column < value,
    "lteq": lambda column, value: column <= value,
    "gt": lambda column, value: column > value,
    "gteq": lambda column, value: column >= value,
}
_TEXT_MATCHES: dict[str, Callable[[Column, str], Clause]] = {
    "matches": _matches,
    "does_not_match": lambda column, text: ~_matches(column, text),
    "cont": _contains,
    "i_cont": _contains,
    "not_cont": lambda column, text: ~_contains(column, text),
    "not_i_cont": lambda column, text: ~_contains(column, text),
    "start": _starts,
    "not_start": lambda column, text: ~_starts(column, text),
    "end": _ends,
    "not_end": lambda column, text: ~_ends(column, text),
}
_MEMBERSHIPS: dict[str, Callable[[Column, list[Any]], Clause]] = {
    "in": lambda column, values: column.in_(values),
    "not_in": lambda column, values: column.not_in(values),
}
_STATES: dict[str, Callable[[Column], Clause]] = {
    "null": lambda column: column.is_(None),
    "not_null": lambda column: column.is_not(None),
    "present": _present,
    "blank": lambda column: ~_present(column),
}
# The longest first: `code_not_eq` must not be read as `code_not` with `eq`.
_PREDICATES = sorted([*_COMPARISONS, *_TEXT_MATCHES, *_MEMBERSHIPS, *_STATES], key=len, reverse=True)


def conditions(q: Mapping[str, Value]) -> list[Clause]:
    """The clauses that all must hold. Raises `Crash` where the real service crashes."""
    clauses = (_condition(key, value) for key, value in q.items())
    return [clause for clause in clauses if clause is not None]


def ordering(q: Mapping[str, Value]) -> list[ColumnElement[Any]]:
    """What to sort by: the sorts asked for, and in the end the id. Null counts as the greatest value."""
    found: list[ColumnElement[Any]] = []
    for text in _as_list(q.get("s", q.get("sorts", []))):
        name, _, direction = text.strip().partition(" ")
        column = _ATTRIBUTES.get(name)
        if column is not None:
            descending = direction.strip().lower() == "desc"
            found.append(column.desc().nulls_first() if descending else column.asc().nulls_last())
    return [*found, customers.c.id]


def _condition(key: str, value: Value) -> Clause | None:
    predicate = next((name for name in _PREDICATES if key.endswith("_" + name)), None)
    if predicate is None:
        return None
    names = key.removesuffix("_" + predicate)
    columns = [_ATTRIBUTES.get(name) for name in _JOIN.split(names)[::2]]
    known = [column for column in columns if column is not None]
    values = _sent_values(value)
    if len(known) != len(columns) or not values:
        return None
    clauses = [_clause(column, predicate, value, values) for column in known]
    joined = _JOIN.search(names)
    return _join(or_ if joined and joined[1] == "or" else and_, clauses)


def _clause(column: Column, predicate: str, value: Value, values: list[str]) -> Clause | None:
    if predicate in _STATES:
        return _state(column, _STATES[predicate], value)
    is_id = column is customers.c.id
    if predicate in _MEMBERSHIPS:
        return _MEMBERSHIPS[predicate](column, [to_i(text) for text in values] if is_id else values)
    if is_id:
        if predicate in _TEXT_MATCHES:
            raise Crash
        return None if isinstance(value, list) else _COMPARISONS[predicate](column, to_i(values[0]))
    text = values[0] if isinstance(value, str) else str(value)
    return (_TEXT_MATCHES.get(predicate) or _COMPARISONS[predicate])(column, text)


def _state(column: Column, holds: Callable[[Column], Clause], value: Value) -> Clause | None:
    flag = value.strip() if isinstance(value, str) else ""
    if flag not in _TRUE | _FALSE:
        return None
    return holds(column) if flag in _TRUE else ~holds(column)


def _join(operator: Callable[..., Clause], clauses: Iterable[Clause | None]) -> Clause | None:
    given = [clause for clause in clauses if clause is not None]
    return reduce(operator, given) if given else None


def _sent_values(value: Value) -> list[str]:
    """The values that are not blank. Ransack strips a plain value, and leaves list items as they are."""
    values = [value.strip()] if isinstance(value, str) else [item for item in value if item.strip()]
    if any("\0" in text for text in values):
        raise Crash
    return [text for text in values if text]


def _as_list(value: Value) -> list[str]:
    return [value] if isinstance(value, str) else value
