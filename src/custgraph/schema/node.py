"""The interface of what Relay can fetch again."""

from __future__ import annotations

import strawberry


@strawberry.interface(description="An object that can be fetched again by its `nodeId` alone.")
class Node:
    """Implemented by `Customer` and `Enterprise`."""

    node_id: strawberry.ID = strawberry.field(
        description="Opaque, stable, and unique across all types: the identity that Relay's store wants."
    )
