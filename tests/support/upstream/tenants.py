"""Tenants of the fake: many callers with the same ids, each of whose texts carries its owner's marker."""

from __future__ import annotations

import copy
import re
from typing import Any

MARKER = re.compile(r"mk([0-9]{3})zq", re.IGNORECASE)
"""Finds the markers in a text; its group is the tenant's number."""

ENTERPRISES = (2, 3)
HIDDEN = 900
"""A customer that show gives and no list does."""

REFUSES_DELETE = 901
"""A customer with credit."""


class Tenant:
    """One caller: its token, its marker, its customers (the same ids for every tenant)."""

    def __init__(self, number: int, customers: int = 60) -> None:
        self.number = number
        self.marker = f"mk{number:03d}zq"
        self.token = f"key-{self.marker}-{number * 7919 + 104729:08x}"
        self.rows: dict[int, dict[str, Any]] = {}
        for id_ in (*range(1, customers + 1), HIDDEN, REFUSES_DELETE):
            self.rows[id_] = self.new_row(id_, ENTERPRISES[id_ % 2], f"c{id_}.{self.marker}@shop.test")
        self._next = 1000

    def new_row(self, id_: int, enterprise_id: int, email: str) -> dict[str, Any]:
        """The attributes of one customer, each text marked."""
        mark = self.marker
        return {
            "id": id_,
            "enterprise_id": enterprise_id,
            "first_name": f"First {mark}",
            "last_name": f"Last {mark}",
            "code": f"C{id_}-{mark}",
            "email": email,
            "allow_charges": False,
            "tags": [f"tag-{mark}"],
            "terms_and_conditions_accepted_at": "2022-03-12T15:55:00.000+11:00",
            "billing_address": None,
            "shipping_address": {
                "phone": f"0404 {mark}",
                "latitude": -37.8173751,
                "longitude": "144.964803195704",
                "first_name": f"First {mark}",
                "last_name": f"Last {mark}",
                "street_address_1": f"1 {mark} Street",
                "street_address_2": "",
                "postal_code": "3000",
                "locality": f"Town {mark}",
                "region": {"code": "Vic", "name": f"Victoria {mark}"},
                "country": {"code": "AU", "name": f"Australia {mark}"},
            },
        }

    def add(self, email: str, enterprise_id: int = ENTERPRISES[0]) -> int:
        """Adds a customer, unseen by the ledger, and gives its id."""
        self._next += 1
        self.rows[self._next] = self.new_row(self._next, enterprise_id, email)
        return self._next

    def find(self, email: str, enterprise_id: int) -> dict[str, Any] | None:
        """The customer with this pair, as create looks it up."""
        return next(
            (row for row in self.rows.values() if row["email"] == email and row["enterprise_id"] == enterprise_id), None
        )

    def copy_of(self, id_: int) -> dict[str, Any]:
        """A row to change without changing it here."""
        return copy.deepcopy(self.rows[id_])
