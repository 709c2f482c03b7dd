"""The edge: GraphQL over HTTP. Knows nothing of customers.

```
server/           HTTP/1.1 connections under uvicorn, strict and within limits
edge              the application: ASGI, or a whole request straight from a connection of server/
asgi              reads a request from ASGI within limits, sends its answer, watches for the client to go
handler           the core: a whole request in, a whole answer out (messages has both)
├ fields          header fields by name
├ callers         request id, credential, what else may travel upstream
├ accept          Accept with weights
├ content_type    what a body may be
├ cross_site      CSRF and CORS
├ decoding        bodies and query strings to GraphQL requests
│ └ json_bodies   strict JSON at speed
├ runner          runs operations, arrays of them too; a write outlives its client
│ └ gate          shedding and draining
├ answers         status by media type, headers, errors
└ refusals        every reason to turn a request away
explorer_page     GraphiQL's page and assets
health            /livez, /readyz
```

`GraphQLEdge(engine, make_context, settings, explorer, demo_token)` is all that an application wires: it is the ASGI
application for `/graphql`, and has `assets`, `livez` and `readyz` for their paths.
"""

from __future__ import annotations

from custgraph.http.edge import GraphQLEdge
from custgraph.http.gate import Gate
from custgraph.http.runner import RequestContext

__all__ = ["Gate", "GraphQLEdge", "RequestContext"]
