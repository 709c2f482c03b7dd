"""Services over ASGI, and clients of their callers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import httpx
import pytest

from custgraph.embedded import create_service
from custgraph.embedded.service import EmbeddedService

BASE_URL = "http://embedded/api/v1"
ClientOf = Callable[[str | None], httpx.AsyncClient]


def client_of(service: EmbeddedService, token: str | None) -> httpx.AsyncClient:
    """A client with this API key, or with none."""
    headers = {} if token is None else {"X-Api-Token": token}
    return httpx.AsyncClient(transport=httpx.ASGITransport(service), base_url=BASE_URL, headers=headers)


@pytest.fixture
async def service() -> AsyncIterator[EmbeddedService]:
    """A service in memory, all of the contract."""
    service = create_service(None)
    yield service
    await service.aclose()


@pytest.fixture
async def client(service: EmbeddedService) -> AsyncIterator[httpx.AsyncClient]:
    """A client that manages every enterprise."""
    async with client_of(service, service.demo_token) as client:
        yield client


@pytest.fixture
def client_for(service: EmbeddedService) -> ClientOf:
    """Makes clients with other keys; None for an anonymous one."""
    return lambda token: client_of(service, token)


@pytest.fixture
async def documented() -> AsyncIterator[httpx.AsyncClient]:
    """A client of a service that knows only the documented parameters."""
    service = create_service(None, documented_only=True)
    async with client_of(service, service.demo_token) as client:
        yield client
    await service.aclose()
