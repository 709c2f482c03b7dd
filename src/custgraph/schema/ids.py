"""Ids: the REST API's own, and the opaque `nodeId` that is unique across types."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode
from binascii import b2a_base64
from collections.abc import Sequence

from custgraph.errors import InvalidArgument

_NODE_ID = re.compile(r"(Customer|Enterprise):([1-9][0-9]{0,18})")
MAX_IDS = 200
MAX_DIGITS = 19


def parse_id(value: str, argument: str) -> int:
    """Reads a REST id, `[1-9][0-9]{0,18}` in ASCII, so that nothing else ever becomes a part of a URL.

    Raises:
        InvalidArgument: it is something else.
    """
    if value.isdigit() and value.isascii() and len(value) <= MAX_DIGITS and not value.startswith("0"):
        return int(value)
    raise InvalidArgument(f'`{argument}` must be a positive whole number, such as "12".', argument=argument)


def parse_ids(values: Sequence[str], argument: str) -> list[int]:
    """Reads at most 200 REST ids.

    Raises:
        InvalidArgument: one of them is wrong, or they are too many.
    """
    if len(values) > MAX_IDS:
        raise InvalidArgument(f"`{argument}` takes at most {MAX_IDS} ids.", argument=argument)
    return [parse_id(value, argument) for value in values]


def node_id(type_name: str, rest_id: int) -> str:
    """Makes the `nodeId` of one object; letters, digits and `:` come out alike in both of base64's alphabets."""
    return b2a_base64(b"%s:%d" % (type_name.encode(), rest_id), newline=False).decode()


def parse_node_id(value: str) -> tuple[str, int]:
    """Reads a `nodeId` into its type's name and REST id.

    Raises:
        InvalidArgument: it was not made by `node_id`.
    """
    try:
        match = _NODE_ID.fullmatch(urlsafe_b64decode(value.encode()).decode())
    except ValueError:
        match = None
    if match is None or node_id(match[1], int(match[2])) != value:
        raise InvalidArgument("`nodeId` was not given out by this API.", argument="nodeId")
    return match[1], int(match[2])
