"""Records of what is known by id alone."""

from __future__ import annotations

import msgspec


class EnterpriseReference(msgspec.Struct, frozen=True, gc=False):
    """An enterprise, without asking whether it exists.

    Attributes:
        id: its REST id.
        customer_id: a customer of it, through whom its name can be read; None where none is known.
    """

    id: int
    customer_id: int | None = None
