"""GraphiQL for browsers: when the page comes, and how its assets do."""

from __future__ import annotations

import gzip
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount, Route

from custgraph.explorer import CONTENT_SECURITY_POLICY, Asset, Explorer
from support.asgi import Exchange
from support.edge import refusal, stage

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
SCRIPT = b"console.log('hello')\n" * 50
PLACE = '<meta name="custgraph:demo-token" content="{}" />'


def explorer() -> Explorer:
    asset = Asset("text/javascript; charset=utf-8", gzip.compress(SCRIPT))
    return Explorer(f"<html>{PLACE.format('')}</html>", {"app-1a2b.js": asset})


GUARDS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
}


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_a_browser_gets_the_page(method: Any) -> None:
    here = stage(explorer())
    response = await here.send(method, accept=BROWSER)
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["vary"] == "accept"
    assert GUARDS.items() <= dict(response.headers).items()
    assert response.headers["x-request-id"]
    assert response.text == (f"<html>{PLACE.format('')}</html>" if method == "GET" else "")
    assert here.engine.contexts == []


async def test_the_demo_token_is_filled_in() -> None:
    here = stage(explorer(), "a<demo>token")
    assert PLACE.format("a&lt;demo&gt;token") in (await here.send("GET", accept=BROWSER)).text


async def test_a_query_in_the_url_is_run_also_for_a_browser() -> None:
    response = await stage(explorer()).send("GET", "/graphql?query={hello}", accept=BROWSER)
    assert response.json() == {"data": {"hello": "Hello you!"}}


@pytest.mark.parametrize("accept", ["*/*", "application/json", "", "text/html;q=0.1, application/json"])
async def test_programs_get_no_page(accept: str) -> None:
    assert refusal(await stage(explorer()).send("GET", accept=accept))[:2] == (400, "BAD_REQUEST")


async def test_switched_off() -> None:
    here = stage(explorer(), graphiql=False)
    assert refusal(await here.send("GET", accept=BROWSER))[:2] == (400, "BAD_REQUEST")
    assert refusal(await here.send("GET", accept="text/html"))[:2] == (406, "NOT_ACCEPTABLE")
    asset = Exchange("GET", "/graphql/assets/app-1a2b.js")
    await asset.run(here.edge.assets)
    assert asset.status == 404


async def test_an_asset_is_kept_for_ever() -> None:
    exchange = Exchange("GET", "/graphql/assets/app-1a2b.js", ("accept-encoding", "gzip, br"))
    await exchange.run(stage(explorer()).edge.assets)
    assert exchange.status == 200
    assert exchange.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert exchange.headers["content-type"] == "text/javascript; charset=utf-8"
    assert (exchange.headers["content-encoding"], exchange.headers["vary"]) == ("gzip", "accept-encoding")
    assert GUARDS.items() <= exchange.headers.items()
    assert gzip.decompress(exchange.body) == SCRIPT


@pytest.mark.parametrize("encodings", [[], [("accept-encoding", "br")], [("accept-encoding", "gzip;q=0")]])
async def test_an_asset_without_gzip(encodings: list[tuple[str, str]]) -> None:
    exchange = Exchange("GET", "/graphql/assets/app-1a2b.js", *encodings)
    await exchange.run(stage(explorer()).edge.assets)
    assert "content-encoding" not in exchange.headers
    assert exchange.body == SCRIPT


@pytest.mark.parametrize(
    "path", ["/graphql/assets/", "/graphql/assets/none.js", "/graphql/assets/../app.js", "/graphql/assets/page.html"]
)
async def test_no_such_asset(path: str) -> None:
    exchange = Exchange("GET", path)
    await exchange.run(stage(explorer()).edge.assets)
    assert (exchange.status, exchange.headers["cache-control"]) == (404, "no-store")


async def test_assets_are_only_read() -> None:
    exchange = Exchange("POST", "/graphql/assets/app-1a2b.js")
    await exchange.run(stage(explorer()).edge.assets)
    assert (exchange.status, exchange.headers["allow"]) == (405, "GET, HEAD")


async def test_the_head_of_an_asset() -> None:
    exchange = Exchange("HEAD", "/graphql/assets/app-1a2b.js", ("accept-encoding", "gzip"))
    await exchange.run(stage(explorer()).edge.assets)
    assert (exchange.status, exchange.sent[1]["body"]) == (200, b"")
    assert int(exchange.headers["content-length"]) > 0


@pytest.mark.parametrize("prefix", ["", "/shop/api", "/graphql/assets"])
async def test_under_a_path_prefix(prefix: str) -> None:
    here = stage(explorer())
    inner = Starlette(routes=[Mount("/graphql/assets", here.edge.assets), Route("/graphql", here.edge)])
    app = Starlette(routes=[Mount(prefix, inner)]) if prefix else inner
    page = Exchange("GET", f"{prefix}/graphql", ("accept", BROWSER))
    page.sends(b"")
    await page.run(app)
    assert (page.status, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    asset = Exchange("GET", f"{prefix}/graphql/assets/app-1a2b.js")
    await asset.run(app)
    assert (asset.status, asset.body) == (200, SCRIPT)
