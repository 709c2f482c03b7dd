"""JSON:API documents of customers, from bytes to records.

Two ways lead to the same records. The fast one lets msgspec decode typed documents straight from the bytes; it
accepts an answer only when a count proves that no member was dropped on the way (JSON decoders keep the last of two
members of one name and say nothing). Everything else, an answer with members that we do not know included, takes the
careful way: one more member beside others is one more comma, and an object that may have no known member at all forbids
unknown ones.

Where nobody asks for addresses the fast way leaves their text unread, and what it counts there it counts on both sides.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import msgspec
from msgspec import UNSET

from custgraph.rest import careful
from custgraph.rest.amounts import is_amount
from custgraph.rest.commas import count_commas
from custgraph.rest.records import Address, Customer
from custgraph.rest.resources import (
    ListLinks,
    Many,
    One,
    Resource,
    Rows,
    decode_many,
    decode_many_brief,
    decode_one,
    decode_one_brief,
    decode_relationships,
)

_FAST_FAULTS: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)

# What one resource has when every address in it is null: members, and the commas between them.
_ROW_MEMBERS: Final = 21
_ROW_COMMAS: Final = 15
_ADDRESS_MEMBERS: Final = 11
_PLACE_MEMBERS: Final = 2

# What `meta` of a list has, its own name included.
_META_MEMBERS: Final = 6
_META_COMMAS: Final = 3

# Customers of one enterprise have the same text there, so the latest few are kept.
_MOST_RELATED: Final = 1024
_MOST_RELATED_BYTES: Final = 512

_WHITESPACE: Final = b" \t\r\n"


def decode_customer(body: bytes, brief: bool = False) -> Customer:
    """Decodes the answer of show, create, update and delete.

    Args:
        body: the answer's.
        brief: the caller does not look at addresses; one that is unsound may go unnoticed.

    Raises:
        BadDocument: it is not one customer's document.
    """
    tally = Tally()
    try:
        document: One[Any] = decode_one_brief(body) if brief else decode_one(body)
    except _FAST_FAULTS:
        return careful.read_customer(body)
    if not tally.add_rows([document.data], brief=brief):
        return careful.read_customer(body)
    tally.add_one(document)
    customer: Customer = document.data.attributes
    return customer if tally.agrees_with(body) else careful.read_customer(body)


def decode_rows(body: bytes, brief: bool = False) -> Rows:
    """Decodes the answer of a list.

    Args:
        body: the answer's.
        brief: the caller does not look at addresses; one that is unsound may go unnoticed.

    Raises:
        BadDocument: it is not a list's document. A bad row alone does not raise.
    """
    tally = Tally()
    try:
        document: Many[Any] = decode_many_brief(body) if brief else decode_many(body)
    except _FAST_FAULTS:
        return careful.read_rows(body)
    if not tally.add_rows(document.data, brief=brief):
        return careful.read_rows(body)
    tally.add_list(document)
    return _rows(document) if tally.agrees_with(body) else careful.read_rows(body)


def _rows(document: Many[Any]) -> Rows:
    """Gathers what a list's sound document says."""
    total = pages = None
    if document.meta is not UNSET:
        pagination = document.meta.pagination
        total, pages = pagination.results, pagination.pages
    return Rows([resource.attributes for resource in document.data], total, pages, sound=True)


class Tally:
    """Counts the members that a decoded document accounts for, and the commas.

    A member that was dropped, because its name came twice or is not known, leaves one more comma in the text and one
    more colon behind a quote than the document accounts for; nothing makes either number smaller.
    """

    def __init__(self) -> None:
        self.members = 0
        self.commas = 0
        self._unread: list[bytes] = []

    def add_rows(self, resources: list[Resource[Any]], *, brief: bool) -> bool:
        """Adds customers, whose addresses are unread if they are brief; says whether none contradicts itself."""
        for resource in resources:
            customer = resource.attributes
            if brief:
                self._add_unread(customer.billing_address)
                self._add_unread(customer.shipping_address)
            else:
                self._add_address(customer.billing_address)
                self._add_address(customer.shipping_address)
        return self._add_without_addresses(resources)

    def _add_address(self, address: Address | None) -> None:
        if address is not None:
            places = (address.region is not None) + (address.country is not None)
            self.members += _ADDRESS_MEMBERS + places * _PLACE_MEMBERS
            self.commas += _ADDRESS_MEMBERS - 1 + places * (_PLACE_MEMBERS - 1)

    def _add_unread(self, address: msgspec.Raw) -> None:
        text = bytes(address)
        self._unread.append(text)
        self.commas += count_commas(text)

    def _add_without_addresses(self, resources: list[Resource[Any]]) -> bool:
        members = len(resources) * _ROW_MEMBERS
        commas = len(resources) * _ROW_COMMAS
        related: dict[int, msgspec.Raw] = {}  # by enterprise: rows of one have the same text
        for resource in resources:
            customer = resource.attributes
            if resource.id != str(customer.id):
                return False
            enterprise_id = customer.enterprise_id
            relationships = resource.relationships
            if related.get(enterprise_id) != relationships:
                if not _relates(relationships, enterprise_id):
                    return False
                related[enterprise_id] = relationships
            tags = customer.tags
            if tags:
                commas += len(tags) - 1
            balance = customer.balance
            if balance is not UNSET:
                if not is_amount(balance):
                    return False
                members += 1
                commas += 1
        self.members += members
        self.commas += commas
        return True

    def add_one(self, document: One[Any]) -> None:
        """Adds what is around one customer."""
        others = (document.meta is not UNSET) + (document.links is not UNSET)
        self.members += 1 + others
        self.commas += others

    def add_list(self, document: Many[Any]) -> None:
        """Adds what is around the rows of a list."""
        self.members += 1
        self.commas += max(0, len(document.data) - 1)
        if document.meta is not UNSET:
            self.members += _META_MEMBERS
            self.commas += _META_COMMAS + 1
        if document.links is not UNSET:
            links = _links(document.links)
            self.members += links + 1
            self.commas += max(0, links - 1) + 1

    def agrees_with(self, body: bytes) -> bool:
        """Says whether the text has nothing more.

        Commas are counted first, being cheap; text with commas in its strings needs the second count: of the colons
        that follow a quote, whitespace aside, which are all those after names, and a few within strings.
        """
        if count_commas(body) == self.commas:
            return True
        return _names(body) == self.members + sum(map(_names, self._unread))


def _names(text: bytes) -> int:
    return text.translate(None, _WHITESPACE).count(b'":')


def _relates(relationships: msgspec.Raw, enterprise_id: int) -> bool:
    """Says whether these are a customer's relationships, and to this enterprise."""
    text = bytes(relationships)
    related = _related_id(text) if len(text) <= _MOST_RELATED_BYTES else _read_related_id(text)
    return related == str(enterprise_id)


def _read_related_id(relationships: bytes) -> str | None:
    """Reads the enterprise's id; None where these are not a customer's relationships."""
    try:
        return decode_relationships(relationships).enterprise.data.id
    except _FAST_FAULTS:
        return None


_related_id = lru_cache(_MOST_RELATED)(_read_related_id)


def _links(links: ListLinks) -> int:
    given = (links.this, links.first, links.prev, links.next, links.last)
    return len(given) - given.count(UNSET)
