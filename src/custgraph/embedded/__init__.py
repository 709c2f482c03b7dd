"""A Customers service, REST API v1, in one process on SQLite. It imports nothing of the gateway.

It serves `GET|POST /customers`, `GET|PUT|DELETE /customers/{id}` and `GET /enterprises/{enterprise_id}/customers`,
either under `/api/v1` (when it is the whole application) or at the root of wherever it is mounted.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .service import EmbeddedService

__all__ = ["create_service"]


def create_service(
    path: Path | None, *, documented_only: bool = False, max_rows: int = 200, refuses_billing_address: bool = False
) -> EmbeddedService:
    """Makes the service; it opens its database at `startup()`, or else at the first request.

    Args:
        path: the SQLite file, created and filled with sample data where there is none yet; None keeps the data in
            memory, for as long as the service is open.
        documented_only: behaves as the published reference alone promises: no search, no `extra_fields`, no
            `include`, and PUT wants `enterprise_id` and `email`. Paging stays.
        max_rows: the most rows that a page holds, whatever `per_page` asks for. Like deployments that do this, the
            answer's `per_page` still says what was asked, while `pages` counts the pages that there are.
        refuses_billing_address: refuses an object for `billing_address`, as some deployments do.
    """
    # Its libraries take 0.2 s to import: only who serves it pays for them.
    from .behaviour import Behaviour
    from .service import EmbeddedService

    return EmbeddedService(path, Behaviour(documented_only, max_rows, refuses_billing_address))
