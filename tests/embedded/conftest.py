"""A service in memory, and clients of its callers."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from custgraph.embedded import create_service
from custgraph.embedded.service import EmbeddedService
from support.embedded import ClientFor, client_of


@pytest.fixture
async def service() -> AsyncIterator[EmbeddedService]:
    """A service in memory, with all of the contract."""
    service = create_service(None)
    yield service
    await service.aclose()


@pytest.fixture
async def client(service: EmbeddedService) -> AsyncIterator[httpx.AsyncClient]:
    """A client that manages every enterprise."""
    async with client_of(service, service.demo_token) as client:
        yield client


@pytest.fixture
def client_for(service: EmbeddedService) -> ClientFor:
    """Makes clients with other keys; None for an anonymous one."""
    return lambda token: client_of(service, token)
