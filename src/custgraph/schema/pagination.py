"""Pages as the Relay cursor connections specification has them: arguments in, cursors out."""

from __future__ import annotations

import operator
import re
from base64 import urlsafe_b64decode
from binascii import b2a_base64
from collections.abc import Sequence
from dataclasses import dataclass

from custgraph.errors import InvalidArgument
from custgraph.rest import Customer, CustomerPage

DEFAULT_SIZE = 50
MAX_SIZE = 200
_MAX_ID = 2**63 - 1
_CURSOR = re.compile(r"([1-9][0-9]{0,18})(?:@([0-9]{1,9}))?")


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in a list: just at the customer with this id.

    Attributes:
        id: the customer's id; the list is in the order of ids, so the place outlives the customer.
        offset: how many rows came before it when it was read; a hint, and only for an upstream that does not search.
    """

    id: int
    offset: int | None = None

    def encode(self) -> str:
        """Gives the opaque form."""
        return _opaque(self.id, self.offset)

    @classmethod
    def decode(cls, text: str, argument: str) -> Cursor:
        """Reads the opaque form.

        Raises:
            InvalidArgument: it was not made by `encode`.
        """
        try:
            match = _CURSOR.fullmatch(urlsafe_b64decode(text.encode()).decode())
        except ValueError:
            match = None
        if match is not None and int(match[1]) <= _MAX_ID:
            cursor = cls(int(match[1]), None if match[2] is None else int(match[2]))
            if cursor.encode() == text:
                return cursor
        raise InvalidArgument(f"`{argument}` is not a cursor of this list.", argument=argument)


@dataclass(frozen=True, slots=True)
class Window:
    """Which rows of a list are wanted: `size` of them from one end, between two cursors.

    Attributes:
        size: 1 to 200.
        backward: counts from the end (`last`) instead of the start (`first`).
        after: only rows behind this cursor.
        before: only rows ahead of this cursor.
    """

    size: int
    backward: bool = False
    after: Cursor | None = None
    before: Cursor | None = None

    @property
    def is_open(self) -> bool:
        """Whether it is cut from the whole list, by no cursor."""
        return self.after is None and self.before is None

    @classmethod
    def of(cls, first: int | None, after: str | None, last: int | None, before: str | None) -> Window:
        """Checks the four arguments of a connection.

        Raises:
            InvalidArgument: `first` and `last` together, a size out of bounds, or a cursor that is none of ours.
        """
        if first is not None and last is not None:
            raise InvalidArgument("Give `first` or `last`, not both.", argument="last")
        name, size = ("last", last) if last is not None else ("first", DEFAULT_SIZE if first is None else first)
        if not 1 <= size <= MAX_SIZE:
            raise InvalidArgument(f"`{name}` must be from 1 to {MAX_SIZE}.", argument=name)
        return cls(
            size,
            backward=last is not None,
            after=None if after is None else Cursor.decode(after, "after"),
            before=None if before is None else Cursor.decode(before, "before"),
        )


@dataclass(frozen=True, slots=True)
class Slice:
    """The rows of one window, in ascending order of id.

    Attributes:
        rows: the customers.
        has_next: whether the list goes on behind them.
        has_previous: whether the list starts ahead of them.
        total: how many rows the whole list has, where that is known without another call.
        offset: how many rows the list has ahead of the first one; known only from an upstream that does not search.
        bad_rows: how many rows were dropped as unusable.
    """

    rows: Sequence[Customer]
    has_next: bool
    has_previous: bool
    total: int | None = None
    offset: int | None = None
    bad_rows: int = 0

    def cursor(self, index: int) -> str:
        """Gives the cursor of one row."""
        return _opaque(self.rows[index].id, None if self.offset is None else self.offset + index)


def _opaque(id_: int, offset: int | None) -> str:
    """Writes a cursor; digits and `@` come out alike in both of base64's alphabets."""
    return b2a_base64(b"%d" % id_ if offset is None else b"%d@%d" % (id_, offset), newline=False).decode()


EMPTY = Slice((), has_next=False, has_previous=False)


def is_usable(page: CustomerPage, *, descending: bool = False) -> bool:
    """Says whether a page can be a part of a list in the order of ids: its rows are, and not all of them are bad."""
    ids = [row.id for row in page.rows]
    return all(map(operator.gt if descending else operator.lt, ids, ids[1:])) and bool(ids or not page.bad_rows)
