"""A custgraph process that is listened in on from both sides, and gateways over it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from custgraph.embedded import create_service
from custgraph.embedded.sample import DEMO_TOKEN
from support.recorder import Heard, Recorder, proxy
from support.served import serving
from support.serving import serve

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Custgraph:
    """A custgraph process between two ears.

    Attributes:
        url: where gateways reach it.
        requests: what came in over GraphQL.
        calls: what it asked of the REST API.
    """

    url: str
    requests: list[Heard]
    calls: list[Heard]


@dataclass(frozen=True)
class Answer:
    """What a gateway answered, and what that cost.

    Attributes:
        body: the GraphQL response.
        requests: what custgraph was asked over GraphQL.
        calls: what custgraph asked of the REST API.
    """

    body: dict[str, Any]
    requests: list[Heard]
    calls: list[Heard]

    @property
    def data(self) -> Any:
        """The data of an answer without errors."""
        assert "errors" not in self.body, self.body["errors"]
        return self.body["data"]


@dataclass(frozen=True)
class Gateway:
    """A gateway over custgraph and its neighbours."""

    name: str
    url: str
    custgraph: Custgraph

    def ask(self, query: str, headers: Mapping[str, str] | None = None, **variables: Any) -> Answer:
        """Runs an operation, with the demo token unless headers are given."""
        self.custgraph.requests.clear()
        self.custgraph.calls.clear()
        answer = httpx.post(
            self.url,
            json={"query": query, "variables": variables},
            headers={"X-Api-Token": DEMO_TOKEN} if headers is None else headers,
            timeout=30,
        )
        return Answer(answer.json(), list(self.custgraph.requests), list(self.custgraph.calls))


@contextmanager
def open_custgraph(folder: Path) -> Iterator[Custgraph]:
    """Runs custgraph over an embedded service of its own."""
    upstream = Recorder(create_service(None))
    with ExitStack() as stack:
        api = stack.enter_context(serve(upstream))
        settings = {
            "upstream_url": f"{api}/api/v1",
            "introspection": "false",
            "stitching_sdl": "true",
            "batching": "true",
        }
        served = stack.enter_context(serving(folder, settings=settings))
        edge = Recorder(proxy(served.origin))
        url = stack.enter_context(serve(edge))
        yield Custgraph(f"{url}/graphql", edge.heard, upstream.heard)
