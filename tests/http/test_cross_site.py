"""Pages of other origins: CORS, and forged requests where a cookie counts."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from support.edge import TOKEN, refusal, stage

SHOP = "https://shop.example"
EVIL = "https://evil.example"
COOKIE = "_ofn_session_id"
SESSION = f"{COOKIE}=a-session-id"


async def test_no_origin_may_read_by_default() -> None:
    here = stage()
    for response in (await here.post(origin=SHOP), await here.send("OPTIONS", origin=SHOP)):
        assert not [name for name in response.headers if name.startswith("access-control")]
        assert response.headers["vary"] == "accept"


@pytest.mark.parametrize("status", [200, 400])
async def test_an_allowed_origin_may_read(status: int) -> None:
    """Errors too, and the headers that tell of them."""
    here = stage(cors_origins=[SHOP])
    response = await here.post(b'{"query":"{hello}"}' if status == 200 else b"", origin=SHOP)
    assert response.status_code == status
    assert response.headers["access-control-allow-origin"] == SHOP
    assert response.headers["access-control-expose-headers"] == "allow, retry-after, x-request-id"
    assert response.headers["vary"] == "accept, origin"
    assert "access-control-allow-credentials" not in response.headers


SAME = [
    ("https://shop.example:443", SHOP),
    ("http://shop.example:80", "http://shop.example"),
    ("http://shop.example:443", "http://shop.example:443"),
    ("https://Shop.Example", SHOP),
    ("http://[::1]:3000", "http://[::1]:3000"),
]


@pytest.mark.parametrize(("setting", "origin"), SAME)
async def test_an_origin_is_known_as_browsers_say_it(setting: str, origin: str) -> None:
    response = await stage(cors_origins=[setting]).post(origin=origin)
    assert response.headers["access-control-allow-origin"] == origin


@pytest.mark.parametrize(
    "setting", ["https://shop.example?x", "https://a@shop.example", "https://*.shop.example", "null"]
)
def test_what_is_no_origin_stops_the_start(setting: str) -> None:
    with pytest.raises(ValidationError, match="is not an origin"):
        stage(cors_origins=[setting])


FOREIGN = [
    EVIL,
    "null",
    "*",
    "",
    "http://shop.example",
    "https://shop.example:8443",
    "https://shop.example.evil.example",
    "https://sub.shop.example",
    "https://shop.example/",
]


@pytest.mark.parametrize("origin", FOREIGN)
async def test_another_origin_may_not(origin: str) -> None:
    here = stage(cors_origins=[SHOP])
    for response in (
        await here.post(origin=origin),
        await here.send("OPTIONS", origin=origin, access_control_request_method="POST"),
    ):
        assert not [name for name in response.headers if name.startswith("access-control")]
        assert response.headers["vary"] == "accept, origin"


async def test_a_preflight() -> None:
    here = stage(cors_origins=["https://other.example", SHOP])
    response = await here.send(
        "OPTIONS", origin=SHOP, access_control_request_method="POST", access_control_request_headers="x-api-token"
    )
    assert response.status_code == 204
    assert response.headers["access-control-allow-origin"] == SHOP
    assert response.headers["access-control-allow-methods"] == "GET, HEAD, POST, OPTIONS"
    allowed = response.headers["access-control-allow-headers"].split(", ")
    assert {"x-api-token", "authorization", "content-type", "x-request-id", "graphql-require-preflight"} <= set(allowed)
    assert response.headers["access-control-max-age"] == "7200"
    assert here.engine.contexts == []


async def test_a_preflight_is_answered_while_all_else_is_shed() -> None:
    here = stage(cors_origins=[SHOP])
    here.edge.gate.drain()
    assert (await here.send("OPTIONS", origin=SHOP, access_control_request_method="POST")).status_code == 204


async def test_credentials_are_allowed_only_where_cookies_count() -> None:
    here = stage(cors_origins=[SHOP], session_cookie=COOKIE)
    response = await here.post(origin=SHOP, cookie=SESSION)
    assert (response.status_code, response.headers["access-control-allow-credentials"]) == (200, "true")


async def test_without_cookies_a_foreign_page_abuses_nothing() -> None:
    """It has no credential of its visitor; its request is an anonymous one, whose answer it cannot read."""
    here = stage()
    response = await here.send(
        "GET", "/graphql?query={hello}", origin=EVIL, sec_fetch_site="cross-site", cookie=SESSION
    )
    assert response.status_code == 200
    assert here.engine.contexts[-1].caller.credential is None


FORGED = {
    "another origin": {"origin": EVIL},
    "no origin at all": {"origin": "null"},
    "a longer name": {"origin": "https://gateway.evil.example"},
    "another port": {"origin": "http://gateway:81"},
    "another site, by fetch metadata": {"sec_fetch_site": "cross-site"},
    "an allowed name over HTTP": {"origin": "http://shop.example"},
}
PROOF = {"graphql_require_preflight": "1"}


@pytest.mark.parametrize("headers", FORGED.values(), ids=FORGED)
async def test_a_forged_request_with_the_cookie(headers: dict[str, str]) -> None:
    here = stage(session_cookie=COOKIE, cors_origins=[SHOP])
    for response in (
        await here.post(cookie=SESSION, **headers),
        await here.post(cookie=SESSION, **headers, **PROOF),
        await here.send("GET", "/graphql?query={hello}", cookie=SESSION, **headers, **PROOF),
    ):
        assert refusal(response)[:2] == (403, "CSRF_PREVENTED")
    assert here.engine.contexts == []


UNPROVEN = {
    "nothing": {},
    "a form": {"content_type": "application/x-www-form-urlencoded"},
    "plain text": {"content_type": "text/plain"},
    "from this site": {"sec_fetch_site": "same-site"},
    "typed in": {"sec_fetch_site": "none"},
}


@pytest.mark.parametrize("headers", UNPROVEN.values(), ids=UNPROVEN)
async def test_a_get_with_the_cookie_needs_what_no_page_can_send_unasked(headers: dict[str, str]) -> None:
    here = stage(session_cookie=COOKIE)
    response = await here.send("GET", "/graphql?query={hello}", cookie=SESSION, **headers)
    assert refusal(response)[:2] == (403, "CSRF_PREVENTED")
    assert here.engine.contexts == []


PROVEN = {
    "the header": {"graphql_require_preflight": "1"},
    "Apollo's header": {"apollo_require_preflight": "true"},
    "JSON as content type": {"content_type": "application/json"},
    "from this origin": {"origin": "http://gateway", **PROOF},
    "from this origin, behind TLS": {"origin": "https://gateway", **PROOF},
    "from an allowed origin": {"origin": SHOP, "sec_fetch_site": "cross-site", **PROOF},
}


@pytest.mark.parametrize("headers", PROVEN.values(), ids=PROVEN)
async def test_a_get_with_the_cookie_that_proves_itself(headers: dict[str, str]) -> None:
    here = stage(session_cookie=COOKIE, cors_origins=[SHOP])
    assert (await here.send("GET", "/graphql?query={hello}", cookie=SESSION, **headers)).status_code == 200


async def test_a_token_needs_no_proof_where_cookies_count() -> None:
    """No page can send one to another origin without asking first."""
    here = stage(session_cookie=COOKIE)
    response = await here.send("GET", "/graphql?query={hello}", x_api_token=TOKEN, origin=EVIL)
    assert response.status_code == 200
