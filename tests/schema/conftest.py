"""The schema over an embedded service."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from custgraph.config import Settings
from custgraph.schema import build_blueprint
from custgraph.steps import Blueprint
from support.embedded import client_of
from support.operations import Gateway, open_gateway


@pytest.fixture(scope="session")
def blueprint() -> Blueprint:
    """A schema with everything in it that settings can switch on."""
    return build_blueprint(Settings(stitching_sdl=True))


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    """A gateway over a service of its own."""
    async with open_gateway() as gateway:
        yield gateway


@pytest.fixture
async def rest(gateway: Gateway) -> AsyncIterator[httpx.AsyncClient]:
    """A REST client of the same service."""
    async with client_of(gateway.service, gateway.service.demo_token) as client:
        yield client
