"""custgraph: a GraphQL gateway over the Customers REST API v1 of Open Food Network."""

from __future__ import annotations

from typing import TYPE_CHECKING

__all__ = ["Settings", "__version__", "create_app"]
__version__ = "0.1.0"


if TYPE_CHECKING:
    from custgraph.app import create_app
    from custgraph.config import Settings
else:

    def __getattr__(name: str) -> object:
        """Imports what is asked for; the command's help and version need none of it."""
        if name == "create_app":
            from custgraph.app import create_app

            return create_app
        if name == "Settings":
            from custgraph.config import Settings

            return Settings
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
