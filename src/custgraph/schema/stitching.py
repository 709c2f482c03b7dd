"""The query by which a stitching gateway asks for the schema in its dialect, as graphql-tools' handbook has it."""

from __future__ import annotations

from collections.abc import Callable

import strawberry

from custgraph.schema.definitions import derived, description_of


def self_describing(query: type, sdl: Callable[[], str]) -> type:
    """Adds `_sdl` to a query type.

    Args:
        query: the query type.
        sdl: prints the stitching dialect.
    """

    class Query(query):  # type: ignore[misc]
        """What stitching gateways can read, too."""

        sdl_: str = derived(lambda _root: sdl(), name="_sdl", description="The schema with stitching directives.")

    return strawberry.type(Query, description=description_of(query))
