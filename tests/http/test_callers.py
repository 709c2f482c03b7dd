"""Which credential travels upstream, and what else of a request."""

from __future__ import annotations

import re

import httpx
import pytest
from pydantic import SecretStr

from custgraph.http.callers import RequestIds
from support.edge import TOKEN, Stage, refusal, stage

COOKIE = "_ofn_session_id"
BODY = b'{"query":"{hello}"}'
JSON = ("content-type", "application/json")


async def post(here: Stage, *headers: tuple[str, str | bytes]) -> httpx.Response:
    """Posts a query with these header lines, as they are."""
    lines = [(name.encode(), value.encode() if isinstance(value, str) else value) for name, value in (JSON, *headers)]
    async with here.client as client:
        return await client.post("/graphql", content=BODY, headers=lines)


def secret(here: Stage) -> tuple[str, str] | None:
    """Scheme and secret of the credential that the last context was made with."""
    credential = here.engine.contexts[-1].caller.credential
    return (credential.scheme, credential.secret) if credential is not None else None


@pytest.mark.parametrize("token", [TOKEN, "!" * 8, "~" * 256, 'a"b\\c,;d='])
@pytest.mark.parametrize("header", ["X-Api-Token", "Authorization"])
async def test_a_token(token: str, header: str) -> None:
    here = stage()
    value = token if header == "X-Api-Token" else f"bEaReR  {token} "
    assert (await post(here, (header, value))).status_code == 200
    assert secret(here) == ("token", token)


async def test_no_credential_is_left_to_the_schema() -> None:
    """Introspection and GraphiQL work without one."""
    here = stage()
    assert (await post(here)).status_code == 200
    assert secret(here) is None


async def test_the_service_token_stands_in() -> None:
    here = stage(upstream_token=SecretStr("the-service-token"))
    await post(here)
    assert secret(here) == ("token", "the-service-token")
    await post(here, ("X-Api-Token", TOKEN))
    assert secret(here) == ("token", TOKEN)


NO_CREDENTIAL: dict[str, bytes] = {
    "empty": b"",
    "short": b"1234567",
    "long": b"x" * 257,
    "a blank in it": b"token of mine",
    "a tab in it": b"token\tofmine",
    "NUL": b"token\0ofmine",
    "a line end": b"tokenofmine\r\nX-Evil: 1",
    "DEL": b"token\x7fofmine",
    "Latin-1": "tökenofmine".encode("latin-1"),
    "UTF-8": "tökenofmine".encode(),
}


@pytest.mark.parametrize("value", NO_CREDENTIAL.values(), ids=NO_CREDENTIAL)
@pytest.mark.parametrize("prefix", [b"", b"Bearer "], ids=["X-Api-Token", "Authorization"])
async def test_what_cannot_be_a_credential(value: bytes, prefix: bytes) -> None:
    """It is refused before anything is called, though a service token is there."""
    here = stage(upstream_token=SecretStr("the-service-token"))
    response = await post(here, ("Authorization" if prefix else "X-Api-Token", prefix + value))
    assert refusal(response)[:2] == (401, "UNAUTHENTICATED")
    assert response.headers["www-authenticate"] == "Bearer"
    assert here.engine.contexts == []


@pytest.mark.parametrize("value", ["Basic dXNlcjpwYXNzd29yZA==", "Token abcdefgh", "Bearer", TOKEN])
async def test_other_schemes(value: str) -> None:
    here = stage()
    assert refusal(await post(here, ("Authorization", value)))[:2] == (401, "UNAUTHENTICATED")
    assert here.engine.contexts == []


TWO = {
    "header and bearer": [("X-Api-Token", TOKEN), ("Authorization", "Bearer another-token")],
    "the same in both": [("X-Api-Token", TOKEN), ("Authorization", f"Bearer {TOKEN}")],
    "header twice": [("X-Api-Token", TOKEN), ("X-Api-Token", "another-token")],
    "the same twice": [("X-Api-Token", TOKEN), ("x-api-token", TOKEN)],
    "bearer twice": [("Authorization", f"Bearer {TOKEN}"), ("Authorization", f"Bearer {TOKEN}")],
    "header and cookie": [("X-Api-Token", TOKEN), ("Cookie", f"{COOKIE}=a-session-id")],
    "bearer and cookie": [("Authorization", f"Bearer {TOKEN}"), ("Cookie", f"{COOKIE}=a-session-id")],
    "cookie twice": [("Cookie", f"{COOKIE}=a-session-id; x=1; {COOKIE}=a-session-id")],
    "cookie in two headers": [("Cookie", f"{COOKIE}=a-session-id"), ("Cookie", f"{COOKIE}=another-id")],
}


@pytest.mark.parametrize("headers", TWO.values(), ids=TWO)
async def test_two_credentials(headers: list[tuple[str, str]]) -> None:
    here = stage(session_cookie=COOKIE)
    assert refusal(await post(here, *headers))[:2] == (400, "BAD_REQUEST")
    assert here.engine.contexts == []


COOKIES = {
    f"{COOKIE}=a-session-id": ("cookie", "a-session-id"),
    f"a=b; {COOKIE}=a-session-id; c": ("cookie", "a-session-id"),
    f"{COOKIE}=with=equals=signs": ("cookie", "with=equals=signs"),
    f"x{COOKIE}=a-session-id": None,
    f"{COOKIE}x=a-session-id": None,
    f"{COOKIE.upper()}=a-session-id": None,
    "a=b": None,
    "": None,
}


@pytest.mark.parametrize(("cookie", "credential"), COOKIES.items())
async def test_the_session_cookie(cookie: str, credential: tuple[str, str] | None) -> None:
    here = stage(session_cookie=COOKIE)
    assert (await post(here, ("Cookie", cookie))).status_code == 200
    assert secret(here) == credential


async def test_a_session_cookie_that_cannot_be_one() -> None:
    here = stage(session_cookie=COOKIE)
    assert refusal(await post(here, ("Cookie", f"{COOKIE}=short")))[:2] == (401, "UNAUTHENTICATED")


async def test_cookies_mean_nothing_by_default() -> None:
    here = stage()
    await post(here, ("Cookie", f"{COOKIE}=a-session-id; {COOKIE}=b-session-id"))
    assert secret(here) is None


TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
TRAVELS = [
    ("traceparent", TRACE, TRACE),
    ("traceparent", TRACE.upper(), None),
    ("traceparent", f"{TRACE}-x", None),
    ("traceparent", TRACE.replace("00-4", "ff-4"), None),
    ("traceparent", f"00-{'0' * 32}-00f067aa0ba902b7-01", None),
    ("traceparent", f"00-4bf92f3577b34da6a3ce929d0e0e4736-{'0' * 16}-01", None),
    ("accept-language", "en-AU,en;q=0.9,*;q=0.1", "en-AU,en;q=0.9,*;q=0.1"),
    ("accept-language", "en, de", None),
    ("accept-language", "x" * 65, None),
]


@pytest.mark.parametrize(("header", "value", "kept"), TRAVELS)
async def test_what_else_may_travel(header: str, value: str, kept: str | None) -> None:
    """A header that is not sound is left out; that is no reason to refuse a request."""
    here = stage()
    assert (await post(here, (header, value))).status_code == 200
    assert getattr(here.engine.contexts[-1].caller, header.replace("-", "_")) == kept


REQUEST_IDS = ["a", "A-z_9", "x" * 64]
NO_REQUEST_IDS = ["", "x" * 65, "a b", "a.b", "é", "\N{DIGIT ONE}\N{FULLWIDTH DIGIT ONE}", "a\nb"]


@pytest.mark.parametrize("request_id", REQUEST_IDS)
async def test_a_request_id_is_kept(request_id: str) -> None:
    here = stage()
    assert (await post(here, ("X-Request-Id", request_id))).headers["x-request-id"] == request_id
    assert here.engine.contexts[-1].caller.request_id == request_id


@pytest.mark.parametrize("request_id", NO_REQUEST_IDS)
def test_a_request_id_is_made(request_id: str) -> None:
    assert re.fullmatch("[0-9a-f]{32}", RequestIds().take(request_id.encode()))


def test_request_ids_differ() -> None:
    ids = RequestIds()
    assert len({ids.take(None) for _ in range(1000)}) == 1000


async def test_a_request_id_that_came_twice() -> None:
    here = stage()
    assert refusal(await post(here, ("X-Request-Id", "a"), ("X-Request-Id", "b")))[:2] == (400, "BAD_REQUEST")


@pytest.mark.parametrize("headers", [[], [("GraphQL-Report-Cost", "1")]])
async def test_the_cost_is_told_when_asked_for(headers: list[tuple[str, str]]) -> None:
    here = stage()
    await post(here, *headers)
    assert here.engine.contexts[-1].wants_cost is bool(headers)
