"""A pass-through proxy on Starlette: bytes in, bytes out. No GraphQL; the floor of what its client costs."""

from __future__ import annotations

import contextlib
import os
from collections.abc import AsyncIterator

import aiohttp
import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

UPSTREAM = os.environ["UPSTREAM"]


def target_of(request: Request) -> str:
    query = request.url.query
    return UPSTREAM + request.url.path + (f"?{query}" if query else "")


async def over_aiohttp(request: Request) -> Response:
    headers = {"X-Api-Token": request.headers["x-api-token"]}
    async with request.app.state.client.get(target_of(request), headers=headers) as answer:
        return Response(await answer.read(), answer.status, media_type="application/json")


async def over_httpx(request: Request) -> Response:
    headers = {"X-Api-Token": request.headers["x-api-token"]}
    answer = await request.app.state.client.get(target_of(request), headers=headers)
    return Response(answer.content, answer.status_code, media_type="application/json")


CLIENTS = {"aiohttp": (aiohttp.ClientSession, over_aiohttp), "httpx": (httpx.AsyncClient, over_httpx)}
make_client, endpoint = CLIENTS[os.environ["CLIENT"]]


@contextlib.asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    async with make_client() as app.state.client:
        yield


app = Starlette(routes=[Route("/{path:path}", endpoint)], lifespan=lifespan)
