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


def create_service(path: Path | None, *, documented_only: bool = False) -> EmbeddedService:
    """Makes the service; it opens its database at `startup()`, or else at the first request.

    Args:
        path: the SQLite file, created and filled with sample data where there is none yet; None keeps the data in
            memory, for as long as the service is open.
        documented_only: behaves as the published reference alone promises: no search, no `extra_fields`, no
            `include`, and PUT wants `enterprise_id` and `email`. Paging stays.
    """
    from .service import EmbeddedService

    return EmbeddedService(path, documented_only=documented_only)
