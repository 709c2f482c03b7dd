"""Every abuse of `make attack` that takes no time, against a gateway on real sockets: refused, and nobody asked."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from custgraph import Settings, create_app
from custgraph.app import Gateway
from custgraph.embedded.service import EmbeddedService
from custgraph.http.server import Connection
from support.attacks.attack import Attack, make
from support.attacks.documents import all_documents
from support.attacks.floods import normal, worst_documents, worst_request
from support.attacks.requests import all_requests
from support.serving import serve

ATTACKS = [*all_requests(), *all_documents()]
Address = tuple[str, int]


@pytest.fixture(scope="module")
def app() -> Gateway:
    return create_app(Settings(embedded_memory=True, max_loop_lag=3600.0))  # a slow machine is no overload here


@pytest.fixture(scope="module")
def gateway(app: Gateway) -> Iterator[Address]:
    with serve(app, http=Connection, ws="none", proxy_headers=False, server_header=False) as origin:
        where = urlsplit(origin)
        yield str(where.hostname), where.port or 0


def test_there_are_as_many_as_there_were() -> None:
    """And each has a name of its own."""
    assert len({attack.name for attack in ATTACKS}) == len(ATTACKS) >= 185


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
async def test_it_is_refused(attack: Attack, app: Gateway, gateway: Address) -> None:
    service = app.service
    assert isinstance(service, EmbeddedService)
    with service.calls.record() as calls:
        reply = await make(attack, *gateway)
    assert attack.is_refused(reply), reply
    assert list(calls) == []


@pytest.mark.parametrize("name", worst_documents())
async def test_the_dearest_documents_are_taken(name: str, gateway: Address) -> None:
    """Else the flood of them would measure refusals."""
    reply = await make(Attack(name, worst_request(worst_documents()[name], 1), frozenset()), *gateway)
    assert reply.status == 200, reply


async def test_after_all_that_it_serves(gateway: Address) -> None:
    assert await normal(*gateway, 20) == 20
