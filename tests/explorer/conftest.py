"""Gateways to visit and a browser to visit them with."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright
from starlette.applications import Starlette
from starlette.routing import Mount

from custgraph import Settings, create_app
from support.serving import serve

_QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
)


@pytest.fixture(scope="session")
def gateway() -> Iterator[str]:
    """The gateway over the embedded upstream."""
    with serve(create_app(Settings(embedded_memory=True))) as origin:
        yield origin


@pytest.fixture(scope="session")
def mounted_gateway() -> Iterator[str]:
    """The same within another application, under a path prefix."""
    inner = create_app(Settings(embedded_memory=True))
    outer = Starlette(routes=[Mount("/shop/api", inner)], lifespan=inner.router.lifespan_context)
    with serve(outer) as origin:
        yield f"{origin}/shop/api"


@pytest.fixture(scope="session")
def remote_gateway(gateway: str) -> Iterator[str]:
    """A gateway to a real upstream, of which there is no demo token: here, the first gateway's own /api/v1."""
    with serve(create_app(Settings(upstream_url=f"{gateway}/api/v1"))) as origin:
        yield origin


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Headless Chromium; each visit has a profile of its own. While it is there, no other event loop can run."""
    chromium = shutil.which("chromium")
    assert chromium is not None, "the explorer's tests need Chromium: scripts/install-system-packages chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=[*_QUIET])
        yield browser
        browser.close()
