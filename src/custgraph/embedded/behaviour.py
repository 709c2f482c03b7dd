"""How deployments of the service differ."""

from __future__ import annotations

from dataclasses import dataclass

MAX_PER_PAGE = 200


@dataclass(frozen=True)
class Behaviour:
    """One deployment's ways.

    Attributes:
        documented_only: no search, no `extra_fields`, no `include`; PUT wants `enterprise_id` and `email`.
        max_rows: the most rows that a page holds, whatever `per_page` asks for and `meta` then says.
        refuses_billing_address: an object for `billing_address` is a parameter not allowed.
    """

    documented_only: bool = False
    max_rows: int = MAX_PER_PAGE
    refuses_billing_address: bool = False
