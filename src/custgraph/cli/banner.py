"""What `custgraph serve` prints once it serves."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from custgraph import __version__

if TYPE_CHECKING:
    from custgraph.app import Gateway

EXAMPLE = "{ customers(first: 3) { totalCount nodes { id firstName lastName email } } }"


def banner(origin: str, gateway: Gateway) -> str:
    """Says what is served and where, with a query to try."""
    settings = gateway.settings
    lines = [f"custgraph {__version__} serves GraphQL at {origin}/graphql", ""]
    if settings.graphiql:
        lines += ["Open that in a browser for GraphiQL, or try:", ""]
    else:
        lines += ["Try:", ""]
    lines.append(f"  curl {origin}/graphql -H 'Content-Type: application/json' \\")
    if settings.upstream_token is None:
        lines.append("    -H 'X-Api-Token: YOUR-KEY' \\")
    lines += [f"""    -d '{{"query": "{EXAMPLE}"}}'""", ""]
    if gateway.service is None:
        host = urlsplit(settings.upstream_url or "").hostname
        lines.append(f"Upstream    the Customers API at {host}")
    else:
        path = settings.embedded_path
        lines.append(f"Upstream    an embedded Customers service with sample data, {path or 'in memory'}")
        lines.append(f"            its REST API: {origin}/api/v1/customers")
        lines.append(f"Demo token  {gateway.demo_token}  (X-Api-Token; GraphQL takes it for callers that send none)")
    lines.append(f"Health      {origin}/livez  {origin}/readyz")
    if settings.metrics_port is not None:
        lines.append(f"Metrics     {origin.rpartition(':')[0]}:{settings.metrics_port}/metrics")
    if settings.root_path:
        lines.append(f"Prefix      {settings.root_path}, which the proxy in front has to strip")
    return "\n".join([*lines, ""])
